"""What happens while MongoDB or Kafka is away, and after: on servers of the test's own."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.worker import Worker
from tests.support.own_servers import OwnServers, own_servers
from tests.support.sample import service as sample_service
from tests.support.service import RunningService, running
from tests.support.waiting import eventually

PARCEL = {"value": {"amount": "12.50"}}
MONGO_SECONDS = 1.5


@pytest.fixture(scope="module")
def servers(run_dir: Path) -> Iterator[OwnServers]:
    with own_servers(run_dir / "outages") as started:
        yield started


@asynccontextmanager
async def sample_on(servers: OwnServers, **settings: Any) -> AsyncIterator[tuple[RunningService, Worker]]:
    told = {"kafka_bootstrap": servers.kafka_bootstrap, "mongo_timeout_ms": int(MONGO_SECONDS * 1000)} | settings
    async with running(sample_service, servers.mongo_url, **told) as service:
        worker = Worker(service.host)
        await worker.start()
        try:
            yield service, worker
        finally:
            await worker.stop()


async def post(service: RunningService, label: str, key: str | None = None) -> httpx.Response:
    return await service.user("ann").post("/parcels", {**PARCEL, "label": label}, key=key)


async def all_copied(service: RunningService, *labels: str) -> bool:
    return await service.host.db["copy_parcels"].count_documents({"label": {"$in": labels}}) == len(labels)


async def logged(service: RunningService) -> int:
    return await service.host.db["event_log"].count_documents({})


def assert_told_to_come_back(answer: httpx.Response, slug: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.json()["type"] == f"urn:baoqiao:problem:{slug}"
    assert int(answer.headers["retry-after"]) > 0


async def test_without_kafka_commands_are_answered_and_everything_catches_up_by_itself(servers: OwnServers):
    async with sample_on(servers) as (service, worker):
        await post(service, "before")
        await eventually(lambda: all_copied(service, "before"), "the copy before")
        await servers.stop("kafka")
        during = [f"during {n}" for n in range(20)]
        assert [(await post(service, label)).status_code for label in during] == [201] * 20

        async def told() -> bool:
            return worker.relay.oldest_seconds() > 0

        await eventually(told, "the age of what waits")
        assert await logged(service) == 1
        await servers.start("kafka")
        await post(service, "after")
        await eventually(lambda: all_copied(service, "before", *during, "after"), "all copies", within=90)
        assert await logged(service) == 22
        assert await worker.parking.count() == 0


@pytest.mark.parametrize("how", ["frozen", "ended"])
async def test_without_mongodb_answers_are_problems_and_nothing_is_parked(servers: OwnServers, how: str):
    async with sample_on(servers) as (service, worker):
        await post(service, "before")
        await eventually(lambda: all_copied(service, "before"), "the copy before")
        if how == "frozen":
            servers.freeze("mongod")
        else:
            await servers.stop("mongod")
        started = time.monotonic()
        answers = await asyncio.gather(*(post(service, f"during {n}", key=f"k{n}") for n in range(5)))
        assert time.monotonic() - started < 3 * MONGO_SECONDS
        for answer in answers:
            assert_told_to_come_back(answer, "database-unavailable")
        ready = await service.http.get("/readyz")
        assert (ready.status_code, (await service.http.get("/livez")).status_code) == (503, 200)

        if how == "frozen":
            servers.thaw("mongod")
        else:
            await servers.start("mongod")
        for n in range(5):  # the same key: what was done nevertheless is not done twice
            answer = await eventually(lambda n=n: answered(service, f"during {n}", f"k{n}"), "an answer")
            assert answer is not None
            assert answer.status_code == 201
        await eventually(lambda: all_copied(service, "before", *(f"during {n}" for n in range(5))), "all copies")
        assert await service.host.db["parcels"].count_documents({}) == 6
        assert await worker.parking.count() == 0


async def answered(service: RunningService, label: str, key: str) -> httpx.Response | None:
    answer = await post(service, label, key)
    return None if answer.status_code == 503 else answer


async def test_a_consumer_waits_for_mongodb_and_goes_on_where_it_was(servers: OwnServers):
    async with sample_on(servers) as (service, worker):
        handling = asyncio.Event()
        deliver = worker.deliveries.deliver

        async def told(*message: Any) -> bool:
            if not handling.is_set():
                handling.set()
                servers.freeze("mongod")
            return await deliver(*message)

        worker.deliveries.deliver = told  # pyright: ignore[reportAttributeAccessIssue]
        await post(service, "return me")
        await asyncio.wait_for(handling.wait(), 30)
        assert_told_to_come_back(await post(service, "x"), "database-unavailable")
        servers.thaw("mongod")
        await eventually(lambda: all_copied(service, "return me", "back"), "the effect and its own effect")
        assert await service.host.db["parcels"].count_documents({"label": "back"}) == 1
        assert await worker.parking.count() == 0


async def test_a_request_that_takes_too_long_ends_as_a_problem(servers: OwnServers):
    async with sample_on(servers, mongo_timeout_ms=10_000, request_seconds=0.3) as (service, _):
        servers.freeze("mongod")
        try:
            started = time.monotonic()
            assert_told_to_come_back(await post(service, "a"), "timeout")
            assert time.monotonic() - started < 2
        finally:
            servers.thaw("mongod")
        answer = await eventually(lambda: answered(service, "b", "k"), "an answer")
        assert answer is not None
        assert answer.status_code == 201
