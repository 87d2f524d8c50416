"""Readers that come late: subscribers that are new, and those that were away for longer than Kafka keeps what it has.

Kafka's retention is played by deleting records, which is what it does itself when they are too old.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import OffsetAndMetadata
from pymongo.errors import AutoReconnect

from chassis import metrics
from chassis.consuming import Consumers
from chassis.copies import Copy
from chassis.kafka import client_settings
from chassis.operating.events import send_again
from chassis.rebuilding import Rebuilt, rebuild
from chassis.service import Host, Service
from chassis.work import Work
from chassis.worker import Worker
from tests.support.bus import on_kafka
from tests.support.sample import ParcelCopy, ParcelDelivered, ParcelNotFound, ParcelPosted
from tests.support.service import KEYRING, LocalKeys, RunningService
from tests.support.waiting import eventually

Running = tuple[RunningService, Worker]
PARCEL = {"value": {"amount": "12.50"}}


class Followed(Copy[ParcelCopy]):
    collection = "copy_parcels"
    model = ParcelCopy
    missing = ParcelNotFound


consumers = Consumers()


@consumers.on(ParcelPosted)
async def follow_posting(posted: ParcelPosted, work: Work) -> None:
    await Followed(work).put(posted.parcel_id, label=posted.label)


@consumers.on(ParcelDelivered)
async def follow_delivery(delivered: ParcelDelivered, work: Work) -> None:
    await Followed(work).put(delivered.parcel_id, delivered=True)


follower = Service("follower", "Follower", routers=[], stores=[], consumers=[consumers])


@asynccontextmanager
async def a_new_subscriber(of: RunningService) -> AsyncIterator[Host]:
    """Another service with a group that never existed, on the same bus."""
    host = Host(follower, of.host.settings, clock=of.clock, keys=LocalKeys(), keyring=KEYRING)
    worker = Worker(host)
    await worker.start()
    try:
        yield host
    finally:
        await worker.stop()
        await host.db.client.drop_database(host.db.name)
        await host.db.close()


async def post(service: RunningService, label: str) -> str:
    return (await service.user("ann").post("/parcels", {**PARCEL, "label": label})).json()["id"]


async def deliver(service: RunningService, parcel: str) -> None:
    answer = await service.user("ann").post(f"/parcels/{parcel}/delivery", match=1)
    assert answer.status_code == 200, answer.text


async def kept(host: Host, **condition: Any) -> int:
    return await host.db["copy_parcels"].count_documents(condition)


async def drop_what_is_there(service: RunningService) -> int:
    """Do what Kafka's retention does; gives how many messages are gone."""
    settings = service.host.settings
    name = f"{settings.namespace}sample.parcels"
    places = [TopicPartition(name, number) for number in range(settings.topic_partitions)]
    reader = AIOKafkaConsumer(**client_settings(settings))
    admin = AIOKafkaAdminClient(**client_settings(settings))
    await reader.start()
    await admin.start()
    try:
        ends = await reader.end_offsets(places)
        await admin.delete_records({place: RecordsToDelete(before_offset=end) for place, end in ends.items()})
        return sum(ends.values())
    finally:
        await reader.stop()
        await admin.close()


def gone(host: Host) -> float:
    """What a service's worker told of messages that it will never see, in the counter that operators watch."""
    return metrics.GONE.labels(host.service.name, f"{host.settings.namespace}sample.parcels")._value.get()


async def test_a_new_subscriber_is_fed_from_the_beginning(sample_worker: Running):
    service, _ = sample_worker
    parcels = [await post(service, f"a {n}") for n in range(5)]
    await deliver(service, parcels[0])
    await on_kafka(service.host.settings, "sample.parcels", 6)
    async with a_new_subscriber(service) as host:
        await eventually(lambda: complete(host, 5, 1), "all parcels")
        parcels.append(await post(service, "after"))
        await eventually(lambda: complete(host, 6, 1), "those of afterwards")
        assert gone(host) == 0, "nothing was there no more"


async def complete(host: Host, parcels: int, delivered: int) -> bool:
    whole = {"label": {"$exists": True}}
    return await kept(host, **whole) == parcels and await kept(host, delivered=True, **whole) == delivered


