"""Field encryption: AES-256-GCM with key ids, and a keyed hash for exact look-up.

Promises: a value is readable only with the key that its key id names; a changed byte is refused; equal values give
different
ciphertexts. Does not promise: protection from somebody who holds the key file, nor hiding the length of a value.
"""

import base64
import hmac
import json
import os
from functools import cache
from inspect import isclass
from pathlib import Path
from typing import Any, get_args

from bson.binary import Binary
from bson.codec_options import TypeCodec, TypeEncoder, TypeRegistry
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel

from contracts import personal

SUBTYPE = 0x80
_NONCE = 12


class UnknownKey(Exception):
    """A sealed value names a key that this process was not given."""


class Keyring:
    """Seals and opens text. Keys are 32 bytes each, by id; `current` seals, all open."""

    def __init__(self, current: str, keys: dict[str, bytes], hash_key: bytes) -> None:
        self.current = current
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._hash_key = hash_key

    @classmethod
    def load(cls, folder: Path) -> "Keyring":
        """From `field-keys.json`: {"current": id, "keys": {id: base64}, "hash": base64}."""
        told = json.loads((folder / "field-keys.json").read_text())
        keys = {key_id: base64.b64decode(text) for key_id, text in told["keys"].items()}
        return cls(told["current"], keys, base64.b64decode(told["hash"]))

    def seal(self, plain: str) -> str:
        """`<key id>.<base64url(nonce + ciphertext)>`, sealed with the current key."""
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._ciphers[self.current].encrypt(nonce, plain.encode(), self.current.encode())
        return f"{self.current}.{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str) -> str:
        """The text; raises UnknownKey, or cryptography's InvalidTag for a changed value."""
        key_id, _, text = sealed.partition(".")
        if key_id not in self._ciphers:
            raise UnknownKey(key_id)
        raw = base64.urlsafe_b64decode(text)
        return self._ciphers[key_id].decrypt(raw[:_NONCE], raw[_NONCE:], key_id.encode()).decode()

    def seal_bytes(self, plain: bytes) -> bytes:
        """`<key id>.<nonce + ciphertext>`, sealed with the current key: for files."""
        nonce = os.urandom(_NONCE)
        key_id = self.current.encode()
        return key_id + b"." + nonce + self._ciphers[self.current].encrypt(nonce, plain, key_id)

    def open_bytes(self, sealed: bytes) -> bytes:
        """The bytes; raises UnknownKey, or cryptography's InvalidTag for a changed value."""
        key_id, _, raw = sealed.partition(b".")
        cipher = self._ciphers.get(key_id.decode(errors="replace"))
        if cipher is None:
            raise UnknownKey(key_id)
        return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], key_id)

    def sealed(self, value: personal.Personal) -> str:
        """The sealed text of a personal value, made once: a document and the event that tells of it carry the same.

        What an older key sealed is sealed anew, so that nothing new carries that key.
        """
        value.sealed = self.seal(value.reveal()) if value.sealed is None else self.renewed(value.sealed)
        return value.sealed

    def is_older(self, key_id: str) -> bool:
        """Whether this names a key of ours that no longer seals."""
        return key_id != self.current and key_id in self._ciphers

    def renewed(self, text: str) -> str:
        """A sealed text, sealed with the current key; what is so already, or is no sealed text of ours, stays."""
        if not self.is_older(text.partition(".")[0]):
            return text
        try:
            return self.seal(self.open(text))
        except (InvalidTag, ValueError):
            return text

    def fingerprint(self, plain: str) -> str:
        """A keyed hash (HMAC-SHA-256, hex) to find equal values without opening them."""
        return hmac.digest(self._hash_key, plain.encode(), "sha256").hex()

    def type_registry(self, *, reading: bool = True) -> TypeRegistry:
        """BSON codecs: dates as ISO text, personal data as sealed binary; without `reading` that is left as binary."""
        return TypeRegistry([_DateEncoder(), *(_codec(kind, self, reading=reading) for kind in _kinds())])


@cache
def may_hold_personal(kind: Any) -> bool:
    """Whether values of a type may have personal data in them, at any depth."""
    if isclass(kind) and issubclass(kind, BaseModel):
        return any(may_hold_personal(field.annotation) for field in kind.model_fields.values())
    return (
        kind is Any
        or (isclass(kind) and issubclass(kind, personal.Personal))
        or any(map(may_hold_personal, get_args(kind)))
    )


def _kinds() -> list[type[personal.Personal]]:
    return [personal.Personal, *personal.Personal.__subclasses__()]


class _DateEncoder(TypeEncoder):
    """BSON has no calendar date; ISO text sorts like one."""

    @property
    def python_type(self) -> type:
        import datetime

        return datetime.date

    def transform_python(self, value: Any) -> Any:
        return value.isoformat()


class _Sealing(TypeEncoder):
    """Writes personal data of one type sealed."""

    def __init__(self, kind: type[personal.Personal], ring: Keyring) -> None:
        self._kind, self._ring = kind, ring

    @property
    def python_type(self) -> type:
        return self._kind

    def transform_python(self, value: Any) -> Any:
        return Binary(self._ring.sealed(value).encode(), SUBTYPE)


class _SealingAndOpening(_Sealing, TypeCodec):
    """Reads what is sealed, too: opened when somebody looks at it."""

    @property
    def bson_type(self) -> type:
        return Binary

    def transform_bson(self, value: Any) -> Any:
        if value.subtype != SUBTYPE:
            return value
        return personal.Personal(None, bytes(value).decode(), self._ring.open)


def _codec(kind: type[personal.Personal], ring: Keyring, *, reading: bool) -> TypeEncoder:
    return (_SealingAndOpening if reading and kind is personal.Personal else _Sealing)(kind, ring)
