"""Floor of P4 and P5: a raw aiokafka loop that keeps a copy of each client and commits after each batch."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord
from fastapi import FastAPI
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

KEPT = ("status", "name", "person_name", "contacts")
AT_ONCE = 32
Record = ConsumerRecord[bytes, bytes]


def app_on(database: AsyncDatabase[dict[str, Any]], bootstrap: str, topic: str) -> FastAPI:
    """Consumes from its start to its end."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=bootstrap,
            group_id="floor",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await consumer.start()
        consuming = asyncio.create_task(_consume(consumer, database["copies"]))
        yield
        consuming.cancel()
        await consumer.stop()

    return FastAPI(lifespan=lifespan)


async def _consume(consumer: AIOKafkaConsumer, copies: AsyncCollection[dict[str, Any]]) -> None:
    while True:
        await copy_batch(consumer, copies)


async def copy_batch(consumer: AIOKafkaConsumer, copies: AsyncCollection[dict[str, Any]]) -> int:
    """Copy what there is, AT_ONCE aggregates side by side, and commit; gives the number of messages."""
    room, lanes = asyncio.Semaphore(AT_ONCE), dict[bytes | None, list[Record]]()
    for records in (await consumer.getmany(timeout_ms=1000, max_records=500)).values():
        for record in records:
            lanes.setdefault(record.key, []).append(record)
    await asyncio.gather(*(_keep(lane, copies, room) for lane in lanes.values()))
    if lanes:
        await consumer.commit()
    return sum(len(lane) for lane in lanes.values())


async def _keep(records: list[Record], copies: AsyncCollection[dict[str, Any]], room: asyncio.Semaphore) -> None:
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
