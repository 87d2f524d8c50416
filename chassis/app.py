"""The api role: a FastAPI application around a service's routers, with health, metrics and problems."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException
from starlette.responses import Response as RawResponse

from chassis import malformed, metrics, problems
from chassis.entry import Entry
from chassis.faults import is_away
from chassis.logs import log
from chassis.permits import unpermitted
from chassis.refusals import Refusal
from chassis.routing import Routes, routes_of
from chassis.service import Host
from chassis.tokens import KeysOutOfReach, NotSignedIn

NOT_FASTAPIS: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""FastAPI's own telemetry, which an environment could turn on, tells queries and the words of errors; Entry and
chassis/spans tell what is to be told."""
DESCRIPTION = """{title}

错误按 RFC 9457 返回(`application/problem+json`),并注明所依据的规则;语言由 `Accept-Language` 决定(zh、en)。
Errors are RFC 9457 problems and name their rule. Changes need `If-Match`,
every POST an `Idempotency-Key`; lists page by `cursor`.
"""


def create_app(host: Host) -> FastAPI:
    """The service's HTTP application; `host` brings its settings, database and clock."""
    app = FastAPI(
        lifespan=_lifespan(host),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # its redirects would name whatever host the caller named
        telemetry=NOT_FASTAPIS,
    )
    app.state.host = host
    app.openapi = cache(lambda: _documented(host))  # type: ignore[method-assign]
    app.router.routes.insert(0, Routes(routes_of(host.service.routers)))
    _add_health(app, host)
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)
    app.add_middleware(Entry, host=host)
    return app


def _lifespan(host: Host) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.preparing = asyncio.create_task(_prepare(host, app))
        lag = asyncio.create_task(metrics.tell_loop_lag(host.service.name))
        yield
        lag.cancel()
        app.state.preparing.cancel()
        host.spans.close()
        await host.db.close()

    return lifespan


async def _prepare(host: Host, app: FastAPI) -> None:
    """Indexes first, then ready; the process lives while MongoDB is still away."""
    while True:
        try:
            await host.prepare()
            app.state.ready = True
            return
        except Exception as error:  # an election can also surprise the driver: Lock is not acquired, AttributeError
            log.warning("not ready yet", service=host.service.name, why=f"{type(error).__name__}: {error}"[:300])
            await asyncio.sleep(0.5)


def _add_health(app: FastAPI, host: Host) -> None:
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    async def readyz(response: Response) -> dict[str, str]:
        try:
            await host.db.ping()
        except Exception:  # whatever it was, there is no database to answer from
            response.status_code = 503
            return {"status": "no database"}
        if not getattr(app.state, "ready", False):
            response.status_code = 503
            return {"status": "preparing"}
        return {"status": "ready"}

    async def exposed(request: Request) -> RawResponse:
        told, media_type = metrics.exposed(request.headers.get("accept", ""))
        return RawResponse(told, media_type=media_type)

    for path, endpoint in (("/livez", livez), ("/readyz", readyz), ("/metrics", exposed)):
        app.add_api_route(path, endpoint, include_in_schema=False)


def _answer(request: Request, document: dict[str, Any], headers: dict[str, str] | None = None) -> RawResponse:
    return RawResponse(
        problems.encoded(document), status_code=document["status"], media_type=problems.MEDIA_TYPE, headers=headers
    )


def _told(request: Request) -> tuple[str, str]:
    state = request.scope["state"]
    return state["language"], f"urn:request:{state['request_id']}"


async def _refused(request: Request, error: Exception) -> RawResponse:
    assert isinstance(error, Refusal)
    language, instance = _told(request)
    metrics.refused(request.app.state.host.service.name, error.rule, "http")
    document = problems.problem_of(error, language, instance)
    headers: dict[str, str] = {}
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    if document["status"] in (429, 503) or isinstance(error, KeysOutOfReach):
        headers["Retry-After"] = "2"
    return _answer(request, document, headers)


async def _malformed(request: Request, error: Exception) -> RawResponse:
    assert isinstance(error, RequestValidationError)
    if refusal := await unpermitted(request):
        return await _refused(request, refusal)
    language, instance = _told(request)
    faults = malformed.faults(error.errors(), language)
    detail = f"内容有 {len(faults)} 处错误" if language == "zh" else f"{len(faults)} fault(s) in what was sent"
    return _answer(request, problems.problem(422, "malformed", detail, language, instance=instance, errors=faults))


async def _http(request: Request, error: Exception) -> RawResponse:
    assert isinstance(error, HTTPException)
    if refusal := await unpermitted(request):
        return await _refused(request, refusal)
    language, instance = _told(request)
    slug = {400: "unparsable", 413: "too-large"}.get(error.status_code, f"http-{error.status_code}")
    title = problems.TITLES.get(error.status_code, problems.TITLES[500])[0 if language == "zh" else 1]
    return _answer(
        request,
        problems.problem(error.status_code, slug, title, language, instance=instance),
        dict(error.headers or {}),
    )


async def _no_database(request: Request, error: Exception) -> RawResponse:
    """503 while MongoDB is away or too slow; what it says no to is a fault of ours (500) and not mended by waiting."""
    assert isinstance(error, PyMongoError)
    if not is_away(error):
        raise error
    language, instance = _told(request)
    log.warning("database", error=type(error).__name__, detail=str(error)[:300])
    detail = (
        "数据库暂时不可用,请稍后重试" if language == "zh" else "The database is not available for the moment; try again"
    )
    return _answer(
        request,
        problems.problem(503, "database-unavailable", detail, language, instance=instance),
        {"Retry-After": "2"},
    )


HANDLERS: dict[type[Exception], Any] = {
    Refusal: _refused,
    RequestValidationError: _malformed,
    HTTPException: _http,
    PyMongoError: _no_database,
}


def _documented(host: Host) -> dict[str, Any]:
    """The OpenAPI document, by an application that serves nothing."""
    from chassis.openapi import completed

    service = host.service
    app = FastAPI(
        title=f"Baoqiao {service.name}",
        version="1.0.0",
        description=DESCRIPTION.format(title=service.title),
        servers=[{"url": f"/api/{service.name}"}],
        generate_unique_id_function=lambda route: route.name,
    )
    for router in service.routers:
        app.include_router(router)
    return completed(app.openapi(), service)
