"""An endpoint called by us answers as the framework's own handler makes it answer, fault by fault."""

from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from chassis.calling import is_plain
from chassis.routing import Routes, routes_of


class Order(BaseModel):
    what: str
    many: int = 1


def guard(request: Request) -> None:
    if request.headers.get("authorization") != "ann":
        raise HTTPException(401)


class Guard:
    async def __call__(self, request: Request) -> None:
        guard(request)


async def page(limit: Annotated[int, Query(ge=1, le=200)] = 50, after: str | None = None) -> dict[str, Any]:
    return {"limit": limit, "after": after}


router = APIRouter(prefix="/orders", dependencies=[Depends(Guard())])


@router.post("/{number}", status_code=201)
async def place(number: int, body: Order, urgent: bool, page: Annotated[dict[str, Any], Depends(page)]) -> Order:
    return Order(what=f"{number} {body.what} {urgent} {page}", many=body.many)


@router.get("")
async def find(page: Annotated[dict[str, Any], Depends(page)], what: str | None = None) -> dict[str, Any]:
    return {"what": what, **page}


@router.get("/{number}")
async def show(number: int) -> Order:
    if number == 7:
        return Response(b"seven", media_type="text/plain")  # type: ignore[return-value]
    if number == 8:
        raise HTTPException(308, headers={"Location": "/orders/9"})
    return Order(what="tea")


def frameworks() -> FastAPI:
    app = FastAPI()
    app.include_router(router)
    return app


def ours() -> FastAPI:
    app = FastAPI()
    app.router.routes.append(Routes(routes_of([router])))
    return app


JSON = {"content-type": "application/json"}
ASKED = [
    ("POST", "/orders/3?urgent=1", {"json": {"what": "tea", "many": 2}}),
    ("POST", "/orders/3?urgent=1&limit=3", {"content": b'{"what": "tea"}', "headers": {"content-type": "text/plain"}}),
    ("POST", "/orders/3?urgent=1", {"content": b'{"what": "tea"}', "headers": {"content-type": "a/b+json"}}),
    ("POST", "/orders/3?urgent=1", {"content": b"{}", "headers": {"content-type": "application/merge-patch+json"}}),
    ("POST", "/orders/3?urgent=1", {"content": b"[1]", "headers": {"content-type": "Application/JSON; charset=utf-8"}}),
    ("POST", "/orders/x?limit=0&after=a&after=b", {"json": {"many": "x"}}),
    ("POST", "/orders/3", {}),
    ("POST", "/orders/3?urgent=1", {"content": b"", "headers": JSON}),
    ("POST", "/orders/3?urgent=1", {"content": b"null", "headers": JSON}),
    ("POST", "/orders/3?urgent=1", {"content": b'{"what": ', "headers": JSON}),
    ("POST", "/orders/3?urgent=1", {"content": b'{"what": "\xff"}', "headers": JSON}),
    ("POST", "/orders/3?urgent=1", {"content": b"[" * 100_000, "headers": JSON}),
    ("GET", "/orders", {}),
    ("GET", "/orders?limit=5&after=&what=%E8%8C%B6", {}),
    ("GET", "/orders?limit=", {}),
    ("GET", "/orders?limit=201", {}),
    ("GET", "/orders/1", {}),
    ("GET", "/orders/7", {}),
    ("GET", "/orders/8", {}),
    ("GET", "/orders/one", {}),
    ("PUT", "/orders/1", {}),
    ("GET", "/orders/1/2", {}),
]


@pytest.mark.parametrize("signed_in", [True, False])
async def test_each_request_is_answered_as_the_framework_answers_it(signed_in: bool):
    assert all(is_plain(route) for route in routes_of([router]))
    answers: list[list[tuple[Any, ...]]] = []
    for app in (frameworks(), ours()):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            client.headers["authorization"] = "ann" if signed_in else "bob"
            got = [await client.request(method, path, **more) for method, path, more in ASKED]
        answers.append([(answer.status_code, answer.content, sorted(answer.headers.items())) for answer in got])
    for asked, theirs, mine in zip(ASKED, *answers, strict=True):
        assert mine == theirs, asked


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (rb'{"what": "\ud800"}', "half a character"),
        (b'{"what": "a", "more": [{"x": 9223372036854775808}]}', "beyond 64 bits"),
    ],
)
async def test_a_body_that_no_document_can_keep_is_refused(body: bytes, fault: str):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(ours()), base_url="http://here") as client:
        headers = {**JSON, "authorization": "ann"}
        answer = await client.post("/orders/3?urgent=1", content=body, headers=headers)
    assert answer.status_code == 422
    assert fault in answer.text
