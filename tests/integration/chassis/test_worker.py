"""From a committed change to its effect elsewhere, on real Kafka; and what becomes of messages that cannot be
handled."""

from typing import Any

from chassis.kafka import Publisher
from chassis.relay import replay
from chassis.worker import Worker
from tests.support.service import RunningService
from tests.support.waiting import eventually

Running = tuple[RunningService, Worker]
PARCEL = {"label": "a", "value": {"amount": "12.50"}}


async def copies(service: RunningService, **condition: Any) -> int:
    return await service.host.db["copy_parcels"].count_documents(condition)


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
