"""Lists by pages: opaque keyset cursors, at most 200 things a page, sorted by a named field and the id.

Promises: whatever stands still while a list is read page by page is seen exactly once, also where the field is empty
(MongoDB sorts nothing before something). Does not promise a picture of one moment, nor a count.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import bson
import bson.errors
from pydantic import BaseModel

from chassis.refusals import Fault, Invalid

MOST = 200
V = TypeVar("V")
W = TypeVar("W")


class BadCursor(Invalid):
    """The cursor is not one that this list gave out."""

    rule = "SYS-006"
    zh = "分页游标无效"
    en = "The cursor is not one that this list gave out"
    todo_zh = "请去掉 cursor 从第一页重新查询"
    todo_en = "Leave out `cursor` to start at the first page"

    def __init__(self) -> None:
        super().__init__([Fault("/query/cursor", "分页游标无效", "not a cursor of this list")])


@dataclass(frozen=True)
class Listing:
    """Which page: how many, after which cursor, sorted by which field (`-` in front: descending)."""

    limit: int = 50
    cursor: str | None = None
    sort: str = "-id"

    @property
    def field(self) -> str:
        name = self.sort.removeprefix("-")
        return "_id" if name == "id" else name

    @property
    def direction(self) -> int:
        return -1 if self.sort.startswith("-") else 1

    def after(self) -> dict[str, Any]:
        """The MongoDB condition for what comes after the cursor; empty for the first page."""
        if not self.cursor:
            return {}
        value, last = _decoded(self.cursor, self.sort)
        beyond = "$lt" if self.direction < 0 else "$gt"
        if self.field == "_id":
            return {"_id": {beyond: last}}
        beyond_value: list[dict[str, Any]] = [{self.field: {beyond: value}}]
        if value is None:  # comparisons leave out what is empty
            beyond_value = [{self.field: {"$ne": None}}] if self.direction > 0 else []
        elif self.direction < 0:
            beyond_value.append({self.field: None})
        return {"$or": [*beyond_value, {self.field: value, "_id": {beyond: last}}]}

    def next_after(self, document: dict[str, Any]) -> str:
        """The cursor of the page that starts after this document."""
        value: Any = document
        for part in self.field.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, datetime):
            value = {"at": value.isoformat()}
        text = json.dumps([self.sort, value if self.field != "_id" else None, document["_id"]])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(cursor: str, sort: str) -> tuple[Any, str]:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        told_sort, value, last = json.loads(raw)
        if isinstance(value, dict):
            value = datetime.fromisoformat(value["at"])
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError) as error:
        raise BadCursor from error
    if told_sort != sort or not isinstance(last, str) or isinstance(value, list) or not _keepable([value, last]):
        raise BadCursor
    return value, last


def _keepable(values: list[Any]) -> bool:
    """Whether BSON takes them: a forged cursor may hold anything that JSON can."""
    try:
        bson.encode({"values": values})
    except (OverflowError, UnicodeError, bson.errors.BSONError):
        return False
    return True


@dataclass(frozen=True)
class Slice(Generic[V]):
    """Some things of a list and the cursor of the next page; None at the end."""

    items: list[V]
    next: str | None


class Page(BaseModel, Generic[W]):
    """A page of a list. Pass `next` as `cursor` to get the following one; it is null on the last page."""

    items: list[W]
    next: str | None = None
