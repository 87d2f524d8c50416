"""P4: a service's consumer keeps a copy of each client, against a raw aiokafka loop that does the same write."""

import asyncio
import json
import time
from dataclasses import replace
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord
from pymongo.errors import DuplicateKeyError

from bench.bed import Bench
from bench.bus import backlog, like_one, messages
from bench.measure import Result, at_least, paired
from chassis.database import Database
from chassis.delivery import Deliveries
from chassis.kafka import Publisher, consumer_of, ensure_topics
from chassis.listening import AT_ONCE, Listening
from chassis.parking import Parking
from services.finance.parties.consumers import consumers

EVENTS = 10_000
TOPIC = "clients.clients"
KEPT = ("status", "name", "person_name", "contacts")
Record = ConsumerRecord[bytes, bytes]


async def run(bench: Bench) -> list[Result]:
    """Finance's copy of clients; each run is a group of its own and reads from the beginning."""
    clients, host = bench.host("clients", namespace="p4_"), bench.host("finance", namespace="p4_")
    host.service = replace(host.service, consumers=[consumers])
    await clients.prepare()
    await host.prepare()
    await ensure_topics(host.settings, [TOPIC])
    publisher = Publisher(host.settings)
    documents = backlog(await like_one(clients.system_work()), EVENTS)
    await publisher.publish(messages(documents, "p4_"), lambda: None)
    await publisher.renew()

    async def reader() -> AIOKafkaConsumer:
        consumer = consumer_of(host.settings, f"bench-{time.monotonic_ns()}", [TOPIC])
        await consumer.start()
        while not consumer.assignment():  # noqa: ASYNC110 - aiokafka has no event
            await asyncio.sleep(0.05)
        await consumer.seek_to_beginning()
        return consumer

    async def ours() -> float:
        await host.db["copy_clients"].delete_many({})
        return EVENTS / await _consumed(Deliveries(host), await reader(), Parking(host.db, "finance"))

    async def floor() -> float:
        await host.db["bare_copies"].delete_many({})
        return EVENTS / await _copied(host.db, await reader())

    try:
        return [await paired("P4", "consumer with one effect", "events/s", at_least(0.8), ours, floor)]
    finally:
        for one in (clients, host):
            await one.db.client.drop_database(one.db.name)
            await one.db.close()


async def _consumed(deliveries: Deliveries, consumer: AIOKafkaConsumer, parking: Parking) -> float:
    listening = Listening(deliveries, consumer, parking)
    deliver, left = deliveries.deliver, EVENTS

    async def counted(*message: Any) -> bool:
        nonlocal left
        known = await deliver(*message)
        left -= 1
        if left == 0:
            listening.stop()
        return known

    deliveries.deliver = counted  # pyright: ignore[reportAttributeAccessIssue]
    began = time.perf_counter()
    await listening.run()
    seconds = time.perf_counter() - began
    await consumer.stop()
    return seconds


async def _copied(db: Database, consumer: AIOKafkaConsumer) -> float:
    """As many aggregates side by side as ours; offsets committed after each batch."""
    copies, room, left = db["bare_copies"], asyncio.Semaphore(AT_ONCE), EVENTS

    async def keep(records: list[Record]) -> None:
        async with room:
            for record in records:
                assert record.value is not None
                headers, card = dict(record.headers), json.loads(record.value)["card"]
                version = int(headers["ce_aggregateversion"] or 0)
                sets = {name: card[name] for name in KEPT} | {"v": version, "branch": headers["ce_branch"]}
                newer = {"_id": card["client_id"], "v": {"$lt": version}}
                try:
                    await copies.update_one(newer, {"$set": sets}, upsert=True)
                except DuplicateKeyError:
                    continue

    began = time.perf_counter()
    while left > 0:
        lanes: dict[bytes | None, list[Record]] = {}
        for records in (await consumer.getmany(timeout_ms=1000, max_records=500)).values():
            for record in records:
                lanes.setdefault(record.key, []).append(record)
        await asyncio.gather(*(keep(lane) for lane in lanes.values()))
        await consumer.commit()
        left -= sum(len(lane) for lane in lanes.values())
    seconds = time.perf_counter() - began
    await consumer.stop()
    return seconds
