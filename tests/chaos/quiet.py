"""Waits until nothing is under way any more: every outbox empty, every consumer at the end, every mail handed over."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from tests.chaos.reading import Books

SAID_EVERY_SECONDS = 15
SAID_AT_MOST = 4


@asynccontextmanager
async def reader(books: Books) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of no group."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=books.settings.kafka_bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_bytes=32 * 1024 * 1024,
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def places(books: Books) -> tuple[list[TopicPartition], list[str]]:
    """Every partition of every topic of ours, and in words those that are not on all brokers yet."""
    admin = AIOKafkaAdminClient(bootstrap_servers=books.settings.kafka_bootstrap)
    await admin.start()
    try:
        topics = await admin.describe_topics()
    finally:
        await admin.close()
    found: list[TopicPartition] = []
    thin: list[str] = []
    for topic in topics:
        for partition in topic["partitions"]:
            if len(partition["isr"]) < len(partition["replicas"]) or partition["leader"] < 0:
                thin.append(f"Kafka: {topic['topic']}/{partition['partition']} is in sync on {partition['isr']} only")
            if not topic["topic"].startswith("__"):
                found.append(TopicPartition(topic["topic"], partition["partition"]))
    return found, thin


async def until_quiet(books: Books, seconds: float, say: Callable[[str], None]) -> list[str]:
    """Wait, and say now and then for what; what is still under way when the time is over, nothing in the good case."""
    deadline = time.monotonic() + seconds
    next_said = time.monotonic() + SAID_EVERY_SECONDS
    left = ["not looked yet"]
    calm = 0
    while time.monotonic() < deadline:
        try:
            left = await under_way(books)
        except (PyMongoError, KafkaError, OSError) as error:
            left = [f"{type(error).__name__}: {error}"[:200]]
        if left and time.monotonic() > next_said:
            say(f"not at rest yet: {len(left)} ×, such as {'; '.join(left[:SAID_AT_MOST])}")
            next_said += SAID_EVERY_SECONDS
        calm = 0 if left else calm + 1
        if calm == 2:  # a consumer may have written between the looks
            return []
        await asyncio.sleep(0.5)
    return left


async def under_way(books: Books) -> list[str]:
    """What is not done yet, in words."""
    found: list[str] = []
    for name in books.services:
        db = books.db[name]
        for collection in books.stores(name):
            if waiting := await db[collection].count_documents({"outbox_at": {"$exists": True}}):
                found.append(f"{name}.{collection}: {waiting} documents with events to publish")
        if again := await db["parked"].count_documents({"again": True, "error": {"$not": {"$regex": "^behind"}}}):
            found.append(f"{name}: {again} parked messages that are tried again")
    clients, notifications = books.db["clients"], books.db["notifications"]
    if running := await clients["imports"].count_documents({"status": "running"}):
        found.append(f"clients: {running} imports running")
    if queued := await notifications["messages"].count_documents({"status": "queued"}):
        found.append(f"notifications: {queued} mails to hand over")
    return found + await _lag(books)


async def _lag(books: Books) -> list[str]:
    there, found = await places(books)
    if found:
        return found  # what the ends are is certain only when all replicas agree
    admin = AIOKafkaAdminClient(bootstrap_servers=books.settings.kafka_bootstrap)
    await admin.start()
    try:
        async with reader(books) as consumer:
            ends = await consumer.end_offsets(there)
        for name, service in books.services.items():
            topics = {fact.topic for consumers in service.consumers for fact, _ in consumers.handlers}
            committed = await admin.list_consumer_group_offsets(name) if topics else {}
            behind = [
                max(0, end - (committed[place].offset if place in committed else 0))
                for place, end in ends.items()
                if place.topic in topics
            ]
            if any(behind):
                found.append(f"{name}: {sum(behind)} messages to consume")
    finally:
        await admin.close()
    return found
