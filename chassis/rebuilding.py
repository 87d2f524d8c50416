"""A copy built anew from the first event on, beside the one in use: after it was dropped or damaged, or when it shall
keep a field that it did not keep before.

The events come from Kafka, by a reader of its own without a group. They are handled into a collection aside, in which
a handler can write the copy and reach nothing else: what makes other effects ends there, before it did anything.
Each copy that is complete then takes the place of the one in use in one write, unless that one is newer by now; what
is newer is caught up with and tried again. So no reader sees a hole, and the consumer goes on all the while.

Promises: an event counts only in its aggregate's sequence, so that a replay, in whatever order it lies beside the
rest, counts once; an aggregate whose first events Kafka no longer has is told and left as it is (replay its topic
and rebuild again). Does not promise to take away a copy of which Kafka knows nothing: it is counted.
"""

import asyncio
import hashlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord
from pymongo import ReplaceOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError, PyMongoError

from chassis.database import Database, Document
from chassis.delivery import Deliveries
from chassis.faults import DUPLICATE
from chassis.ids import new_id
from chassis.kafka import ensure_topics, reader_of
from chassis.leases import SECONDS, Lease
from chassis.logs import log
from chassis.places import Place
from chassis.service import Host
from contracts import wire
from contracts.facts import Envelope

BATCH = 500
ROUNDS = 50
ASIDE = "rebuilding_"
GAPS = "rebuilding_gaps_"
PREFIX = "copy_"


class CannotRebuild(Exception):
    """The service keeps no such copy, or somebody rebuilds it already."""


class Elsewhere(Exception):
    """A handler reached for something else than the copy that is rebuilt."""


@dataclass(frozen=True)
class Rebuilt:
    """How it went: copies that stand anew, those whose first events Kafka no longer has or that could not be read,
    and copies in use of which Kafka knows nothing. Only the first are changed."""

    documents: int
    incomplete: int
    unknown: int


class Aside(Database):
    """The database as handlers see it during a rebuild: one collection, which is not the one in use."""

    def __init__(self, db: Database, collection: str) -> None:
        self.keyring, self.name = db.keyring, db.name
        self._collection = collection
        self._aside = db[f"{ASIDE}{collection}"]
        self._updates = {}

    def __getitem__(self, collection: str) -> AsyncCollection[Document]:
        if collection != self._collection:
            raise Elsewhere(collection)
        return self._aside

    def __getattr__(self, name: str) -> Any:
        raise Elsewhere(name)

    async def version(self, key: str) -> int:
        """The version of the copy of an aggregate; 0 when there is none."""
        found = await self._aside.find_one({"_id": key}, {"v": 1})
        return found["v"] if found else 0

    async def holds(self, event: Envelope) -> bool:
        """Whether the copy has taken this event over."""
        return await self.version(event.subject) == event.aggregateversion


