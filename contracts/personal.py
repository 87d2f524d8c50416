"""Personal data has a type: masked wherever it is shown, sealed wherever it is kept or sent.

A value is *plain* (typed in by somebody) or *sealed* (ciphertext from a document or an event, opened on `reveal`).
`str()`, `repr()` and JSON show the mask. The ciphers live in the chassis; a subscriber without the keys keeps the
sealed text.
"""

import re
from collections.abc import Callable
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

Opener = Callable[[str], str]
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")  # all but tab and line feed
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
"""As mail headers carry it (RFC 5322, dot-atom); a domain in other letters is written as xn--…"""


class Personal:
    """A piece of personal data. In events it travels as sealed text `<key id>.<base64url>`; HTTP shows its mask."""

    __slots__ = ("_opener", "_plain", "sealed")
    max_length: ClassVar[int] = 500
    example: ClassVar[str] = ""

    def __init__(self, plain: str | None, sealed: str | None = None, opener: Opener | None = None) -> None:
        self._plain = plain
        self.sealed = sealed
        self._opener = opener

    def reveal(self) -> str:
        """The value in clear. Callers at an HTTP door need a scope for it and leave an audit record."""
        if self._plain is None:
            if self._opener is None or self.sealed is None:
                raise ValueError("sealed value without a key to open it")
            self._plain = self._opener(self.sealed)
        return self._plain

    @staticmethod
    def mask(plain: str) -> str:
        """What may be shown of it."""
        return "***" if plain else ""

    def __str__(self) -> str:
        return self.mask(self.reveal()) if self._opener or self._plain is not None else "***"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Personal):
            return False
        return (self.sealed is not None and self.sealed == other.sealed) or self.reveal() == other.reveal()

    def __hash__(self) -> int:
        return hash(self.reveal())

    @classmethod
    def _read(cls, value: Any, info: ValidationInfo) -> Self:
        if type(value) is cls:
            return value
        if isinstance(value, Personal):
            return cls(value._plain, value.sealed, value._opener)
        if not isinstance(value, str):
            raise ValueError("must be text")
        context: dict[str, Any] = info.context or {}
        if "opener" in context:
            return cls(None, value, context["opener"])
        text = value.strip()
        if not text or len(text) > cls.max_length or _CONTROL.search(text):
            raise ValueError(f"must be 1 to {cls.max_length} printable characters")
        return cls(cls.cleaned(text))

    @classmethod
    def cleaned(cls, text: str) -> str:
        """The value as it is kept; raises ValueError for what cannot be one."""
        return text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            cls._read,
            serialization=core_schema.plain_serializer_function_ser_schema(_shown, info_arg=True),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "minLength": 1, "maxLength": cls.max_length, "title": cls.__name__}


def _shown(value: Any, info: core_schema.SerializationInfo) -> Any:
    """Itself for Python; in JSON the sealed text for an event (the context has a `sealer`), and the mask for
    everybody else."""
    if info.mode != "json":
        return value
    context: dict[str, Any] = info.context or {}
    return context["sealer"](value) if "sealer" in context else str(value)


class PersonName(Personal):
    """A natural person's name; the mask keeps the first character."""

    max_length = 80
    example = "李明"

    @staticmethod
    def mask(plain: str) -> str:
        return plain[:1] + "**"


class IdentityNumber(Personal):
    """A resident identity card, passport or similar number; the mask keeps three and four characters."""

    max_length = 40
    example = "440301199001011234"

    @staticmethod
    def mask(plain: str) -> str:
        return f"{plain[:3]}{'*' * (len(plain) - 7)}{plain[-4:]}" if len(plain) > 10 else "*" * len(plain)


class PhoneNumber(Personal):
    """A telephone number; the mask keeps three and four digits."""

    max_length = 40
    example = "13800138000"

    @staticmethod
    def mask(plain: str) -> str:
        return f"{plain[:3]}****{plain[-4:]}" if len(plain) > 8 else "****"


class EmailAddress(Personal):
    """An e-mail address in ASCII, as mail carries it; the mask keeps one letter and the domain."""

    max_length = 254
    example = "li.ming@example.com"

    @staticmethod
    def mask(plain: str) -> str:
        name, _, domain = plain.partition("@")
        return f"{name[:1]}***@{domain}"

    @classmethod
    def cleaned(cls, text: str) -> str:
        if not _ADDRESS.fullmatch(text):
            raise ValueError("must be one e-mail address such as name@example.com")
        return text


class PostalAddress(Personal):
    """A natural person's address."""

    max_length = 300
    example = "深圳市福田区深南大道 1000 号"

    @staticmethod
    def mask(plain: str) -> str:
        return plain[:3] + "***"


class BankAccount(Personal):
    """A bank account or card number; the mask keeps four digits."""

    max_length = 40
    example = "6222020200012345678"

    @staticmethod
    def mask(plain: str) -> str:
        return f"****{plain[-4:]}"
