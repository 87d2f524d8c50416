"""An effect once, however often a message is delivered and wherever a consumer dies."""

import asyncio
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, ExecutionTimeout

from chassis.branches import COPY
from chassis.refusals import TryLater
from chassis.worker import Worker
from contracts.identity import BranchMoved, BranchOpened
from tests.support.sample import ParcelDelivered, ParcelPosted
from tests.support.service import RunningService
from tests.support.waiting import eventually

Running = tuple[RunningService, Worker]
PARCEL = {"value": {"amount": "12.50"}}


async def died(worker: Worker) -> None:
    """What is left of a worker when its process is killed: nothing is finished, nothing given back."""
    left = set(worker._tasks)
    while left:  # a library in between may take a cancellation for its own
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=1)
    worker._scheduler.shutdown(wait=False)


async def test_a_consumer_that_dies_between_effect_and_commit_leaves_one_effect(sample_worker: Running):
    service, first = sample_worker
    delivered: list[bool] = []

    async def listening() -> bool:
        return first._listening is not None

    await eventually(listening, "the first consumer")
    assert first._listening is not None
    at_commit = asyncio.Event()

    async def never(*_: Any) -> None:
        at_commit.set()
        await asyncio.Event().wait()

    first._listening._consumer.commit = never  # pyright: ignore[reportAttributeAccessIssue]
    await service.user("ann").post("/parcels", {**PARCEL, "label": "return me"})
    await asyncio.wait_for(at_commit.wait(), 30)
    await died(first)
    assert await service.host.db["parcels"].count_documents({"label": "back"}) == 1

    second = Worker(service.host)
    deliver = second.deliveries.deliver

    async def counted(*message: Any) -> bool:
        delivered.append(await deliver(*message))
        return delivered[-1]

    second.deliveries.deliver = counted  # pyright: ignore[reportAttributeAccessIssue]
    await second.start()

    async def again() -> bool:
        return bool(delivered)

    await eventually(again, "the message, a second time")
    await second.stop()
    assert await service.host.db["parcels"].count_documents({"label": "back"}) == 1
    assert await service.host.db["copy_parcels"].count_documents({"label": "return me", "v": 1}) == 1


async def test_a_consumer_whose_client_fetches_nothing_more_is_replaced(sample_worker: Running):
    service, worker = sample_worker

    async def copied() -> int:
        return await service.host.db["copy_parcels"].count_documents({})

    await service.user("ann").post("/parcels", {**PARCEL, "label": "before"})
    await eventually(copied, "the first copy")
    assert worker._listening is not None
    consumer = worker._listening._consumer
    fetcher: Any = consumer._fetcher

    def torn(*_: Any) -> None:
        raise AssertionError("as aiokafka's own of a partition whose leader changed")

    async def ended() -> bool:
        return fetcher.error_future.done()

    fetcher._get_actions_per_node = torn
    await eventually(ended, "the end of the fetching")
    await service.user("ann").post("/parcels", {**PARCEL, "label": "after"})

    async def both() -> bool:
        return await copied() == 2

    await eventually(both, "the copy of what came afterwards")
    assert worker._listening is not None
    assert worker._listening._consumer is not consumer
    assert not any(connection.connected() for connection in consumer._client._conns.values())


@pytest.mark.parametrize("fault", [AutoReconnect("gone"), ExecutionTimeout("slow", 50)])
async def test_however_long_the_database_is_away_nothing_is_parked(
    sample_worker: Running, monkeypatch: pytest.MonkeyPatch, fault: Exception
):
    service, worker = sample_worker
    monkeypatch.setattr("chassis.listening.FIRST_PAUSE", 0.001)
    monkeypatch.setattr("chassis.listening.LONGEST_PAUSE", 0.002)
    deliver, tries = worker.deliveries.deliver, 0

    async def away(*message: Any) -> bool:
        nonlocal tries
        tries += 1
        if tries < 20:
            raise fault
        return await deliver(*message)

    worker.deliveries.deliver = away  # pyright: ignore[reportAttributeAccessIssue]
    made = (await service.user("ann").post("/parcels", {**PARCEL, "label": "a"})).json()

    async def copied() -> bool:
        return await service.host.db["copy_parcels"].count_documents({"_id": made["id"]}) == 1

    await eventually(copied, "the copy")
    assert tries >= 20
    assert await worker.parking.count() == 0


class NotHereYet(TryLater):
    zh = "尚未到达"
    en = "Not here yet"


@pytest.mark.usefixtures("impatient")
async def test_what_waits_for_something_else_is_tried_again_without_a_hand(sample_worker: Running):
    service, worker = sample_worker
    arrived = False
    deliver = worker.deliveries.deliver

    async def waiting(*message: Any) -> bool:
        if not arrived:
            raise NotHereYet
        return await deliver(*message)

    worker.deliveries.deliver = waiting  # pyright: ignore[reportAttributeAccessIssue]
    made = (await service.user("ann").post("/parcels", {**PARCEL, "label": "a"})).json()

    async def parked() -> bool:
        return await worker.parking.count() == 1

    await eventually(parked, "the parked message")
    arrived = True

    async def copied() -> bool:
        there = await service.host.db["copy_parcels"].count_documents({"_id": made["id"]})
        return there == 1 and await worker.parking.count() == 0

    assert await eventually(copied, "the copy, and an empty park")


async def test_a_copy_never_goes_back(sample: RunningService):
    await sample.receives(ParcelPosted(parcel_id="p", label="new"), "p", 3)
    await sample.receives(ParcelPosted(parcel_id="p", label="old"), "p", 2)
    await sample.receives(ParcelDelivered(parcel_id="p"), "p", 4)
    copy = await sample.host.db["copy_parcels"].find_one({"_id": "p"})
    assert copy is not None
    assert (copy["label"], copy["v"]) == ("new", 3)


async def test_the_branch_tree_follows_its_events_with_the_dates_of_moves(sample: RunningService):
    opened = {"kind": "sub-branch", "region": "44", "from_on": "2026-01-01", "code": "SZ", "name": "深圳"}
    born = BranchOpened.model_validate({"branch_id": "sz", "parent_id": "hq", **opened})
    moved = BranchMoved.model_validate({"branch_id": "sz", "parent_id": "gd", "from_on": "2026-03-02"})
    await sample.knows_branch("gd")
    for version, fact in ((1, born), (2, moved), (1, born), (2, moved)):
        await sample.receives(fact, "sz", version)
    kept = await sample.host.db[COPY].find_one({"_id": "sz"})
    assert kept is not None
    assert (kept["v"], [step["parent"] for step in kept["parents"]]) == (2, ["hq", "gd"])
    sample.host.branches._read_at = float("-inf")
    today = sample.host.system_work().today
    assert "sz" in await sample.host.branches.below(["gd"], today)
    assert "sz" not in await sample.host.branches.below(["gd"], today.replace(day=1))
