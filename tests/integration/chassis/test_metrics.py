"""The numbers that operators watch say what is so."""

import asyncio
import time
from contextlib import suppress
from typing import Any

import pymongo
import pytest
from pymongo.errors import AutoReconnect, ExecutionTimeout

from chassis import metrics
from chassis.jobs import Job
from chassis.leases import Lease
from chassis.listening import Listening
from chassis.refusals import TryLater
from chassis.watch import Watch, _waiting
from chassis.worker import Worker
from tests.support.numbers import Since, told
from tests.support.sample import service as sample_service
from tests.support.service import RunningService, running
from tests.support.waiting import eventually

PARCEL = {"label": "a", "value": {"amount": "12.50"}}


async def test_a_command_is_counted_by_what_became_of_it_and_a_refusal_by_its_rule(sample: RunningService):
    outcomes = ("done", "repeated", "refused", "failed")
    commands = Since(
        "baoqiao_commands_total", *({"command": "post_parcel", "outcome": outcome} for outcome in outcomes)
    )
    delivered = Since("baoqiao_commands_total", {"command": "deliver_parcel", "outcome": "refused"})
    refusals = Since("baoqiao_refusals_total", *({"rule": rule, "door": "http"} for rule in ("SYS-002", "SYS-005")))
    ann = sample.user("ann")
    made = (await ann.post("/parcels", PARCEL, key="once")).json()["id"]
    await ann.post("/parcels", PARCEL, key="once")
    await ann.post("/parcels", {}, key="incomplete")
    await ann.post("/parcels", PARCEL, key="not to be a key")
    await ann.post(f"/parcels/{made}/delivery", match=7)
    await ann.get("/parcels")
    assert commands.grown() == [1, 1, 2, 0]
    assert delivered.grown() == [1]
    assert refusals.grown() == [1, 1]


async def test_a_wait_for_a_connection_of_the_pool_is_told(mongo_url: str):
    async with running(sample_service, mongo_url, mongo_pool=1) as service:
        waits = Since("baoqiao_pool_wait_seconds_count", {})
        ann = service.user("ann")
        await asyncio.gather(*(ann.get("/parcels") for _ in range(20)))
        assert waits.grown()[0] > 0


async def test_so_is_one_in_vain(mongo_url: str):
    async with running(sample_service, mongo_url, mongo_pool=1, mongo_timeout_ms=300) as service:
        admin = service.host.db.database.client.admin
        asked = {"hello": 1, "topologyVersion": (await admin.command("hello"))["topologyVersion"]}

        async def hold() -> None:
            with pymongo.timeout(20), suppress(ExecutionTimeout):  # with which the server ends such a wait
                await admin.command(asked | {"maxAwaitTimeMS": 1500})

        seconds = Since("baoqiao_pool_wait_seconds_sum", {})
        async with asyncio.TaskGroup() as holding:
            holding.create_task(hold())
            await asyncio.sleep(0)  # it goes first
            assert (await service.user("ann").get("/parcels")).status_code == 503
        assert seconds.grown()[0] > 0.2


async def test_what_waits_in_the_outboxes_is_told_by_the_worker_that_relays_and_by_no_other(sample: RunningService):
    ann = sample.user("ann")
    made = (await ann.post("/parcels", PARCEL)).json()["id"]
    await ann.post(f"/parcels/{made}/delivery", match=1)
    await ann.post("/parcels", {**PARCEL, "label": "b"})
    lease = Lease(sample.host.db, "worker", "w1")
    watch = Watch(sample.host.db, "sample", ["parcels", "files"], lease)
    await watch.look_at_outboxes()
    assert (told("baoqiao_outbox_pending"), watch.oldest_seconds(), told("baoqiao_relay_epoch")) == (0, 0, 0)
    assert await lease.hold()
    await watch.look_at_outboxes()
    first = watch.oldest_seconds()
    assert (told("baoqiao_outbox_pending"), told("baoqiao_relay_epoch")) == (2, 1)
    assert first > 0
    assert watch.oldest_seconds() > first, "it grows between two looks"
    await sample.host.db["parcels"].update_many({}, {"$set": {"outbox_at": sample.clock()}})
    sample.clock.move(days=10_000)
    await sample.host.db["parcels"].update_many({}, {"$set": {"outbox_at": sample.clock()}})
    await watch.look_at_outboxes()
    assert watch.oldest_seconds() == 0, "of a clock that is ahead"
    await sample.host.db["parcels"].update_many({}, {"$unset": {"outbox_at": ""}})
    await watch.look_at_outboxes()
    assert told("baoqiao_outbox_pending") == 0