class _Reader:
    """Handles the topic's events into the collection aside, and keeps how far it came."""

    def __init__(self, host: Host, collection: str, consumer: AIOKafkaConsumer) -> None:
        self._deliveries = Deliveries(host)
        self._keyring = host.db.keyring
        self._aside = Aside(host.db, collection)
        self._gaps = host.db[f"{GAPS}{collection}"]
        """By aggregate that missed an event: the highest version that was met."""
        self._place = place_of(host, collection)
        self._code = _code(host)
        self._consumer = consumer
        self._handled: dict[str, int] = {}
        self._goes_on = False
        self.given_up: set[str] = set()
        """Aggregates that miss an event."""

    async def start(self) -> None:
        """Go on where the last reading was broken off, if one was."""
        kept = await self._place.read()
        self._goes_on = kept is not None
        for place in self._consumer.assignment() if kept else ():
            if (offset := kept["offsets"].get(str(place.partition))) is not None:
                self._consumer.seek(place, offset)

    async def catch_up(self, tell: Callable[[int], None] | None = None) -> None:
        """Handle all that Kafka has by now."""
        ends = await self._consumer.end_offsets(self._consumer.assignment())
        count = 0
        while left := [place for place, end in ends.items() if await self._consumer.position(place) < end]:
            batches = await self._consumer.getmany(*left, timeout_ms=500, max_records=BATCH)
            await asyncio.gather(*(self._handle(records) for records in batches.values()))
            if batches:
                offsets = {str(place.partition): await self._consumer.position(place) for place in ends}
                await self._place.keep({"code": self._code, "offsets": offsets})
            count += sum(len(records) for records in batches.values())
            if batches and tell:
                tell(count)

    async def give_up(self) -> list[str]:
        """Take no more events of the aggregates that miss one; gives them."""
        found = [gap["_id"] async for gap in self._gaps.find({}) if await self._version(gap["_id"]) < gap["highest"]]
        self.given_up.update(found)
        return found

    async def _handle(self, records: list[ConsumerRecord[bytes, bytes]]) -> None:
        for record in records:
            place = f"{record.topic}/{record.partition}/{record.offset}"
            try:
                envelope = wire.envelope_of(record.headers)
            except wire.Undecodable as error:
                log.warning("not rebuilt from", message=place, error=str(error)[:300])
                continue
            try:
                whole = await self._apply(envelope, record.value)
            except PyMongoError:
                raise
            except Exception as error:
                log.warning("not rebuilt from", message=place, error=f"{type(error).__name__}: {error}"[:300])
                whole = False
            if not whole:
                met = {"$max": {"highest": envelope.aggregateversion}}
                await self._gaps.update_one({"_id": envelope.subject}, met, upsert=True)

    async def _apply(self, envelope: Envelope, value: bytes | None) -> bool:
        """Handle an event if it is its aggregate's next; whether it is handled now or was before."""
        handled = await self._version(envelope.subject)
        if envelope.aggregateversion <= handled or envelope.subject in self.given_up:
            return True
        if envelope.aggregateversion > handled + 1:
            return False
        if handlers := self._deliveries.handlers(envelope.type):
            fact = wire.fact_of(envelope.type, value, self._keyring.open)
            work = replace(self._deliveries.work_for(envelope), db=self._aside)
            for handler in handlers:
                try:
                    await handler(fact, work)
                except Elsewhere:
                    continue
                except PyMongoError:
                    raise
                except Exception:
                    if not await self._aside.holds(envelope):  # else it is one that only reads the copy, for an effect
                        raise
        self._handled[envelope.subject] = envelope.aggregateversion
        return True

    async def _version(self, key: str) -> int:
        """The version of an aggregate up to which it was handled without a gap; 0 before its first."""
        if self._goes_on and key not in self._handled:
            self._handled[key] = await self._aside.version(key)
        return self._handled.get(key, 0)


async def rebuild(
    host: Host, collection: str, tell: Callable[[int], None] | None = None, *, anew: bool = False
) -> Rebuilt:
    """Build a copy anew while the service runs; `tell` hears how many events were read.

    May be broken off: run again it goes on where it stopped, or begins from the first event when it is told `anew`, or
    when the code that reads the events is another one by now, since a copy comes from one code.
    Raises CannotRebuild.
    """
    topic = fed(host).get(collection)
    if topic is None:
        raise CannotRebuild(f"no topic feeds {collection}; what can be fed: {', '.join(fed(host))}")
    lease = Lease(host.db, f"rebuild {collection}", new_id())
    if not await lease.hold():
        raise CannotRebuild(f"{collection} is being rebuilt already")
    keeping = asyncio.create_task(_keep(lease))
    consumer = reader_of(host.settings, topic)
    try:
        await host.prepare()
        if anew or not await goes_on(host, collection):
            await _clear(host, collection)
        await ensure_topics(host.settings, [topic])
        await consumer.start()
        reader = _Reader(host, collection, consumer)
        await reader.start()
        rebuilt = await _rebuilt(host.db[collection], host.db[f"{ASIDE}{collection}"], reader, tell)
        await _clear(host, collection)
        return rebuilt
    finally:
        keeping.cancel()
        await consumer.stop()
        await lease.give_up()


