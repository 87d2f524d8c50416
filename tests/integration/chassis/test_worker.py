"""From a committed change to its effect elsewhere, on real Kafka; and what becomes of messages that cannot be
handled."""

from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from chassis.clock import COMPANY_ZONE
from chassis.jobs import Job
from chassis.kafka import Message, Publisher, ensure_topics
from chassis.relay import replay
from chassis.work import Work
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


async def test_a_key_has_the_partition_that_any_other_client_chooses_and_keeps_its_order(
    sample: RunningService, kafka_bootstrap: str
):
    fresh = {"kafka_bootstrap": kafka_bootstrap, "namespace": f"{sample.host.settings.namespace}fresh_"}
    settings = sample.host.settings.model_copy(update=fresh)
    await ensure_topics(settings, ["sample.parcels"])
    topic, keys = f"{settings.namespace}sample.parcels", [f"key-{n}".encode() for n in range(6)]
    theirs, ours = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap), Publisher(settings)
    await theirs.start()
    for key in keys:
        await theirs.send_and_wait(topic, b"theirs", key=key)
    await theirs.stop()
    sizes = (*[30_000] * 7, 200_000, 1)  # several batches of each partition, and a message larger than a batch
    told = [Message(topic, key, b"%d" % n + b"x" * size, []) for n, size in enumerate(sizes) for key in keys]
    await ours.publish(told, lambda: None)
    await ours.renew()

    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka_bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    got = [await anext(consumer) for _ in range(10 * len(keys))]
    await consumer.stop()
    for key in keys:
        mine = [record for record in got if record.key == key]
        assert len({record.partition for record in mine}) == 1
        assert [(record.value or b"")[:1] for record in mine] == [b"t", *(b"%d" % n for n in range(9))]


async def test_a_daily_job_runs_whenever_the_lease_is_taken_for_its_hour_may_have_passed(sample_worker: Running):
    _, worker = sample_worker
    runs = list[Work]()

    async def look(work: Work) -> None:
        runs.append(work)

    async def ran() -> bool:
        return bool(runs)

    worker._schedule(Job("look", look, at_hour=(datetime.now(COMPANY_ZONE).hour + 12) % 24))
    for _ in range(2):
        runs.clear()
        await worker.lease.give_up()
        await eventually(ran, "the daily job once more")
        assert [work.service for work in runs] == [worker.service.name], "once for each time that it is taken"
