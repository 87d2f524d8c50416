"""The outbox relay: publishes what documents carry, logs it, clears it. One active relay in each service, by a lease.

Promises: every committed event reaches Kafka at least once and the event log exactly once, both in the order of its
aggregate's versions; nothing is cleared before Kafka's acknowledgement and the log's; without the lease nothing more
is sent. Does not promise one delivery, nor an order between aggregates. An event of a type that this code does not
know (a newer api runs already) is published all the same: its topic stands in its type.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from bson.codec_options import CodecOptions
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

from chassis import metrics
from chassis.database import Database, Document
from chassis.faults import DUPLICATE
from chassis.kafka import Message
from chassis.leases import Lease
from chassis.spans import OFF, Spans
from contracts import wire
from contracts.facts import FACTS, Envelope

BATCH = 500
MOST_IN_HAND = 3
READ_AT_ONCE = 250
PLAIN: CodecOptions[Document] = CodecOptions(tz_aware=True)
BATCH_CHARACTERS = 4 * 1024 * 1024
"""A batch ends with the document that reaches this: papers travel in events, and a backlog must fit into memory."""


class LeaseLost(Exception):
    """Another worker may be relaying by now; what was sent here and not logged is sent once more there."""


class Producer(Protocol):
    """What the relay needs of Kafka: returns when all messages are acknowledged, calls `check` before it sends."""

    async def publish(self, messages: Sequence[Message], check: Callable[[], None]) -> None: ...


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
    """Publishes the outboxes of one service's collections.

    A batch of documents is sent, logged and cleared while the next one is read; no document is in two batches.
    """

    def __init__(
        self,
        db: Database,
        service: str,
        namespace: str,
        collections: list[str],
        producer: Producer,
        lease: Lease,
        spans: Spans = OFF,
    ) -> None:
        self._db, self._service, self._namespace = db, service, namespace
        self._collections, self._producer, self._lease, self._spans = collections, producer, lease, spans
        self.topics: set[str] = set()
        """Topics that were written to, also those that only a newer api knows."""
        self.bell = asyncio.Event()
        """Set when a collection rang or a batch has ended."""
        self._rung: set[str] = set()
        self._read_until: dict[str, datetime] = {}
        self._in_hand: dict[asyncio.Task[None], list[Document]] = {}
        self._count = self._published = 0
        self._stopping = False

    def stop(self) -> None:
        """End the sweep after the batches in hand."""
        self._stopping = True
        self.bell.set()

    def ring(self, *collections: str) -> None:
        """There may be something new in these collections; in any of them when none is named."""
        self._rung.update(collections or self._collections)
        self.bell.set()

    async def sweep(self) -> int:
        """Publish what is pending in all collections until nothing is; gives the number of events."""
        self.ring()
        return await self.answer()

    async def answer(self) -> int:
        """Publish what is pending in the collections that rang, or ring meanwhile; gives the number of events."""
        before = self._published
        try:
            while self._in_hand or (self._rung and self._may_go_on()):
                self.bell.clear()
                if self._rung and self._may_go_on() and len(self._in_hand) < MOST_IN_HAND:
                    await self._take(self._rung.pop())
                else:
                    await self.bell.wait()
                self._put_down()
        except asyncio.CancelledError:
            for task in self._in_hand:
                task.cancel()
            self._in_hand.clear()
            raise
        except Exception:
            await self._wait_for_all()
            raise
        return self._published - before

    def _may_go_on(self) -> bool:
        return self._lease.held and not self._stopping

    async def _take(self, collection: str) -> None:
        """Read a batch and begin to publish it; until all was read that there is from the oldest on, the collection
        goes on ringing."""
        since = self._read_until.pop(collection, None)
        pending, all_read = await self._pending(collection, since)
        if pending:
            task = asyncio.create_task(self._publish(collection, pending))
            self._in_hand[task] = pending
            task.add_done_callback(lambda _: self.bell.set())
        if not all_read:
            self._read_until[collection] = pending[-1]["outbox_at"]
        if since or not all_read:
            self._rung.add(collection)

    def _put_down(self) -> None:
        """Forget the batches that are done; raises what one of them failed with."""
        for task in [task for task in self._in_hand if task.done()]:
            task.result()
            del self._in_hand[task]

    async def _wait_for_all(self) -> None:
        """After a fault: what is under way has its end before it is sent again."""
        await asyncio.gather(*self._in_hand, return_exceptions=True)
        self._in_hand.clear()

    async def _publish(self, collection: str, pending: list[Document]) -> None:
        told = [self._told(document["_id"], event) for document in pending for event in document["outbox"]]
        await self._producer.publish([message for message, _ in told], self._check_lease)
        self._check_lease()
        await self._log([entry for _, entry in told])
        await self._clear(collection, pending)
        self._published += len(told)
        if self._spans.on:
            self._tell_spans(pending)
        types = Counter(event["type"] for document in pending for event in document["outbox"])
        for type_name, count in types.items():
            metrics.relayed(self._service, type_name).inc(count)

    def _tell_spans(self, pending: list[Document]) -> None:
        """A span for each event from its commit on: how long it waited is seen there."""
        for document in pending:
            for event in document["outbox"]:
                told = {"messaging.system": "kafka", "cloudevents.event_id": event["id"]}
                self._spans.over(f"publish {event['type']}", event["trace"], event["at"], "PRODUCER", told)

    async def _pending(self, collection: str, since: datetime | None) -> tuple[list[Document], bool]:
        """The documents whose events wait longest and are not in hand, as many as fit into one batch, and whether these
        are all.

        The server passes over what is in hand: were it done here, a document could be cleared after it was read, and
        be sent once more as it was before. `since` saves it from looking at all of them again.
        """
        in_hand = [document["_id"] for documents in self._in_hand.values() for document in documents]
        waiting = {"outbox_at": {"$gte": since} if since else {"$exists": True}, "_id": {"$nin": in_hand}}
        found = self._plain(collection).find(waiting, {"outbox": 1, "outbox_at": 1})
        pending: list[Document] = []
        characters = 0
        async with found.sort("outbox_at", 1).limit(BATCH).batch_size(READ_AT_ONCE) as cursor:
            async for document in cursor:
                pending.append(document)
                characters += sum(len(event["data"]) for event in document["outbox"])
                if characters > BATCH_CHARACTERS:
                    return pending, False
        return pending, len(pending) < BATCH

    def _plain(self, collection: str) -> AsyncCollection[Document]:
        """The collection without the codecs of sealed fields: an outbox has none, its data are text."""
        return self._db[collection].with_options(PLAIN)

    def _check_lease(self) -> None:
        if not self._lease.held:
            raise LeaseLost

    def _told(self, subject: str, event: Document) -> tuple[Message, Document]:
        """An event as Kafka gets it and as the log keeps it."""
        self._count += 1
        topic, told = topic_of(event["type"]), wire.attributes_of(envelope(self._service, subject, event))
        self.topics.add(topic)
        headers = [(name, text.encode()) for name, text in told]
        message = Message(f"{self._namespace}{topic}", subject.encode(), event["data"].encode(), headers)
        return message, {
            "_id": event["id"],
            "seq": self._lease.epoch * 2**40 + self._count,
            "topic": topic,
            "key": subject,
            "v": event["v"],
            "headers": told,
            "value": event["data"],
        }

    async def _log(self, entries: list[Document]) -> None:
        """Append what is not there yet. In order, so that a write that broke off leaves no later event before an
        earlier one."""
        log = self._plain("event_log")
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
        published = [event["id"] for document in pending for event in document["outbox"]]
        all_published = {"$not": {"$elemMatch": {"id": {"$nin": published}}}}
        result = await self._db[collection].update_many(
            {"_id": {"$in": [document["_id"] for document in pending]}, "outbox": all_published},
            {"$set": {"outbox": []}, "$unset": {"outbox_at": ""}},
        )
        if result.matched_count < len(pending):
            await self._clear_some(collection, pending, published)

    async def _clear_some(self, collection: str, pending: list[Document], published: list[str]) -> None:
        rest = {"$filter": {"input": "$outbox", "as": "event", "cond": {"$not": {"$in": ["$$event.id", published]}}}}
        left = {"_id": {"$in": [document["_id"] for document in pending]}, "outbox_at": {"$exists": True}}
        first = {"$cond": [{"$eq": ["$outbox", []]}, "$$REMOVE", {"$first": "$outbox.at"}]}
        await self._db[collection].update_many(left, [{"$set": {"outbox": rest}}, {"$set": {"outbox_at": first}}])
        self.ring(collection)


async def replay(
    db: Database,
    namespace: str,
    producer: Producer,
    topic: str | None = None,
    after: int | None = None,
    sent: Callable[[int, int], Awaitable[None]] | None = None,
) -> int:
    """Send the event log again, oldest first: for a new subscriber, or after the loss of Kafka. Consumers drop
    what they have seen.

    `after` is the place in the log (`seq`) behind which to begin; `sent` hears after each batch how many were sent,
    and the place up to which all were.
    """
    count, behind = 0, {} if after is None else {"seq": {"$gt": after}}
    # page by page: MongoDB counts the time that one cursor takes in all, and no topic has an index of its own
    while page := await db["event_log"].find(behind).sort("seq", 1).limit(READ_AT_ONCE).to_list():
        messages = [_again(namespace, entry) for entry in page if topic in (None, entry["topic"])]
        await producer.publish(messages, lambda: None)
        count += len(messages)
        if sent:
            await sent(count, page[-1]["seq"])
        behind = {"seq": {"$gt": page[-1]["seq"]}}
    return count


def _again(namespace: str, entry: Document) -> Message:
    headers = [(name, text.encode()) for name, text in entry["headers"]]
    return Message(f"{namespace}{entry['topic']}", entry["key"].encode(), entry["value"].encode(), headers)
