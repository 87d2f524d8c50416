"""Types as JSON and ISO 8601 write them, and nothing that could be taken for them.

pydantic takes "5" or true for a number, "yes" for a truth value, and 0 for the first of January 1970. What the API's
page calls bad input is refused instead.
"""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticKnownError

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*")


def written_as_date(value: Any) -> Any:
    """Refuse what is no date of ISO 8601; whether the day exists is pydantic's to say."""
    if (isinstance(value, str) and not _DATE.fullmatch(value)) or isinstance(value, int | float):
        raise PydanticKnownError("date_type")
    return value


def written_as_instant(value: Any) -> Any:
    """Refuse what is no instant of ISO 8601."""
    if (isinstance(value, str) and not _INSTANT.fullmatch(value)) or isinstance(value, int | float):
        raise PydanticKnownError("datetime_type")
    return value


def written_as_flag(value: Any) -> Any:
    """Refuse what is neither true nor false."""
    if value not in ("true", "false", True, False) or (isinstance(value, int) and not isinstance(value, bool)):
        raise PydanticKnownError("bool_type")
    return value


AS_WRITTEN = BeforeValidator(written_as_date)
"""For a date in a query with bounds: stands behind them, or they are not seen in the date's schema."""
Day = Annotated[date, AS_WRITTEN]
"""A date in a query or a form, where there is no body that sees to it."""
Flag = Annotated[bool, BeforeValidator(written_as_flag)]
"""Likewise, `true` or `false`."""
_WRITTEN = {"date": written_as_date, "datetime": written_as_instant}
_STRICT = {"int", "float", "bool", "str"}
_NO_SCHEMAS = {"metadata", "serialization", "default", "function"}


def exact(schema: Any) -> Any:
    """A core schema of pydantic, with every number, truth value, text, date and instant in it taken as written."""
    if isinstance(schema, list):
        return [exact(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if kind == "function-before" and schema["function"].get("function") in _WRITTEN.values():
        return schema
    told = {key: part if key in _NO_SCHEMAS else exact(part) for key, part in schema.items()}
    if kind in _STRICT:
        return told | {"strict": True}
    if kind in _WRITTEN:
        return {"type": "function-before", "function": {"type": "no-info", "function": _WRITTEN[kind]}, "schema": told}
    return told
