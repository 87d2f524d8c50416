"""The outbox relay: publishes what documents carry, logs it, clears it. One active relay in each service, by a lease.

Promises: every committed event reaches Kafka at least once and the event log exactly once, both in the order of its
aggregate's versions; nothing is cleared before Kafka's acknowledgement and the log's; without the lease nothing more
is sent. Does not promise one delivery, nor an order between aggregates. An event of a type that this code does not
know (a newer api runs already) is published all the same: its topic stands in its type.
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

DUPLICATE = 11000
BATCH = 500
BATCH_CHARACTERS = 4 * 1024 * 1024
"""A batch ends with the document that reaches this: papers travel in events, and a backlog must fit into memory."""


class LeaseLost(Exception):
    """Another worker may be relaying by now; what was sent here and not logged is sent once more there."""


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
        alsoas=event.get("alsoas", ""),
    )


def topic_of(type_name: str) -> str:
    """The topic of a fact's type: baoqiao.<service>.<aggregate>.<fact>.v<n> → <service>.<aggregate>."""
    return ".".join(type_name.split(".")[1:-2])


def topics_of(service: str) -> set[str]:
    """The topics that a service tells its facts on."""
    return {fact.topic for fact in FACTS.values() if fact.topic.partition(".")[0] == service}


class Relay:
    """Publishes the outboxes of one service's collections."""

    def __init__(
        self, db: Database, service: str, namespace: str, collections: list[str], producer: Producer, lease: Lease
    ) -> None:
        self._db, self._service, self._namespace = db, service, namespace
        self._collections, self._producer, self._lease = collections, producer, lease
        self.topics: set[str] = set()
        """Topics that were written to, also those that only a newer api knows."""
        self._count = 0
        self._stopping = False
        self._oldest_at: datetime | None = None
        metrics.OLDEST.labels(service).set_function(self.oldest_seconds)

    def stop(self) -> None:
        """End the sweep after the batch in hand."""
        self._stopping = True

    def oldest_seconds(self) -> float:
        """Age of the oldest event that waits, as of the last look; it grows while Kafka is away."""
        if self._oldest_at is None or not self._lease.held:
            return 0.0
        return max(0.0, (datetime.now(UTC) - self._oldest_at).total_seconds())

    async def sweep(self) -> int:
        """Publish what is pending, collection by collection, until nothing is; gives the number of events."""
        published = 0
        for collection in self._collections:
            while self._lease.held and not self._stopping:
                done = await self._batch(collection)
                published += done
                if done == 0:
                    break
        self._oldest_at = None
        return published

    async def _batch(self, collection: str) -> int:
        pending = await self._pending(collection)
        if not pending:
            return 0
        self._oldest_at = pending[0]["outbox_at"]
        logged: list[Document] = []
        sent: list[Awaitable[Any]] = []
        try:
            for document in pending:
                for event in document["outbox"]:
                    logged.append(self._log_entry(document["_id"], event))
                    self._check_lease()
                    sent.append(await self._send(logged[-1]))
            await asyncio.gather(*sent)
        except Exception:
            await asyncio.gather(*sent, return_exceptions=True)  # what is under way has its end before it is sent again
            raise
        self._check_lease()
        await self._log(logged)
        await self._clear(collection, pending)
        metrics.RELAYED.labels(self._service).inc(len(logged))
        return len(logged)

    async def _pending(self, collection: str) -> list[Document]:
        """The documents whose events wait longest, as many as fit into one batch."""
        found = self._db[collection].find({"outbox_at": {"$exists": True}}, {"outbox": 1, "outbox_at": 1})
        pending: list[Document] = []
        characters = 0
        async with found.sort("outbox_at", 1).limit(BATCH).batch_size(50) as cursor:
            async for document in cursor:
                pending.append(document)
                characters += sum(len(event["data"]) for event in document["outbox"])
                if characters > BATCH_CHARACTERS:
                    break
        return pending

    def _check_lease(self) -> None:
        if not self._lease.held:
            raise LeaseLost

    def _log_entry(self, subject: str, event: Document) -> Document:
        self._count += 1
        told = envelope(self._service, subject, event)
        seq = self._lease.epoch * 2**40 + self._count
        headers = [[name, text.decode()] for name, text in wire.headers_of(told)]
        return {
            "_id": event["id"],
            "seq": seq,
            "topic": topic_of(event["type"]),
            "key": subject,
            "v": event["v"],
            "headers": headers,
            "value": event["data"],
        }

    async def _send(self, entry: Document) -> Awaitable[Any]:
        headers = [(name, text.encode()) for name, text in entry["headers"]]
        self.topics.add(entry["topic"])
        topic = f"{self._namespace}{entry['topic']}"
        return await self._producer.send(
            topic, value=entry["value"].encode(), key=entry["key"].encode(), headers=headers
        )

    async def _log(self, entries: list[Document]) -> None:
        """Append what is not there yet. In order, so that a write that broke off leaves no later event before an
        earlier one."""
        log = self._db["event_log"]
        try:
            await log.insert_many(entries, ordered=True)
        except BulkWriteError as error:
            others = [fault for fault in error.details["writeErrors"] if fault["code"] != DUPLICATE]
            if others or error.details.get("writeConcernErrors"):
                raise
            known = log.find({"_id": {"$in": [entry["_id"] for entry in entries]}}, {"_id": 1})
            there = {entry["_id"] for entry in await known.to_list()}
            if rest := [entry for entry in entries if entry["_id"] not in there]:
                self._check_lease()  # or another relay logs already, and an older epoch would lie between its entries
                await self._log(rest)

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
