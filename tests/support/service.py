"""One service on a real MongoDB, called as a front-end and as the bus would: no sleeping, a movable clock, its own
database."""

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from chassis.app import create_app
from chassis.branches import COPY
from chassis.delivery import Deliveries
from chassis.ids import new_id
from chassis.sealing import Keyring
from chassis.service import Host, Service
from chassis.settings import Settings
from contracts.facts import Envelope, Fact

SIGNING = ECKey.generate_key("P-256", {"kid": "test", "alg": "ES256", "use": "sig"}, private=True)
KEYRING = Keyring("k1", {"k1": secrets.token_bytes(32)}, secrets.token_bytes(32))
HQ = "hq"


class MovableClock:
    """Time that moves only when a test says so; starts on a working Monday morning in Shanghai."""

    def __init__(self, at: datetime = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        """Move on by days=, hours=, minutes=, seconds=."""
        self.at += timedelta(**by)


class LocalKeys:
    """Public keys without a network."""

    async def key_set(self, *, fresh: bool = False) -> KeySet:
        return KeySet([SIGNING])


def a_token(
    user: str, grants: Mapping[str, list[str]], clock: MovableClock, name: str = "测试员", **claims: Any
) -> str:
    """A token as identity would sign it: scopes by branch."""
    now = int(clock().timestamp())
    told: dict[str, Any] = {
        "iss": "baoqiao",
        "aud": "baoqiao",
        "sub": user,
        "name": name,
        "branch": next(iter(grants), ""),
        "grants": [{"branch": branch, "scopes": scopes} for branch, scopes in grants.items()],
        "iat": now,
        "exp": now + 900,
    }
    return jwt.encode({"alg": "ES256", "kid": "test"}, told | claims, SIGNING)


class Caller:
    """A signed-in user: every POST gets a fresh Idempotency-Key, changes get If-Match from `match`."""

    def __init__(self, service: "RunningService", user: str, grants: Mapping[str, list[str]]) -> None:
        self.service, self.user, self.grants = service, user, grants

    async def request(
        self, method: str, path: str, *, match: int | str | None = None, key: str | None = None, **more: Any
    ) -> httpx.Response:
        """One request; `match` is the version (or ETag) for If-Match."""
        headers = {
            "Authorization": f"Bearer {a_token(self.user, self.grants, self.service.clock)}",
            **more.pop("headers", {}),
        }
        if method == "POST":
            headers["Idempotency-Key"] = key or new_id()
        if match is not None:
            headers["If-Match"] = match if isinstance(match, str) else f'"{match}"'
        return await self.service.http.request(method, path, headers=headers, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.request("GET", path, **more)

    async def post(self, path: str, json: Any = None, **more: Any) -> httpx.Response:
        return await self.request("POST", path, json=json if json is not None or "files" in more else {}, **more)

    async def patch(self, path: str, json: Any, **more: Any) -> httpx.Response:
        return await self.request("PATCH", path, json=json, **more)


class RunningService:
    """A service under test."""

    def __init__(self, service: Service, clock: MovableClock, settings: Settings) -> None:
        self.clock = clock
        self.host = Host(service, settings, clock=clock, keys=LocalKeys(), keyring=KEYRING)
        self.app = create_app(self.host)
        self.deliveries = Deliveries(self.host)
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://service")

    def user(self, user: str, branch: str = HQ, *scopes: str) -> Caller:
        """A caller with these scopes in a branch ("*": all)."""
        return Caller(self, user, {branch: list(scopes) or ["*"]})

    async def knows_branch(self, branch: str, parent: str | None = HQ, code: str = "", region: str = "44") -> None:
        """Put a branch into the service's copy of the tree."""
        place = [{"parent": parent, "from_on": "2020-01-01"}]
        document = {
            "_id": branch,
            "v": 1,
            "code": code or branch.upper(),
            "name": branch,
            "region": region,
            "parents": place,
        }
        await self.host.db[self.host.service.branches_in].replace_one({"_id": branch}, document, upsert=True)
        self.host.branches._read_at = float("-inf")  # pyright: ignore[reportPrivateUsage]

    async def receives(
        self, fact: Fact, subject: str, version: int = 1, *, branch: str = HQ, event_id: str = "", actor: str = "u"
    ) -> str:
        """Deliver a fact as the bus would; gives the event's id, to deliver it again."""
        envelope = Envelope(
            id=event_id or new_id(),
            source="/baoqiao/test",
            type=fact.type,
            subject=subject,
            time=self.clock(),
            aggregateversion=version,
            branch=branch,
            actor=actor,
            correlationid="test",
        )
        await self.deliveries.handle(fact, envelope)
        return envelope.id

    async def events(self, collection: str, subject: str | None = None) -> list[dict[str, Any]]:
        """All events not yet published of a collection's documents, oldest first: {id, type, v, data, …}."""
        found = self.host.db[collection].find({"_id": subject} if subject else {}, {"outbox": 1}).sort("_id", 1)
        pending = [event for document in await found.to_list() for event in document.get("outbox", ())]
        return [{**event, "data": json.loads(event["data"])} for event in pending]

    async def run_job(self, name: str) -> None:
        """Run a scheduled job now."""
        [job] = [job for jobs in self.host.service.jobs for job in jobs.jobs if job.name == name]
        await job.action(self.host.system_work())


_idle: dict[tuple[str, str], list[str]] = {}
"""Namespaces whose databases stand ready, emptied, by server and service: making all indexes costs more than most
tests."""


@asynccontextmanager
async def running(
    service: Service, mongo_url: str, clock: MovableClock | None = None, **settings: Any
) -> AsyncIterator[RunningService]:
    """The service with an empty database and headquarters known.

    The database is emptied afterwards and used by a later test, unless the test has settings of its own.
    """
    ready = _idle.setdefault((mongo_url, service.name), [])
    known = bool(ready) and not settings
    namespace = ready.pop() if known else f"t{secrets.token_hex(6)}_"
    told = {"namespace": namespace, "topic_partitions": 2, "mongo_timeout_ms": 30_000} | settings
    running_service = RunningService(service, clock or MovableClock(), Settings(mongo_url=mongo_url, **told))
    database = running_service.host.db
    if not known:
        await running_service.host.prepare()
    if service.branches_in == COPY:
        await running_service.knows_branch(HQ, None)
    try:
        yield running_service
    finally:
        if settings:
            await database.client.drop_database(database.name)
        else:
            await _emptied(running_service)
            ready.append(namespace)
        await running_service.http.aclose()
        await database.close()


async def _emptied(running_service: RunningService) -> None:
    database = running_service.host.db
    for name in await database.database.list_collection_names():
        await database[name].delete_many({})
