"""The whole product in one process: every service's api and worker on real MongoDB and Kafka, behind the real
gateway, on one movable clock."""

import asyncio
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from chassis.app import create_app
from chassis.ids import new_id
from chassis.service import Host, Service
from chassis.settings import Settings
from chassis.worker import Worker
from tests.support.service import KEYRING, MovableClock
from tests.support.waiting import eventually

PASSWORD = "a long password for tests"


class Api:
    """One service's api role on a port of its own."""

    def __init__(self, host: Host, listener: socket.socket) -> None:
        app = create_app(host)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, loop="none", lifespan="on", timeout_graceful_shutdown=5
        )
        self.server = uvicorn.Server(config)
        self._listener = listener
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self.server.serve(sockets=[self._listener]))

    async def stop(self) -> None:
        self.server.should_exit = True
        if self._task is not None:
            await self._task


class Stack:
    """All services, the clock, and callers that go through the gateway."""

    def __init__(self, services: list[Service], clock: MovableClock, settings: dict[str, Any]) -> None:
        self.clock = clock
        self.listeners = {service.name: _listener() for service in services}
        self.ports = {name: listener.getsockname()[1] for name, listener in self.listeners.items()}
        told = Settings(
            namespace=f"j{secrets.token_hex(4)}_",
            topic_partitions=2,
            jwks_url=f"http://127.0.0.1:{self.ports['identity']}/jwks",
            **settings,
        )
        self.settings = told
        self.hosts = {service.name: Host(service, told, clock=clock, keyring=KEYRING) for service in services}
        self.apis = {name: Api(host, self.listeners[name]) for name, host in self.hosts.items()}
        self.workers = {name: Worker(host) for name, host in self.hosts.items()}
        self.http = httpx.AsyncClient(timeout=30)

    async def start(self, envoy: Callable[..., int]) -> None:
        for api in self.apis.values():
            await api.start()
        for worker in self.workers.values():
            await worker.start()
        for name, worker in self.workers.items():
            await eventually(lambda worker=worker: _ready(worker), f"the worker of {name}", within=60)
        port = await asyncio.to_thread(envoy, self.ports)
        self.http.base_url = httpx.URL(f"http://127.0.0.1:{port}/api")

    async def stop(self) -> None:
        await asyncio.gather(*(worker.stop() for worker in self.workers.values()))
        await asyncio.gather(*(api.stop() for api in self.apis.values()))
        await self.http.aclose()
        for host in self.hosts.values():
            await host.db.client.drop_database(host.db.name)
            await host.db.close()

    async def run_job(self, service: str, name: str) -> None:
        """Run a scheduled job now, as the worker that holds the lease would."""
        [job] = [job for jobs in self.hosts[service].service.jobs for job in jobs.jobs if job.name == name]
        await job.action(self.hosts[service].system_work())

    async def sign_in(self, login: str, password: str = PASSWORD) -> "Person":
        """A signed-in person."""
        answer = await self.http.post("/identity/sessions", json={"login": login, "password": password})
        assert answer.status_code == 201, answer.text
        return Person(self, login, password, answer.json())


class Person:
    """Somebody at a branch front-end; signs in again when the token has run out."""

    def __init__(self, stack: Stack, login: str, password: str, session: dict[str, Any]) -> None:
        self.stack, self.login, self._password, self._session = stack, login, password, session
        self._until = stack.clock.at.timestamp() + 600

    @property
    def id(self) -> str:
        return self._session["user_id"]

    async def call(
        self, method: str, path: str, *, match: Any = None, key: str | None = None, **more: Any
    ) -> httpx.Response:
        """One request through the gateway; `match` is a version or an answer's ETag."""
        if self.stack.clock.at.timestamp() > self._until:
            renewed = await self.stack.sign_in(self.login, self._password)
            self._session, self._until = renewed._session, renewed._until
        headers = {"Authorization": f"Bearer {self._session['access_token']}", **more.pop("headers", {})}
        if method == "POST":
            headers["Idempotency-Key"] = key or new_id()
        if match is not None:
            headers["If-Match"] = match if isinstance(match, str) else f'"{match}"'
        return await self.stack.http.request(method, path, headers=headers, **more)

    async def get(self, path: str, **params: Any) -> Any:
        """What is there; fails on a refusal."""
        return _good(await self.call("GET", path, params={k: v for k, v in params.items() if v is not None}))

    async def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """Make or do something; fails on a refusal."""
        sent = more if "files" in more else {"json": body if body is not None else {}, **more}
        return _good(await self.call("POST", path, **sent))

    async def patch(self, path: str, body: Any, **more: Any) -> Any:
        """Change something; fails on a refusal."""
        return _good(await self.call("PATCH", path, json=body, **more))

    async def refused(
        self, status: int, rule: str, method: str, path: str, body: Any = None, **more: Any
    ) -> dict[str, Any]:
        """The problem document, when it has this status and rule and says what to do next."""
        answer = await self.call(method, path, **({"json": body} if body is not None else {}), **more)
        told = answer.json()
        assert (answer.status_code, told.get("rule", {}).get("id")) == (status, rule), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        return told

    async def upload(self, service: str, content: bytes, name: str, media_type: str, branch: str) -> str:
        """The id of an uploaded file."""
        kept = await self.post(
            f"/{service}/files", files={"file": (name, content, media_type)}, data={"branch": branch}
        )
        return kept["id"]


@dataclass(frozen=True)
class MailBox:
    """The mail sink's folder."""

    folder: Path

    def about(self, text: str) -> list[Any]:
        """The messages whose subject, recipients or text carry this."""
        import email
        import email.policy

        found = [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in sorted(self.folder.glob("*.eml"))
        ]
        return [
            m for m in found if text in f"{m['subject']} {m['to']} {_text(m)}"
        ]


def _text(message: Any) -> str:
    body = message.get_body()
    return body.get_content() if body else ""


def _good(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


async def _ready(worker: Worker) -> bool:
    return worker.ready


def _listener() -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    return listener
