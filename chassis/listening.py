"""The consumer loop of a worker: plain aiokafka, one consumer in the service's group over all topics that it
listens to.

Messages of one aggregate are handled one after the other, those of several side by side. An offset is committed
after the effects of all messages before it are durable. What fails is tried again while the fault looks transient,
then parked; while the database is away or too slow the partition waits, and nothing is parked for it. A group that is
new begins with the oldest message; what Kafka dropped before it was read is told (`baoqiao_gone_total`), never skipped
in silence.
"""

import asyncio
import time
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord
from pymongo.errors import PyMongoError

from chassis import metrics
from chassis.delivery import Deliveries, TooNew, WrongKey
from chassis.faults import is_away
from chassis.logs import log
from chassis.parking import Parking
from chassis.refusals import Refusal, TryLater
from chassis.tracing import trace_id
from contracts.wire import Undecodable

Record = ConsumerRecord[bytes, bytes]
MOST_RECORDS = 500
UNREADABLE_MS = 200
UNREADABLE = "the name of a header is not UTF-8: Kafka's client cannot read it, the message lies on Kafka only"
AT_ONCE = 64
"""Aggregates in hand at the same time; MongoDB's pool must hold more."""
TRIES = 6
STALL_SECONDS = 120.0
"""So long may there be something to read, and nothing be read, tried or waited for."""
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 5.0


class _Stopped(Exception):
    """The worker ends; the message in hand is not done and will be delivered again."""


