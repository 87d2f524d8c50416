"""Refusals and failures as RFC 9457 problem documents, in the caller's language."""

import json
import re
from typing import Any

from chassis.refusals import Conflict, Fault, Forbidden, Invalid, Missing, Refusal, TryLater
from chassis.rulebook import rulebook
from chassis.store import MatchMissing, Stale
from chassis.tokens import KeysOutOfReach, NotSignedIn

MEDIA_TYPE = "application/problem+json"
KINDS: list[tuple[type[Refusal], int]] = [
    (NotSignedIn, 401),
    (KeysOutOfReach, 503),
    (Stale, 412),
    (MatchMissing, 428),
    (Invalid, 422),
    (Missing, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (TryLater, 503),
]
TITLES = {
    308: ("已并入另一记录", "Merged into another record"),
    400: ("请求无法理解", "Bad request"),
    401: ("需要登录", "Sign-in needed"),
    403: ("无权操作", "Not permitted"),
    404: ("未找到", "Not found"),
    405: ("方法不允许", "Method not allowed"),
    406: ("无法按要求的格式回答", "Not acceptable"),
    409: ("与当前状态冲突", "Conflict with the present state"),
    412: ("版本已变化", "Changed since it was read"),
    413: ("请求过大", "Request too large"),
    415: ("不支持的内容类型", "Unsupported media type"),
    422: ("内容有误", "The content has faults"),
    428: ("缺少 If-Match", "If-Match is missing"),
    429: ("请求过多", "Too many requests"),
    500: ("内部错误", "Internal error"),
    503: ("暂时无法服务", "Not available for the moment"),
}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def status_of(refusal: type[Refusal]) -> int:
    """The HTTP status of a refusal's kind."""
    return next(status for kind, status in KINDS if issubclass(refusal, kind))


def slug_of(refusal: type[Refusal]) -> str:
    """The last part of a problem's stable type: QuoteClosed → quote-closed."""
    return _WORD.sub("-", refusal.__name__).lower()


def problem(status: int, slug: str, detail: str, language: str = "zh", **more: Any) -> dict[str, Any]:
    """A problem document; `more` adds members, empty ones are left out."""
    title = TITLES.get(status, TITLES[500])[0 if language == "zh" else 1]
    document = {"type": f"urn:baoqiao:problem:{slug}", "title": title, "status": status, "detail": detail}
    return document | {name: value for name, value in more.items() if value}


def problem_of(refusal: Refusal, language: str, instance: str) -> dict[str, Any]:
    """The problem document of a refusal: type, rule with source, what to do next, each fault with its pointer."""
    kind = type(refusal)
    found = rulebook().get(kind.rule)
    rule = (
        {"id": found.id, "says": found.zh if language == "zh" else found.en, "source": found.source} if found else None
    )
    return problem(
        status_of(kind),
        slug_of(kind),
        refusal.say(language),
        language,
        instance=instance,
        rule=rule,
        next=refusal.todo(language),
        errors=[_fault(fault, language) for fault in refusal.faults],
    )


def _fault(fault: Fault, language: str) -> dict[str, str]:
    return {"pointer": fault.pointer, "detail": fault.zh if language == "zh" else fault.en}


def encoded(document: dict[str, Any]) -> bytes:
    """The document as JSON bytes."""
    return json.dumps(document, ensure_ascii=False).encode()


def refusals(*kinds: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    """What a route may refuse, for its OpenAPI page, grouped by status."""
    told: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        status = status_of(kind)
        line = f"`{slug_of(kind)}` {kind.en}" + (f" ({kind.rule})" if kind.rule else "")
        if status in told:
            told[status]["description"] += f"; {line}"
        else:
            told[status] = {
                "description": line,
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
    return told