async def test_a_new_subscriber_is_told_what_kafka_has_dropped_and_gets_it_by_a_replay_that_others_pass_over(
    sample_worker: Running,
):
    service, worker = sample_worker
    early = [await post(service, label) for label in ("early", "return early")]
    await eventually(lambda: all_kept(service, 3), "the copies of its own, and of the parcel that goes back")
    dropped = await drop_what_is_there(service)
    await deliver(service, early[0])
    async with a_new_subscriber(service) as host:
        await eventually(lambda: kept(host, delivered=True), "what Kafka still has")
        assert gone(host) == dropped == 3
        assert not await complete(host, 3, 1)
        assert await rebuild(host, "copy_parcels") == Rebuilt(0, 1, 0)

        assert await send_again(service.host, "sample.parcels") == 4
        assert await rebuild(host, "copy_parcels") == Rebuilt(3, 0, 0)
        assert await complete(host, 3, 1)
    assert await service.host.db["parcels"].count_documents({}) == 3, "nothing is sent back a second time"
    assert await worker.parking.count() == 0


async def all_kept(service: RunningService, count: int) -> bool:
    return await kept(service.host) == count


async def with_the_consumer_down(service: RunningService, worker: Worker, *labels: str) -> None:
    """Post parcels that reach Kafka while the service's consumer cannot work; ends the worker."""

    async def away(*_: Any) -> bool:
        raise AutoReconnect

    worker.deliveries.deliver = away  # pyright: ignore[reportAttributeAccessIssue]
    for label in labels:
        await post(service, label)

    async def logged() -> bool:
        return await service.host.db["event_log"].count_documents({}) == len(labels)

    await eventually(logged, "all published")
    await worker.stop()


@asynccontextmanager
async def next_worker(service: RunningService) -> AsyncIterator[Worker]:
    worker = Worker(service.host)
    await worker.start()
    try:
        yield worker
    finally:
        await worker.stop()


async def test_a_consumer_away_for_longer_than_the_retention_says_so_and_misses_nothing_after_a_replay(
    sample_worker: Running,
):
    service, worker = sample_worker
    await with_the_consumer_down(service, worker, "a", "return b")
    dropped = await drop_what_is_there(service)
    async with next_worker(service) as worker:
        await post(service, "after")
        await eventually(lambda: kept(service.host, label="after"), "it goes on with what there is")
        assert gone(service.host) == dropped == 2
        assert await kept(service.host) == 1
        await send_again(service.host, None)
        await eventually(lambda: all_kept(service, 4), "what it missed, and the effect of that")
        assert await service.host.db["parcels"].count_documents({"label": "back"}) == 1
        assert await worker.parking.count() == 0


async def test_offsets_beyond_the_end_of_the_log_neither_skip_anything_nor_hang(sample_worker: Running):
    service, worker = sample_worker
    await with_the_consumer_down(service, worker, *(f"a {n}" for n in range(6)))
    settings = service.host.settings
    name = f"{settings.namespace}sample.parcels"
    group = AIOKafkaConsumer(
        **client_settings(settings), group_id=f"{settings.namespace}sample", enable_auto_commit=False
    )
    await group.start()
    places = [TopicPartition(name, number) for number in range(settings.topic_partitions)]
    group.assign(places)
    await group.commit({place: OffsetAndMetadata(1_000_000, "") for place in places})  # as an older Kafka left them
    await group.stop()
    async with next_worker(service):
        await eventually(lambda: all_kept(service, 6), "all that the log has")
        await post(service, "after")
        await eventually(lambda: all_kept(service, 7), "what came afterwards")
        assert metrics.CUT.labels("sample", name)._value.get() > 0, "it is told to operators"


async def test_a_wrong_clock_of_a_worker_neither_hinders_nor_ages_a_message(sample_worker: Running):
    service, worker = sample_worker
    await eventually(lambda: is_ready(worker), "the worker")
    settings = service.host.settings
    producer = await worker.publisher._started()
    day_ms = 24 * 3600 * 1000
    for days in (3, -30):  # Kafka itself refuses what lies an hour ahead, and drops at once what lies a week back
        stamp = int(service.clock().timestamp() * 1000) + days * day_ms
        await producer.send_and_wait(f"{settings.namespace}sample.parcels", b"{}", key=b"k", timestamp_ms=stamp)
    messages = await on_kafka(settings, "sample.parcels", 2)
    assert {message.timestamp_type for message in messages} == {1}, "the broker's clock counts"


async def is_ready(worker: Worker) -> bool:
    return worker.ready
