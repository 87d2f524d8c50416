"""The gateway before two small services: what it lets through, what it refuses, and how it says so."""

import asyncio
import json
import select
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psutil
import pytest
import pytest_asyncio
import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from deploy.envoy.render import GatewaySettings
from tests.support.servers import StartEnvoy
from tests.support.waiting import until

KEY = ECKey.generate_key("P-256", {"kid": "k1", "alg": "ES256", "use": "sig"}, private=True)
STRANGERS_KEY = ECKey.generate_key("P-256", {"kid": "k1", "alg": "ES256", "use": "sig"}, private=True)
LARGE = 64 * 1024 * 1024
"""More than all buffers between a service and its caller hold."""
Message = MutableMapping[str, Any]


async def echo(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Answer with what arrived; `/jwks` with the keys, `/large` with much, `/never` not at all."""
    if scope["type"] != "http":
        return
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    if scope["path"] == "/never":
        await asyncio.Event().wait()
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    arrived = {"method": scope["method"], "path": scope["raw_path"].decode(), "headers": headers, "size": size}
    document = KeySet([KEY]).as_dict(private=False) if scope["path"] == "/jwks" else arrived
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    body = json.dumps(document).encode() if scope["path"] != "/large" else b"x" * LARGE
    await send({"type": "http.response.body", "body": body})


def a_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def an_upstream(port: int) -> Iterator[None]:
    """Answer at the port, from a thread of its own: Envoy asks while the test waits for Envoy."""
    server = uvicorn.Server(
        uvicorn.Config(echo, port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    yield
    server.should_exit = True
    thread.join()


@dataclass(frozen=True)
class Gateway:
    """A client of one gateway, and the port at which its second service would answer."""

    http: httpx.AsyncClient
    away_port: int

    async def get(self, target: str, token: str | None = None, method: str = "GET", **more: Any) -> httpx.Response:
        """Send a request whose target is taken as it stands."""
        headers = ({"Authorization": f"Bearer {token}"} if token else {}) | more.pop("headers", {})
        return await self.http.request(method, "/", extensions={"target": target.encode()}, headers=headers, **more)


@pytest.fixture(scope="module")
def identity_port() -> Iterator[int]:
    port = a_port()
    with an_upstream(port):
        yield port


def a_gateway(envoy: StartEnvoy, identity_port: int, **settings: Any) -> Gateway:
    away = a_port()
    port = envoy({"identity": identity_port, "clients": identity_port, "finance": away}, **settings)
    return Gateway(httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30), away)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateway(envoy: StartEnvoy, identity_port: int) -> AsyncIterator[Gateway]:
    made = a_gateway(envoy, identity_port)
    yield made
    await made.http.aclose()


def a_token(subject: str = "usr-1", key: ECKey = KEY, **claims: Any) -> str:
    now = int(time.time())
    told = {"iss": "baoqiao", "aud": "baoqiao", "sub": subject, "iat": now, "exp": now + 900, **claims}
    return jwt.encode({"alg": "ES256", "kid": "k1"}, told, key)


def assert_problem(answer: httpx.Response, status: int, slug: str, *, numbered: bool = True) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert (document["type"], document["status"]) == (f"urn:baoqiao:problem:{slug}", status)
    assert document["title"]
    assert document["detail"]
    if numbered:
        assert document["instance"] == f"urn:request:{answer.headers['x-request-id']}"


async def test_a_path_reaches_its_service_without_the_services_prefix(gateway: Gateway):
    answer = await gateway.get("/api/clients/clients/123?name=%E6%9D%8E", a_token())
    assert answer.json()["path"] == "/clients/123"
    token = answer.json()["headers"]["authorization"]
    assert token.startswith("Bearer ey")


async def test_the_request_id_is_the_gateways_own_and_told_to_both_sides(gateway: Gateway):
    answer = await gateway.get("/api/clients/x", a_token(), headers={"x-request-id": "mine"})
    assert answer.headers["x-request-id"] == answer.json()["headers"]["x-request-id"] != "mine"


async def test_headers_in_our_own_name_do_not_come_from_outside(gateway: Gateway):
    answer = await gateway.get("/api/clients/x", a_token(), headers={"X-Baoqiao-Subject": "admin"})
    assert not [name for name in answer.json()["headers"] if name.startswith("x-baoqiao")]


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/api/identity/sessions"),
        ("POST", "/api/identity/sessions/refresh"),
        ("POST", "/api/identity/service_sessions"),
        ("GET", "/api/identity/jwks"),
        ("GET", "/api/clients/openapi.json"),
    ],
)
async def test_a_few_paths_are_open_to_all(gateway: Gateway, method: str, target: str):
    assert (await gateway.get(target, method=method)).status_code == 200


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/api/identity/sessions"),
        ("DELETE", "/api/identity/sessions/refresh"),
        ("POST", "/api/identity/jwks"),
        ("POST", "/api/identity/sessions/other"),
        ("GET", "/api/clients/clients"),
        ("PUT", "/api/clients/openapi.json"),
        ("GET", "/api/clients/openapi.json/more"),
        ("GET", "/api/clients/x/docs"),
        ("GET", "/api/clients/clients?access_token=x"),
    ],
)
async def test_every_other_path_needs_a_token(gateway: Gateway, method: str, target: str):
    answer = await gateway.get(target, method=method)
    assert_problem(answer, 401, "not-signed-in")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "token",
    [
        a_token(exp=int(time.time()) - 3600),
        a_token(iss="elsewhere"),
        a_token(key=STRANGERS_KEY),
        "nonsense",
    ],
    ids=["expired", "by-others", "forged", "nonsense"],
)
async def test_a_token_that_does_not_hold_is_refused(gateway: Gateway, token: str):
    assert_problem(await gateway.get("/api/clients/x", token), 401, "not-signed-in")


async def test_a_token_that_was_made_for_others_is_refused(gateway: Gateway):
    assert_problem(await gateway.get("/api/clients/x", a_token(aud="elsewhere")), 403, "forbidden")


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/metrics",
        "/livez",
        "/readyz",
        "/api",
        "/api/unknown/x",
        "/api/clients/metrics",
        "/api/clients/livez",
        "/api/clients/readyz",
        "/api/clients/metrics/",
        "/api/clients//metrics",
        "/api/clients/./metrics",
        "/api/clients/x/../metrics",
        "/api/clients/metrics?x=1",
        "/api/clients/%6Detrics",
        "/api/clients/%6detrics",
        "/api/clients/x/%2e%2e/metrics",
        "/api/./clients/metrics",
    ],
)
async def test_internal_and_unknown_paths_are_not_there(gateway: Gateway, target: str):
    assert_problem(await gateway.get(target, a_token()), 404, "not-found")


@pytest.mark.parametrize("target", ["/api/clients/x%2Fy", "/api/clients/x%5cmetrics", "/api/clients/..%2Fmetrics"])
async def test_a_hidden_slash_is_refused(gateway: Gateway, target: str):
    assert_problem(await gateway.get(target, a_token()), 400, "malformed-request", numbered=False)


@pytest.mark.parametrize("id", ["%00", "a%00b", "a" * 70_000])
async def test_a_nul_and_an_endless_id_are_refused(gateway: Gateway, id: str):
    answer = await gateway.get(f"/api/clients/clients/{id}", a_token())
    assert answer.status_code in (400, 414, 431), answer.text


async def test_a_refusal_is_in_chinese_unless_english_is_asked_for(gateway: Gateway):
    chinese = await gateway.get("/api/clients/x")
    english = await gateway.get("/api/clients/x", headers={"Accept-Language": "en-GB,en;q=0.8"})
    assert (chinese.json()["title"], english.json()["title"]) == ("需要登录", "Sign-in needed")


async def test_a_body_within_the_limit_arrives_and_a_larger_one_is_refused(gateway: Gateway):
    limit = 10 * 1024 * 1024
    fits = await gateway.get("/api/clients/x", a_token(), "POST", content=b"x" * limit)
    assert fits.json()["size"] == limit
    assert_problem(await gateway.get("/api/clients/x", a_token(), "POST", content=b"x" * (limit + 1)), 413, "too-large")


async def test_too_many_or_too_large_headers_are_refused(gateway: Gateway):
    for headers in ({"x-large": "x" * 40_000}, {f"x-{number}": "x" for number in range(150)}):
        answer = await gateway.get("/api/clients/x", a_token(), headers=headers)
        assert_problem(answer, 431, "headers-too-large", numbered=False)


async def test_a_service_that_is_away_is_told_as_such(gateway: Gateway):
    answer = await gateway.get("/api/finance/x", a_token())
    assert_problem(answer, 503, "service-unavailable")
    assert answer.headers["retry-after"] == "2"


async def test_a_service_that_comes_back_soon_was_never_seen_away(gateway: Gateway):
    asked = asyncio.create_task(gateway.get("/api/finance/x", a_token(), "POST", content=b"once"))
    refused, _ = await asyncio.wait({asked}, timeout=0.3)
    assert not refused, "the caller was told before the gateway had tried for long enough"
    with an_upstream(gateway.away_port):
        assert (await asked).json()["size"] == 4


async def test_without_keys_nobody_is_told_that_his_token_is_wrong(envoy: StartEnvoy):
    port = envoy({"identity": a_port(), "clients": a_port()})
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        answer = await http.get("/api/clients/x", headers={"Authorization": f"Bearer {a_token()}"})
    assert_problem(answer, 503, "keys-out-of-reach")
    assert answer.headers["retry-after"] == "2"


async def test_each_caller_has_a_limit_of_his_own(envoy: StartEnvoy, identity_port: int):
    gateway = a_gateway(envoy, identity_port, caller_per_second=1, caller_burst=5)
    statuses = [(await gateway.get("/api/clients/x", a_token("usr-busy"))).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert (await gateway.get("/api/clients/x", a_token("usr-other"))).status_code == 200
    refused = await gateway.get("/api/clients/x", a_token("usr-busy"))
    assert_problem(refused, 429, "too-many-requests")
    assert refused.headers["retry-after"] == "1"


async def test_signing_in_has_a_limit_for_each_address(envoy: StartEnvoy, identity_port: int):
    gateway = a_gateway(envoy, identity_port, sign_ins_per_second=1, sign_in_burst=3)
    answers = [await gateway.get("/api/identity/sessions", method="POST") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert (await gateway.get("/api/clients/x", a_token())).status_code == 200


async def test_a_service_that_does_not_answer_is_not_waited_for_for_ever(envoy: StartEnvoy, identity_port: int):
    gateway = a_gateway(envoy, identity_port, answer_seconds=1)
    assert_problem(await gateway.get("/api/clients/never", a_token()), 504, "timeout")


def a_slow_caller(gateway: Gateway, head: str, *more: bytes) -> socket.socket:
    """Send a beginning, and then nothing."""
    caller = socket.socket()
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    caller.settimeout(30)
    caller.connect(("127.0.0.1", gateway.http.base_url.port))
    caller.sendall(head.replace("\n", "\r\n").encode() + b"".join(more))
    return caller


async def test_who_sends_slowly_is_not_waited_for(envoy: StartEnvoy, identity_port: int):
    gateway = a_gateway(envoy, identity_port, headers_seconds=1, idle_seconds=1)
    head = f"POST /api/clients/x HTTP/1.1\nHost: x\nAuthorization: Bearer {a_token()}\nContent-Length: 100000\n"
    for caller in (a_slow_caller(gateway, head), a_slow_caller(gateway, head + "\n", b"a beginning")):
        with caller:
            assert caller.recv(4096).startswith(b"HTTP/1.1 408 ")
    assert (await gateway.get("/api/clients/x", a_token())).status_code == 200


async def test_nor_is_who_sends_a_little_for_ever(envoy: StartEnvoy, identity_port: int):
    gateway = a_gateway(envoy, identity_port, request_seconds=1)
    head = f"POST /api/clients/x HTTP/1.1\nHost: x\nAuthorization: Bearer {a_token()}\nTransfer-Encoding: chunked\n\n"
    with a_slow_caller(gateway, head) as caller:
        while not select.select([caller], [], [], 0.05)[0]:
            caller.sendall(b"1\r\nx\r\n")
        assert caller.recv(4096).startswith(b"HTTP/1.1 408 ")


async def test_who_does_not_read_his_answer_is_let_go(envoy: StartEnvoy, identity_port: int):
    gateway = a_gateway(envoy, identity_port, idle_seconds=1)
    head = f"GET /api/clients/large HTTP/1.1\nHost: x\nAuthorization: Bearer {a_token()}\n\n"
    with a_slow_caller(gateway, head) as caller:
        port = caller.getsockname()[1]

        def let_go() -> bool:  # what the kernel still keeps to send belongs to no process any more
            ends = [one for one in psutil.net_connections("tcp4") if one.raddr and one.raddr.port == port]
            return not any(one.pid for one in ends)

        assert select.select([caller], [], [], 30)[0], "not even a beginning of the answer"
        assert not let_go()
        await asyncio.to_thread(until, let_go)


def test_the_defaults_suit_one_machine():
    settings = GatewaySettings(admin_port=1)
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