async def test_a_look_at_the_outboxes_reads_an_index_alone_however_large_the_collections_are(sample: RunningService):
    asked = {"aggregate": "parcels", "pipeline": _waiting(), "cursor": {}}
    plan = str(await sample.host.db.database.command("explain", asked, verbosity="queryPlanner"))
    assert "IXSCAN" in plan
    assert "COLLSCAN" not in plan
    assert "FETCH" not in plan


async def test_messages_are_told_as_lag_until_they_are_handled_and_as_retried_while_they_are_tried(
    sample_worker: tuple[RunningService, Worker], monkeypatch: pytest.MonkeyPatch
):
    service, worker = sample_worker
    topic = f"{service.host.settings.namespace}sample.parcels"
    deliver, tries = worker.deliveries.deliver, iter([AutoReconnect(), TryLater(), TryLater()])

    async def hesitant(*told: Any) -> bool:
        if error := next(tries, None):
            raise error
        await go_on.wait()
        return await deliver(*told)

    go_on = asyncio.Event()
    monkeypatch.setattr(worker.deliveries, "deliver", hesitant)
    refusals = Since("baoqiao_refusals_total", {"rule": "none", "door": "event"})
    for label in "abc":
        await service.user("ann").post("/parcels", {**PARCEL, "label": label})

    async def listening() -> Listening | None:
        return worker._listening

    async def behind() -> float:
        found = await eventually(listening)
        assert found is not None
        await worker.watch.look_at_kafka(found)
        return told("baoqiao_consumer_lag", topic=topic)

    async def is_behind_by_three() -> bool:
        return await behind() == 3

    async def is_up_to_date() -> bool:
        return await behind() == 0

    await eventually(is_behind_by_three, "three messages wait")
    go_on.set()
    await eventually(is_up_to_date, "all are handled")
    assert told("baoqiao_consumed_total", topic=topic, outcome="handled") == 3
    assert told("baoqiao_consumed_total", topic=topic, outcome="retried") == 2
    assert told("baoqiao_handled_seconds_count", topic=topic) == 3
    assert refusals.grown() == [2]
    posted = "baoqiao.sample.parcels.parcel_posted.v1"
    assert told("baoqiao_relayed_total", type=posted) >= 3


async def test_a_job_is_told_with_when_it_was_last_done(sample: RunningService):
    async def tell(_: Any) -> None:
        return

    async def break_off(_: Any) -> None:
        raise ValueError

    worker = Worker(sample.host)
    assert await worker.lease.hold()
    await worker.run_job(Job("tell", tell))
    await worker.run_job(Job("break off", break_off))
    assert time.time() - told("baoqiao_job_done_timestamp_seconds", job_name="tell") < 60
    assert told("baoqiao_job_done_timestamp_seconds", job_name="break off") == 0
    assert told("baoqiao_job_seconds_count", job_name="break off", outcome="failed") == 1


async def test_a_loop_that_was_kept_from_its_work_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(metrics, "LAG_SECONDS", 0.01)
    telling = asyncio.create_task(metrics.tell_loop_lag("sample"))
    await asyncio.sleep(0)
    until = time.perf_counter() + 0.2
    while time.perf_counter() < until:
        pass

    async def late() -> bool:
        return told("baoqiao_loop_lag_seconds_sum") > 0.15

    await eventually(late, "how late it was")
    assert not telling.done(), "it goes on telling"
    telling.cancel()


async def test_who_asks_for_openmetrics_gets_it(sample: RunningService):
    plain = await sample.http.get("/metrics")
    asked = await sample.http.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert plain.headers["content-type"].startswith("text/plain")
    assert asked.headers["content-type"].startswith("application/openmetrics-text")
    assert asked.text.endswith("# EOF\n")
