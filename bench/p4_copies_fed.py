"""P4: a service's consumer keeps a copy of each client, against a raw aiokafka loop that does the same write."""

import asyncio
import gc
import time
from dataclasses import replace
from typing import Any

from aiokafka import AIOKafkaConsumer

from bench.bed import Bench
from bench.bus import backlog, like_one, messages
from bench.floors.copies import copy_batch
from bench.measure import Result, at_least, paired
from chassis.database import Database
from chassis.delivery import Deliveries
from chassis.kafka import Publisher, consumer_of, ensure_topics
from chassis.listening import Listening
from chassis.parking import Parking
from services.finance.parties.consumers import consumers

EVENTS = 10_000
TOPIC = "clients.clients"


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
    gc.collect()
    gc.freeze()  # as a service does when it starts

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
        gc.unfreeze()
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
    left, began = EVENTS, time.perf_counter()
    while left > 0:
        left -= await copy_batch(consumer, db["bare_copies"])
    seconds = time.perf_counter() - began
    await consumer.stop()
    return seconds
