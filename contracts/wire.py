"""CloudEvents 1.0 in Kafka's binary mode: attributes in `ce_` headers, the fact's JSON as the value."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from .facts import FACTS, Envelope, Fact
from .personal import Opener

Headers = list[tuple[str, bytes]]
_ALWAYS = [("ce_specversion", "1.0"), ("content-type", "application/json")]
_NAMES = [(field, f"ce_{field}") for field in Envelope.model_fields]


class Undecodable(Exception):
    """The message is not one that this code can read; the reason says why."""


def attributes_of(envelope: Envelope) -> list[tuple[str, str]]:
    """The envelope as names and texts of headers."""
    told = envelope.__dict__
    texts = [(name, told[field]) for field, name in _NAMES if told[field] != ""]
    return [*_ALWAYS, *((name, text if type(text) is str else _text(text)) for name, text in texts)]


def _text(value: datetime | int) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)


def headers_of(envelope: Envelope) -> Headers:
    """The envelope as Kafka headers, UTF-8."""
    return [(name, text.encode()) for name, text in attributes_of(envelope)]


def envelope_of(headers: Iterable[tuple[str, bytes | None]]) -> Envelope:
    """The envelope from Kafka headers; raises Undecodable when an attribute is missing, not UTF-8, or told twice
    differently."""
    found: dict[str, Any] = {}
    for name, value in headers:
        if name.startswith("ce_") and value is not None:
            try:
                text = value.decode()
            except UnicodeDecodeError as error:
                raise Undecodable(f"header {name} is not UTF-8") from error
            if found.setdefault(name[3:], text) != text:
                raise Undecodable(f"header {name} stands there twice and differs")
    if found.pop("specversion", None) != "1.0":
        raise Undecodable("ce_specversion is not 1.0")
    try:
        return Envelope.model_validate(found)
    except ValidationError as error:
        raise Undecodable(f"envelope: {_faults(error)}") from error


def fact_of(type_name: str, value: bytes | None, opener: Opener) -> Fact | None:
    """The fact of a message, or None when its type is not one of ours; raises Undecodable when it is and cannot be
    read.

    Sealed personal data stays sealed until somebody reveals it with `opener`.
    """
    model = FACTS.get(type_name)
    if model is None:
        return None
    try:
        return model.model_validate(json.loads(value or b""), context={"opener": opener})
    except ValidationError as error:
        raise Undecodable(f"{type_name}: {_faults(error)}") from error
    except (ValueError, RecursionError) as error:
        raise Undecodable(f"{type_name}: not JSON") from error


def _faults(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)[:5])
