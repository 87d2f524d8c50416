"""What endpoints take and give: work in hand, listings, views."""

import re
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler

from chassis.clock import business_date
from chassis.exact import AS_WRITTEN, Day, Flag, exact
from chassis.lists import MOST, Listing, Page, Slice
from chassis.permits import open_to_all, requires
from chassis.problems import refusals
from chassis.refusals import Fault, Invalid
from chassis.work import Actor
from chassis.work import Work as WorkInHand

__all__ = [
    "AS_WRITTEN",
    "Body",
    "Day",
    "Doorstep",
    "Flag",
    "Listing",
    "Page",
    "Slice",
    "View",
    "Work",
    "open_to_all",
    "paged",
    "refusals",
    "requires",
]

_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_TAG = re.compile(r'"(\d{1,9})"')


class KeyMissing(Invalid):
    """A POST without an Idempotency-Key."""

    rule = "SYS-005"
    zh = "缺少或不合格式的 Idempotency-Key"
    en = "Idempotency-Key is missing or malformed"
    todo_zh = "请带上 1 至 128 个可见字符的唯一值(如 UUID);重试时保持不变"
    todo_en = "Send 1 to 128 visible characters, unique for this request (a UUID); keep it when you retry"


class BadMatch(Invalid):
    """If-Match that is not one of our ETags."""

    rule = "SYS-003"
    zh = "If-Match 不是本系统给出的 ETag"
    en = 'If-Match is not an ETag of ours; it looks like "3", with the quotes'


class View(BaseModel):
    """What HTTP sends. Built from a state by `of`."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    @classmethod
    def of(cls, state: Any) -> Any:
        """The view of a state, field by field."""
        return cls.model_validate(state, from_attributes=True)


class Body(BaseModel):
    """What HTTP receives: unknown fields are refused, so that nothing is assigned that was not meant to be; numbers,
    truth values and dates are taken as they must be written, and nothing else for them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> Any:
        """pydantic's, made exact."""
        return exact(handler(source))


async def _open_work(request: Request) -> WorkInHand:
    host, caller, method = request.app.state.host, request.scope["caller"], request.method
    now = host.clock()
    reach = await host.branches.below(request.scope["granted"], business_date(now))
    work = WorkInHand(
        service=host.service.name,
        db=host.db,
        now=now,
        actor=Actor(caller.id, caller.name, caller.branch, caller.scopes),
        reach=reach,
        key=_key(request, caller.id) if method == "POST" else None,
        digest=_digest(request) if method == "POST" else "",
        if_match=_if_match(request) if method != "GET" else None,
        must_match=method != "GET",
        correlation=request.scope["state"]["request_id"],
        traceparent=request.scope["state"]["traceparent"],
        language=request.scope["state"]["language"],
        spans=host.spans,
    )
    request.scope["state"]["answer"] = work.answer
    return work


def _key(request: Request, caller_id: str) -> str:
    key = request.headers.get("idempotency-key", "")
    if not _KEY.fullmatch(key):
        raise KeyMissing([Fault("/header/Idempotency-Key", KeyMissing.zh, KeyMissing.en)])
    return f"{caller_id} {request.scope['path']} {key}"


def _digest(request: Request) -> str:
    """Keyed, because it is kept and a body may hold a password or an identity number that could be guessed from a
    plain hash."""
    return request.app.state.host.db.keyring.fingerprint(request.scope["state"]["body_digest"]())[:24]


def _if_match(request: Request) -> int | None:
    told = request.headers.get("if-match")
    if told is None:
        return None
    if not (tag := _TAG.fullmatch(told.strip())):
        raise BadMatch([Fault("/header/If-Match", BadMatch.zh, BadMatch.en)])
    return int(tag[1])


async def _open_doorstep(request: Request) -> WorkInHand:
    host = request.app.state.host
    return WorkInHand(
        service=host.service.name,
        db=host.db,
        now=host.clock(),
        actor=Actor("anonymous", "anonymous"),
        correlation=request.scope["state"]["request_id"],
        traceparent=request.scope["state"]["traceparent"],
        language=request.scope["state"]["language"],
    )


Work = Annotated[WorkInHand, Depends(_open_work)]
"""The caller's work: needs a route with `requires(…)`. POST needs an Idempotency-Key; a change needs If-Match."""

Doorstep = Annotated[WorkInHand, Depends(_open_doorstep)]
"""Work of somebody not yet known, for routes that are open to all; sees everything, so those routes must not pass
it on."""


def paged(*sortable: str, default: str = "-id") -> Any:
    """A page parameter: `listing: Annotated[Listing, paged("name")]`. `sort` is `id` or a field named here; `-` in
    front
    means descending.
    """
    allowed = [f"{sign}{name}" for name in ("id", *sortable) for sign in ("", "-")]

    async def listing(
        limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most")] = 50,
        cursor: Annotated[str | None, Query(max_length=500, description="`next` of the page before")] = None,
        sort: Annotated[
            str, Query(json_schema_extra={"enum": allowed}, description="Field; `-` in front: descending")
        ] = default,
    ) -> Listing:
        if sort not in allowed:
            told = ", ".join(allowed)
            raise UnknownSort([Fault("/query/sort", f"可用:{told}", f"one of {told}")])
        return Listing(limit, cursor, sort)

    return Depends(listing)


class UnknownSort(Invalid):
    """A list cannot be sorted by that."""

    rule = "SYS-006"
    zh = "不支持的排序字段"
    en = "The list cannot be sorted by that"