async def goes_on(host: Host, collection: str) -> bool:
    """Whether a rebuild of this copy was broken off by the same code, so that the next one goes on from there."""
    kept = await place_of(host, collection).read()
    return kept is not None and kept["code"] == _code(host)


def place_of(host: Host, collection: str) -> Place:
    """Where the rebuild of a copy stopped: by partition the offset of what it reads next, and by which code."""
    return Place(host.db, f"rebuild {collection}")


def _code(host: Host) -> str:
    """A digest of the files in which the service's handlers are written."""
    files = {inspect.getfile(handler) for consumers in host.service.consumers for _, handler in consumers.handlers}
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(Path(file).read_bytes())
    return digest.hexdigest()


async def _clear(host: Host, collection: str) -> None:
    """Forget the place first: what lies aside counts only together with it."""
    await place_of(host, collection).forget()
    await host.db[f"{ASIDE}{collection}"].drop()
    await host.db[f"{GAPS}{collection}"].drop()


def fed(host: Host) -> dict[str, str]:
    """The topics that a service listens to, by the copy that each feeds if there is one: copy_clients is fed by
    <service>.clients."""
    return {f"{PREFIX}{topic.partition('.')[2]}": topic for topic in sorted(Deliveries(host).topics)}


async def _keep(lease: Lease) -> None:
    while True:
        await asyncio.sleep(SECONDS / 3)
        await lease.hold()


async def _rebuilt(
    live: AsyncCollection[Document],
    aside: AsyncCollection[Document],
    reader: _Reader,
    tell: Callable[[int], None] | None,
) -> Rebuilt:
    await reader.catch_up(tell)
    for keys in _batches(await reader.give_up()):
        await aside.delete_many({"_id": {"$in": keys}})
    documents, newer = await _take_over(live, aside, None)
    unknown = await _without(aside, [document["_id"] async for document in live.find({}, {"_id": 1})])
    for _ in range(ROUNDS):
        await reader.catch_up()
        if not newer:
            break
        more, newer = await _take_over(live, aside, newer)
        documents += more
    unknown = set(await _without(aside, unknown)) - reader.given_up
    return Rebuilt(documents, len(reader.given_up) + len(newer), len(unknown))


async def _take_over(
    live: AsyncCollection[Document], aside: AsyncCollection[Document], ids: list[str] | None
) -> tuple[int, list[str]]:
    """Put the copies from aside in place; gives how many, and the ids of those that are newer in use."""
    newer: list[str] = []
    batch: list[Document] = []
    total = 0
    async for document in aside.find({} if ids is None else {"_id": {"$in": ids}}):
        batch.append(document)
        total += 1
        if len(batch) == BATCH:
            newer += await _put(live, batch)
            batch = []
    if batch:
        newer += await _put(live, batch)
    return total - len(newer), newer


async def _put(live: AsyncCollection[Document], batch: list[Document]) -> list[str]:
    changes = [
        ReplaceOne({"_id": document["_id"], "v": {"$not": {"$gt": document["v"]}}}, document, upsert=True)
        for document in batch
    ]
    try:
        await live.bulk_write(changes, ordered=False)
    except BulkWriteError as error:
        faults = error.details["writeErrors"]
        if error.details["writeConcernErrors"] or any(fault["code"] != DUPLICATE for fault in faults):
            raise
        return [batch[fault["index"]]["_id"] for fault in faults]
    return []


async def _without(aside: AsyncCollection[Document], ids: list[str]) -> list[str]:
    """Those of the ids that have no copy aside."""
    left: list[str] = []
    for some in _batches(ids):
        there = {document["_id"] async for document in aside.find({"_id": {"$in": some}}, {"_id": 1})}
        left += [one for one in some if one not in there]
    return left


def _batches(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
