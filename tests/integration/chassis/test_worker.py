"""From a committed change to its effect elsewhere, on real Kafka; and what becomes of messages that cannot be
handled."""

import json
from typing import Any

import pytest

from chassis.kafka import Publisher
from chassis.relay import envelope, replay
from chassis.worker import Worker
from contracts import wire
from tests.support.service import RunningService
from tests.support.waiting import eventually

Running = tuple[RunningService, Worker]
PARCEL = {"label": "a", "value": {"amount": "12.50"}}


async def copies(service: RunningService, **condition: Any) -> int:
    return await service.host.db["copy_parcels"].count_documents(condition)


async def send(service: RunningService, key: str, value: bytes, headers: wire.Headers) -> None:
    publisher = Publisher(service.host.settings)
    topic = f"{service.host.settings.namespace}sample.parcels"
    await (await publisher.send(topic, value=value, key=key.encode(), headers=headers))
    await publisher.renew()


def a_posting(key: str, version: int = 1) -> wire.Headers:
    event = {
        "id": f"e-{key}-{version}",
        "type": "baoqiao.sample.parcels.parcel_posted.v1",
        "v": version,
        "branch": "hq",
        "actor": "u",
        "correlation": "c",
        "causation": "",
        "trace": "",
    }
    from chassis.clock import utc_now

    return wire.headers_of(envelope("sample", key, {**event, "at": utc_now()}))


async def test_a_committed_change_reaches_its_consumers_and_the_log(sample_worker: Running):
    service, _ = sample_worker
    made = (await service.user("ann").post("/parcels", PARCEL)).json()
    await eventually(lambda: copies(service, _id=made["id"], label="a", v=1), "the copy")
    [logged] = await service.host.db["event_log"].find({}).to_list()
    assert (logged["topic"], logged["key"], logged["v"]) == ("sample.parcels", made["id"], 1)

    async def cleared() -> bool:
        document = await service.host.db["parcels"].find_one({"_id": made["id"]})
        return document is not None and document["outbox"] == [] and "outbox_at" not in document

    await eventually(cleared, "an empty outbox")


async def test_what_cannot_be_read_is_parked_with_its_reason_and_blocks_only_its_own_aggregate(sample_worker: Running):
    service, worker = sample_worker
    await eventually(lambda: is_ready(worker), "the worker")
    posted = json.dumps({"parcel_id": "p1", "label": "x"}).encode()
    await send(service, "p1", b"{not json", a_posting("p1", 1))
    await send(service, "p1", posted, a_posting("p1", 2))
    await send(service, "p2", posted.replace(b"p1", b"p2"), a_posting("p2", 1))
    await eventually(lambda: copies(service, _id="p2"), "the other aggregate goes on")

    async def both_parked() -> bool:
        return await worker.parking.count() == 2

    await eventually(both_parked, "the bad message and the one behind it")
    assert await copies(service, _id="p1") == 0


async def test_redrive_empties_the_park_in_order_once_the_cause_is_mended(sample_worker: Running):
    service, worker = sample_worker
    await eventually(lambda: is_ready(worker), "the worker")
    good = json.dumps({"parcel_id": "p1", "label": "x"}).encode()
    await send(service, "p1", b"[]", a_posting("p1", 1))
    await send(service, "p1", good.replace(b"x", b"y"), a_posting("p1", 2))

    async def both_parked() -> bool:
        return await worker.parking.count() == 2

    await eventually(both_parked, "two parked")
    await service.host.db["parked"].update_one({"value": b"[]"}, {"$set": {"value": good}})
    assert await worker.parking.redrive(worker.deliveries.deliver) == (2, 0)
    assert await copies(service, _id="p1", label="y", v=2) == 1


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([("ce_id", b"\xff\xfe")], "not UTF-8"),
        ([], "specversion"),
        ([("ce_specversion", b"1.0"), ("ce_id", b"1")], "envelope"),
    ],
)
async def test_broken_headers_are_parked(sample_worker: Running, headers: wire.Headers, reason: str):
    service, worker = sample_worker
    await eventually(lambda: is_ready(worker), "the worker")
    await send(service, "p9", b"{}", headers)
    [parked] = await eventually(lambda: service.host.db["parked"].find({}).to_list(), "the message")
    assert reason in parked["error"]


async def test_facts_of_a_type_that_nobody_here_knows_are_passed_over(sample_worker: Running):
    service, worker = sample_worker
    await eventually(lambda: is_ready(worker), "the worker")
    unknown = [(n, b"baoqiao.sample.parcels.parcel_posted.v9" if n == "ce_type" else v) for n, v in a_posting("p1")]
    await send(service, "p1", b"{}", unknown)
    await send(service, "p1", json.dumps({"parcel_id": "p1", "label": "x", "weight_g": 5}).encode(), a_posting("p1"))
    await eventually(lambda: copies(service, _id="p1"), "the next fact, with a field that is new")
    assert await worker.parking.count() == 0


async def test_a_replay_changes_nothing_that_was_seen(sample_worker: Running):
    service, _ = sample_worker
    made = (await service.user("ann").post("/parcels", {**PARCEL, "label": "return"})).json()
    await eventually(lambda: copies(service, _id=made["id"]), "the copy")
    publisher = Publisher(service.host.settings)
    assert await replay(service.host.db, service.host.settings.namespace, publisher) == 1
    await publisher.renew()
    await service.host.db["copy_parcels"].delete_many({})
    publisher = Publisher(service.host.settings)
    await replay(service.host.db, service.host.settings.namespace, publisher)
    await publisher.renew()
    await eventually(lambda: copies(service, _id=made["id"], v=1), "the copy, rebuilt from the log")
    assert await service.host.db["parcels"].count_documents({}) == 1


async def is_ready(worker: Worker) -> bool:
    return worker.ready
