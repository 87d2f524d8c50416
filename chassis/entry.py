"""The outermost layer of the api role: request id, trace, language, body limit, time limit, answer headers, log
line."""

import asyncio
import hashlib
import re
import time
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import metrics, problems, tracing
from chassis.logs import log, traced
from chassis.work import Answer

if TYPE_CHECKING:
    from chassis.service import Host

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_BOUNDARY = re.compile(rb'^multipart/form-data;.*boundary="?([^";, ]+)', re.IGNORECASE)
QUIET = ("/livez", "/readyz", "/metrics")
GUARDING = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
"""On every answer: nobody keeps a copy on the way, no browser takes it for something else."""


class TooLarge(HTTPException):
    """The body is longer than allowed. An HTTPException, because FastAPI takes any other for a body that is broken."""

    def __init__(self) -> None:
        super().__init__(413)


class Entry:
    """Pure ASGI: FastAPI's own middleware would cost more than half of the throughput."""

    def __init__(self, app: ASGIApp, host: "Host") -> None:
        self.spans = host.spans
        self.app, self.settings, self.service = app, host.settings, host.service.name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        state = scope.setdefault("state", {})
        state["request_id"] = _request_id(headers)
        state["traceparent"] = tracing.child_of(headers.get(b"traceparent", b"").decode("latin-1"))
        state["language"] = "en" if headers.get(b"accept-language", b"").lower().startswith(b"en") else "zh"
        exchange = _Exchange(scope, receive, send, self.settings.max_body_bytes, _boundary(headers))
        state["body_digest"] = exchange.digest
        with traced(state["traceparent"], state["request_id"]):
            if not self.spans.on or scope["path"] in QUIET:
                await self._answer(scope, exchange)
                return
            parent = headers.get(b"traceparent", b"").decode("latin-1")
            with self.spans.span(scope["method"], state["traceparent"], parent, "SERVER") as span:
                await self._answer(scope, exchange)
                if span is not None:
                    span.update_name(f"{scope['method']} {_route(scope)}")
                    span.set_attribute("http.route", _route(scope))
                    span.set_attribute("http.response.status_code", exchange.status)

    async def _answer(self, scope: Scope, exchange: "_Exchange") -> None:
        chinese = scope["state"]["language"] == "zh"
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self.settings.request_seconds):
                await self.app(scope, exchange.receive, exchange.send)
        except TimeoutError:
            await exchange.fail(503, "timeout", "处理超时" if chinese else "It took too long; try again")
        except Exception:
            log.exception("unexpected", method=scope["method"], route=_route(scope))
            await exchange.fail(500, "internal", "内部错误" if chinese else "Something went wrong inside")
        finally:
            self._tell(scope, exchange.status, time.perf_counter() - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        if scope["path"] in QUIET:
            return
        route, method, state = _route(scope), scope["method"], scope["state"]
        trace = tracing.trace_id(state["traceparent"]) if self.spans.on else ""
        metrics.request(self.service, method, route, str(status)).observe(seconds, metrics.exemplar(trace))
        if method in metrics.CHANGING and "route" in scope:
            answer = state.get("answer")
            outcome = metrics.outcome_of(status, repeated=answer is not None and answer.repeated)
            metrics.command(self.service, scope["route"].name, outcome).inc()
        log.info(
            "request",
            service=self.service,
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            actor=state.get("actor", ""),
        )


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "unmatched")


def _boundary(headers: dict[bytes, bytes]) -> bytes:
    """The separator of a multipart body, which a client may draw anew for each try; empty for other bodies."""
    found = _BOUNDARY.search(headers.get(b"content-type", b""))
    return found[1] if found else b""


def _request_id(headers: dict[bytes, bytes]) -> str:
    told = headers.get(b"x-request-id", b"")
    return told.decode() if _REQUEST_ID.fullmatch(told) else tracing.new_trace_id()


class _Exchange:
    """One request and its answer: counts the body, adds the headers that every answer carries."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, most: int, boundary: bytes) -> None:
        self._scope, self._receive, self._send, self._most = scope, receive, send, most
        self._boundary = boundary
        self._read = 0
        self._body: list[bytes] = []
        self.status = 0

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._body.append(message.get("body", b""))
            self._read += len(self._body[-1])
            if self._read > self._most:
                raise TooLarge
        return message

    def digest(self) -> str:
        """SHA-256 (hex) of the body that was read: the same for a repeat, whatever its multipart separator."""
        body = b"".join(self._body)
        return hashlib.sha256(body.replace(self._boundary, b"") if self._boundary else body).hexdigest()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._extra()]
        await self._send(message)

    def _extra(self) -> list[tuple[bytes, bytes]]:
        state: dict[str, Any] = self._scope["state"]
        extra = [(b"x-request-id", state["request_id"].encode()), *GUARDING]
        answer: Answer | None = state.get("answer")
        if answer is not None and self.status < 300:
            if answer.version is not None:
                extra.append((b"etag", f'"{answer.version}"'.encode()))
            if answer.repeated:
                extra.append((b"idempotent-replayed", b"true"))
        return extra

    async def fail(self, status: int, slug: str, detail: str) -> None:
        """Answer with a problem, unless an answer has begun."""
        if self.status:
            return
        state = self._scope["state"]
        document = problems.problem(
            status, slug, detail, state["language"], instance=f"urn:request:{state['request_id']}"
        )
        headers = [(b"content-type", problems.MEDIA_TYPE.encode())]
        if status == 503:
            headers.append((b"retry-after", b"2"))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": problems.encoded(document)})
