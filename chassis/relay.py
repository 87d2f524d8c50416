"""The outbox relay: publishes what documents carry, logs it, clears it. One active relay in each service, by a lease.

Promises: every committed event reaches Kafka at least once and the event log exactly once, in the order of its
aggregate's versions; nothing
is cleared before Kafka's acknowledgement and the log's. Does not promise one delivery, nor an order between aggregates.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from chassis import metrics
from chassis.database import Database, Document
from chassis.leases import Lease
from contracts import wire
from contracts.facts import FACTS, Envelope

BATCH = 500


class Producer(Protocol):
    """What the relay needs of aiokafka's producer."""

    async def send(self, topic: str, value: bytes, key: bytes, headers: wire.Headers) -> Awaitable[Any]: ...


def envelope(service: str, subject: str, event: Document) -> Envelope:
    """The CloudEvents envelope of an outbox entry."""
    return Envelope(
        id=event["id"],
        source=f"/baoqiao/{service}",
        type=event["type"],
        subject=subject,
        time=event["at"],
        aggregateversion=event["v"],
        branch=event["branch"],
        actor=event["actor"],
        correlationid=event["correlation"],
        causationid=event["causation"],
        traceparent=event["trace"],
    )


class Relay:
    """Publishes the outboxes of one service's collections."""

    def __init__(
        self, db: Database, service: str, namespace: str, collections: list[str], producer: Producer, lease: Lease
    ) -> None:
        self._db, self._service, self._namespace = db, service, namespace
        self._collections, self._producer, self._lease = collections, producer, lease
        self._count = 0

    async def sweep(self) -> int:
        """Publish what is pending, collection by collection, until nothing is; gives the number of events."""
        published = 0
        for collection in self._collections:
            while self._lease.held:
                done = await self._batch(collection)
                published += done
                if done == 0:
                    break
        if published:
            metrics.RELAYED.labels(self._service).inc(published)
        return published

    async def _batch(self, collection: str) -> int:
        documents = self._db[collection].find({"outbox_at": {"$exists": True}}, {"outbox": 1, "outbox_at": 1})
        pending = await documents.sort("outbox_at", 1).limit(BATCH).to_list()
        if pending:
            metrics.OLDEST.labels(self._service).set((datetime.now(UTC) - pending[0]["outbox_at"]).total_seconds())
        else:
            metrics.OLDEST.labels(self._service).set(0)
            return 0
        logged: list[Document] = []
        sent: list[Awaitable[Any]] = []
        for document in pending:
            for event in document["outbox"]:
                logged.append(self._log_entry(document["_id"], event))
                sent.append(await self._send(logged[-1]))
        await asyncio.gather(*sent)
        await self._log(logged)
        await self._clear(collection, pending)
        return len(logged)

    def _log_entry(self, subject: str, event: Document) -> Document:
        self._count += 1
        fact = FACTS[event["type"]]
        told = envelope(self._service, subject, event)
        seq = self._lease.epoch * 2**40 + self._count
        headers = [[name, text.decode()] for name, text in wire.headers_of(told)]
        return {
            "_id": event["id"],
            "seq": seq,
            "topic": fact.topic,
            "key": subject,
            "v": event["v"],
            "headers": headers,
            "value": event["data"],
        }

    async def _send(self, entry: Document) -> Awaitable[Any]:
        headers = [(name, text.encode()) for name, text in entry["headers"]]
        topic = f"{self._namespace}{entry['topic']}"
        return await self._producer.send(
            topic, value=entry["value"].encode(), key=entry["key"].encode(), headers=headers
        )

    async def _log(self, entries: list[Document]) -> None:
        try:
            await self._db["event_log"].insert_many(entries, ordered=False)
        except BulkWriteError as error:
            others = [fault for fault in error.details["writeErrors"] if fault["code"] != 11000]
            if others or error.details.get("writeConcernErrors"):
                raise

    async def _clear(self, collection: str, pending: list[Document]) -> None:
        """Take out by id what was published; what came meanwhile stays and keeps the document in the sweep."""
        changes: list[UpdateOne] = []
        for document in pending:
            ids = [event["id"] for event in document["outbox"]]
            rest = {"$filter": {"input": "$outbox", "as": "event", "cond": {"$not": [{"$in": ["$$event.id", ids]}]}}}
            first = {"$cond": [{"$eq": ["$outbox", []]}, "$$REMOVE", {"$first": "$outbox.at"}]}
            changes.append(
                UpdateOne({"_id": document["_id"]}, [{"$set": {"outbox": rest}}, {"$set": {"outbox_at": first}}])
            )
        await self._db[collection].bulk_write(changes, ordered=False)


async def replay(
    db: Database,
    namespace: str,
    producer: Producer,
    topic: str | None = None,
    tell: Callable[[int], None] | None = None,
) -> int:
    """Send the event log again, oldest first: for a new subscriber, or after the loss of Kafka. Consumers drop
    what they have seen."""
    count, sent = 0, []
    async for entry in db["event_log"].find({"topic": topic} if topic else {}).sort("seq", 1):
        headers = [(name, text.encode()) for name, text in entry["headers"]]
        sent.append(
            await producer.send(
                f"{namespace}{entry['topic']}",
                value=entry["value"].encode(),
                key=entry["key"].encode(),
                headers=headers,
            )
        )
        count += 1
        if len(sent) == BATCH:
            await asyncio.gather(*sent)
            sent.clear()
            if tell:
                tell(count)
    await asyncio.gather(*sent)
    return count
