"""What happens while MongoDB or Kafka is away, and after: on servers of the test's own."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo.errors import AutoReconnect

from chassis.operating.events import send_again
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
    async with running(sample_service, servers.mongo_url, **told) as service, a_worker(service) as worker:
        yield service, worker


@asynccontextmanager
async def a_worker(service: RunningService) -> AsyncIterator[Worker]:
    worker = Worker(service.host)
    await worker.start()
    try:
        yield worker
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
            return worker.watch.oldest_seconds() > 0

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


async def test_kafka_s_data_wiped_is_rebuilt_by_replay_and_consumers_of_all_kinds_go_on(servers: OwnServers):
    async with sample_on(servers) as (service, worker):
        for label in ("before", "also before"):
            await post(service, label)
        await eventually(lambda: all_copied(service, "before", "also before"), "the copies before")

        async def away(*_: Any) -> bool:
            raise AutoReconnect

        worker.deliveries.deliver = away  # pyright: ignore[reportAttributeAccessIssue]
        for label in ("unread", "return unread"):
            await post(service, label)

        async def published() -> bool:
            return await logged(service) == 4

        await eventually(published, "what no consumer has read yet")
        await worker.stop()
        await servers.wipe_kafka()
        await post(service, "while it was gone")
        assert await send_again(service.host, None) == 4

        async with a_worker(service) as worker:
            await post(service, "after")
            later = ("unread", "return unread", "back", "while it was gone", "after")
            await eventually(lambda: all_copied(service, "before", "also before", *later), "all copies")
            assert await as_many(service, "parcels", 7, {}), "nothing is sent back twice"
            assert await as_many(service, "event_log", 7, {})
            assert await worker.parking.count() == 0


async def as_many(service: RunningService, collection: str, count: int, condition: dict[str, Any]) -> bool:
    return await service.host.db[collection].count_documents(condition) == count


SLOW_MS = 1_800


async def test_while_mongodb_is_slow_waits_are_bounded_answers_are_problems_and_the_pool_recovers_at_once(
    servers: OwnServers,
):
    async with sample_on(servers, mongo_pool=4, mongo_timeout_ms=3_000) as (service, worker):
        await post(service, "before")
        await eventually(lambda: all_copied(service, "before"), "the copy before")
        told = {"failCommands": ["insert"], "blockConnection": True, "blockTimeMS": SLOW_MS}
        admin = service.host.db.client.admin
        await admin.command("configureFailPoint", "failCommand", mode="alwaysOn", data=told)
        try:
            started = time.monotonic()
            answers = await asyncio.gather(*(post(service, f"slow {n}", key=f"k{n}") for n in range(24)))
            took = time.monotonic() - started
        finally:
            await admin.command("configureFailPoint", "failCommand", mode="off")
        by_status = {status: [a for a in answers if a.status_code == status] for status in (201, 503)}
        assert len(by_status[201]) + len(by_status[503]) == 24
        assert by_status[503], "six times as many as the pool takes are too many"
        for answer in by_status[503]:
            assert_told_to_come_back(answer, "database-unavailable")
        assert took < 24 / 4 * SLOW_MS / 1000, "nobody waits for his turn longer than the limit"

        started = time.monotonic()
        again = await asyncio.gather(*(post(service, f"slow {n}", key=f"k{n}") for n in range(24)))
        assert [answer.status_code for answer in again] == [201] * 24, "fast again at once, under the same keys"
        assert await as_many(service, "parcels", 25, {})
        await eventually(lambda: as_many(service, "copy_parcels", 25, {}), "all copies")
        assert await worker.parking.count() == 0


async def test_workers_that_run_while_kafka_is_wiped_come_back_by_themselves(servers: OwnServers):
    async with sample_on(servers) as (service, worker):
        for n in range(20):  # so that the old offsets are larger than the new log's end
            await post(service, f"before {n}")
        await eventually(lambda: as_many(service, "copy_parcels", 20, {}), "the copies before")
        await servers.wipe_kafka()
        await post(service, "return after")
        await eventually(lambda: all_copied(service, "return after", "back"), "what came after", within=180)
        assert await send_again(service.host, None) == 22
        await post(service, "last")
        await eventually(lambda: all_copied(service, "last"), "behind the replay")
        assert await as_many(service, "parcels", 23, {})
        assert await worker.parking.count() == 0