class Listening:
    """One service's consumer. `stop` lets the message in hand finish."""

    def __init__(self, deliveries: Deliveries, consumer: AIOKafkaConsumer, parking: Parking) -> None:
        self._deliveries, self._consumer, self._parking = deliveries, consumer, parking
        self._service = deliveries.host.service.name
        self._stopping = asyncio.Event()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._done: dict[TopicPartition, int] = {}
        """Of each partition in hand, the offset up to which all is handled."""
        self._committing: asyncio.Task[None] | None = None
        """The commit of the batch before, which goes on while the next one is read and handled."""
        self._steps = 0
        self._since: tuple[int, float] | None = None
        """The steps done, and the time, when this consumer was first seen to be behind without a step since."""

    async def run(self) -> None:
        """Consume until stopped."""
        try:
            while not self._stopping.is_set():
                await self._next()
            await self._committed()
        finally:
            if self._committing is not None:
                self._committing.cancel()

    async def _next(self) -> None:
        try:
            batches = await self._consumer.getmany(timeout_ms=1000, max_records=MOST_RECORDS)
        except NoOffsetForPartitionError as error:
            await self._begin(error.args[0], 0)
        except OffsetOutOfRangeError as error:
            for place, wanted in error.args[0].items():
                await self._begin(place, wanted)
        except UnicodeDecodeError:
            await self._committed()
            await self._pass_unreadable()
        else:
            if batches:
                await self._batch(batches)

    async def _begin(self, place: TopicPartition, wanted: int) -> None:
        """Begin with the oldest message that Kafka has, and say so when that leaves a hole: nobody would notice."""
        self._steps += 1
        if place not in self._consumer.assignment():
            return
        oldest = (await self._consumer.beginning_offsets([place]))[place]
        if wanted > oldest:
            told = "Kafka's log ends before what was read; its data was lost, and is read from the beginning"
            log.error(told, service=self._service, topic=place.topic, partition=place.partition, wanted=wanted)
            metrics.CUT.labels(self._service, place.topic).inc()
        elif wanted < oldest:
            metrics.GONE.labels(self._service, place.topic).inc(oldest - wanted)
            told = "Kafka dropped messages before they were read; their owner must replay them"
            log.error(told, service=self._service, topic=place.topic, partition=place.partition, gone=oldest - wanted)
        self._consumer.seek(place, oldest)

    async def lag(self) -> dict[str, int]:
        """By topic, the messages that are not handled of the partitions in hand; raises KafkaError when it is away."""
        since, self._since = self._since, None
        places = self._consumer.assignment()
        self._done = {place: offset for place, offset in self._done.items() if place in places}
        lag = {place.topic: 0 for place in places}
        for place in places - self._done.keys():
            self._done.setdefault(place, await self._consumer.committed(place) or 0)
        for place, end in (await self._consumer.end_offsets(places)).items() if places else ():
            lag[place.topic] += max(0, end - self._done.get(place, end))
        if any(lag.values()):
            self._since = since if since and since[0] == self._steps else (self._steps, time.monotonic())
        return lag

    @property
    def stalled(self) -> bool:
        """Whether it has been behind for too long without any step: a client hangs, and only a new process helps."""
        return self._since is not None and time.monotonic() - self._since[1] > STALL_SECONDS

    def stop(self) -> None:
        """End after the messages in hand."""
        self._stopping.set()

    async def _pass_unreadable(self) -> None:
        """Some message has a header whose name is not UTF-8, which Kafka's client cannot read at all: go up to it one
        by one, park its place and go on behind it. What was fetched beside it is read again; what its producer sent in
        one batch with it cannot be read either, and is parked likewise."""
        for place, committed in (await self._consumer.seek_to_committed()).items():
            if not committed:
                await self._begin(place, 0)
        for place in self._consumer.assignment():
            try:
                for _ in range(MOST_RECORDS):
                    batches = await self._consumer.getmany(place, timeout_ms=UNREADABLE_MS, max_records=1)
                    if not batches:
                        break
                    await self._batch(batches)
            except UnicodeDecodeError:
                offset = await self._consumer.position(place)
                unread = (place.topic, place.partition, offset, "", [], None)
                await self._until_up(partial(self._parking.park, *unread, UNREADABLE, again=False))
                self._consumer.seek(place, offset + 1)
                await self._settled({place: offset + 1})

    async def _batch(self, batches: dict[TopicPartition, list[Record]]) -> None:
        for place, records in batches.items():
            self._done.setdefault(place, records[0].offset)
        done = await self._handled(batches)
        offsets = {place: offset for place, offset in zip(batches, done, strict=True) if offset is not None}
        for place, records in batches.items():
            if offsets.get(place) != records[-1].offset + 1 and place in self._consumer.assignment():
                self._consumer.seek(place, offsets.get(place, records[0].offset))
        await self._settled(offsets)

    async def _settled(self, offsets: dict[TopicPartition, int]) -> None:
        """Begin to commit what is handled, after the commit before it has ended."""
        await self._committed()
        if offsets:
            self._steps += 1
            self._done.update(offsets)
            self._committing = asyncio.create_task(self._commit(offsets))

    async def _committed(self) -> None:
        """Wait for the commit under way; raises what it failed with."""
        committing, self._committing = self._committing, None
        if committing is not None:
            await committing

    async def _commit(self, offsets: dict[TopicPartition, int]) -> None:
        try:
            await self._consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError) as error:
            log.warning("commit refused; another worker has the partition", error=str(error)[:200])

    async def _handled(self, batches: dict[TopicPartition, list[Record]]) -> list[int | None]:
        """Handle what was read; gives for each partition the offset to commit, or None when not even the first is
        done."""
        keys: dict[str, set[str]] = {}
        for place, records in batches.items():
            keys.setdefault(place.topic, set()).update(map(_key, records))
        try:
            blocked = await self._until_up(lambda: self._parking.blocked(keys))
        except _Stopped:
            return [None] * len(batches)
        return await asyncio.gather(
            *(self._partition(records, blocked[place.topic]) for place, records in batches.items())
        )

    async def _partition(self, records: list[Record], blocked: set[str]) -> int | None:
        """Handle a partition's records, those of a key in order."""
        done: set[int] = set()
        await asyncio.gather(*(self._lane(lane, blocked, done) for lane in _lanes(records)))
        first_left = next((record.offset for record in records if record.offset not in done), records[-1].offset + 1)
        return first_left if first_left > records[0].offset else None

    async def _lane(self, records: list[Record], blocked: set[str], done: set[int]) -> None:
        """Handle records one after the other; once one is parked, those of its aggregate behind it are parked too."""
        async with self._room:
            try:
                for record in records:
                    if self._stopping.is_set():
                        return
                    key = _key(record)
                    if key in blocked:
                        await self._park(record, key, "behind a parked message of the same aggregate", again=True)
                    elif (stuck := await self._handle(record, key)) is not None:
                        blocked.add(stuck)
                    done.add(record.offset)
            except _Stopped:
                log.info("stopped before the batch was done", service=self._service, topic=records[0].topic)

    async def _handle(self, record: Record, key: str) -> str | None:
        """None when handled; else the aggregate under which it was parked."""
        pause, tries = FIRST_PAUSE, 0
        while True:
            try:
                known = await self._deliveries.deliver(record.headers, record.value, key)
            except Undecodable as error:
                aggregate = error.subject if isinstance(error, WrongKey) else key
                await self._park(record, aggregate, str(error), again=isinstance(error, TooNew))
                return aggregate
            except Exception as error:
                if is_away(error):
                    pause = await self._wait(pause, error)
                    continue
                if isinstance(error, Refusal):
                    metrics.refused(self._service, error.rule, "event")
                tries += 1
                if tries >= TRIES or not _may_pass(error):
                    await self._park(record, key, f"{type(error).__name__}: {error}", again=isinstance(error, TryLater))
                    return key
            else:
                self._count(record, known=known)
                return None
            metrics.consumed(self._service, record.topic, "retried").inc()
            pause = await self._wait(pause)

    def _count(self, record: Record, *, known: bool) -> None:
        metrics.consumed(self._service, record.topic, "handled" if known else "not ours").inc()
        if known:
            age = max(0.0, time.time() - record.timestamp / 1000)
            trace = _trace(record) if self._deliveries.host.spans.on else ""
            metrics.handled(self._service, record.topic).observe(age, metrics.exemplar(trace))

    async def _park(self, record: Record, aggregate: str, error: str, *, again: bool) -> None:
        place = (record.topic, record.partition, record.offset, aggregate)
        await self._until_up(lambda: self._parking.park(*place, record.headers, record.value, error, again=again))

    async def _until_up(self, act: Any) -> Any:
        """Do it as soon as the database answers."""
        pause = FIRST_PAUSE
        while True:
            try:
                return await act()
            except PyMongoError as error:
                pause = await self._wait(pause, error)

    async def _wait(self, pause: float, away: Exception | None = None) -> float:
        """Wait, and give the next pause; raises _Stopped when the worker ends meanwhile."""
        self._steps += 1
        if away:
            log.warning("waiting for the database", service=self._service, error=type(away).__name__)
        try:
            async with asyncio.timeout(pause):
                await self._stopping.wait()
        except TimeoutError:
            return min(pause * 2, LONGEST_PAUSE)
        raise _Stopped


def _trace(record: Record) -> str:
    found = next((text for name, text in record.headers if name == "ce_traceparent"), b"")
    return trace_id(found.decode("latin-1"))


def _key(record: Record) -> str:
    return (record.key or b"").decode(errors="replace")


def _lanes(records: list[Record]) -> list[list[Record]]:
    """The records of each key; all in one when one of them is about another aggregate than its key, which it may
    block."""
    lanes: dict[bytes | None, list[Record]] = {}
    for record in records:
        if all(value != record.key for name, value in record.headers if name == "ce_subject"):
            return [records]
        lanes.setdefault(record.key, []).append(record)
    return list(lanes.values())


def _may_pass(error: Exception) -> bool:
    """Whether the same message can succeed later: what has not arrived yet, and faults of the infrastructure."""
    return isinstance(error, TryLater) or not isinstance(error, Refusal)
