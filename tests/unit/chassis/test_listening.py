"""Aggregates are handled side by side, each in its order; no offset runs ahead of what is done."""

import asyncio
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from chassis.listening import Listening
from chassis.refusals import TryLater
from chassis.spans import OFF
from tests.support.waiting import eventually

PLACE = TopicPartition("sample.parcels", 0)
Record = ConsumerRecord[bytes, bytes]


class NotYet(TryLater):
    zh = "尚未到达"
    en = "Not here yet"


class Kafka:
    """One batch of one partition, and what was committed of it."""

    def __init__(self, *keys: str, subjects: dict[int, str] | None = None) -> None:
        told = enumerate(keys)
        self.records = [a_record(offset, key, (subjects or {}).get(offset, key)) for offset, key in told]
        self.committed_offset: int | None = None
        self.goes_on_at: int | None = None
        self.stop: Any = None
        self.end = len(keys)

    async def getmany(self, **_: Any) -> dict[TopicPartition, list[Record]]:
        records, self.records = self.records, []
        if not records:
            self.stop()
        return {PLACE: records} if records else {}

    async def committed(self, _: TopicPartition) -> int | None:
        return self.committed_offset

    async def end_offsets(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, self.end)

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        self.committed_offset = offsets[PLACE]

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    def seek(self, place: TopicPartition, offset: int) -> None:
        self.goes_on_at = offset


class Handlers:
    """Handles what is delivered, and waits or fails where it is told to; knows what it did in which order."""

    def __init__(self) -> None:
        self.host = SimpleNamespace(service=SimpleNamespace(name="sample"), spans=OFF)
        self.handled: list[bytes] = []
        self.waits_for: dict[bytes, asyncio.Event] = {}
        self.fails: set[bytes] = set()

    async def deliver(self, headers: Any, value: bytes, key: str) -> bool:
        if value in self.waits_for:
            await self.waits_for[value].wait()
        if value in self.fails:
            raise NotYet
        self.handled.append(value)
        return True

    async def did(self, *values: bytes) -> bool:
        return self.handled == [*values]


class NothingParked:
    async def blocked(self, keys: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
        return {topic: set() for topic in keys}


def a_record(offset: int, key: str, subject: str) -> Record:
    value = f"{key}{offset}".encode()
    headers = (("ce_subject", subject.encode()),)
    return ConsumerRecord(PLACE.topic, PLACE.partition, offset, 0, 0, key.encode(), value, None, 1, 1, headers)


def listening(kafka: Kafka, handlers: Handlers) -> Listening:
    loop = Listening(handlers, kafka, NothingParked())  # pyright: ignore[reportArgumentType]
    kafka.stop = loop.stop
    return loop


async def test_an_aggregate_that_takes_long_holds_up_no_other_and_keeps_its_own_order():
    kafka, handlers, others_done = Kafka("a", "a", "b", "b", "c"), Handlers(), asyncio.Event()
    handlers.waits_for[b"a0"] = others_done
    handlers.waits_for[b"c4"] = asyncio.Event()

    async def let_a_go_on() -> None:
        await eventually(lambda: handlers.did(b"b2", b"b3"), "what the other aggregate has")
        others_done.set()
        handlers.waits_for[b"c4"].set()

    await asyncio.gather(listening(kafka, handlers).run(), let_a_go_on())
    assert [value for value in handlers.handled if value.startswith(b"a")] == [b"a0", b"a1"]
    assert kafka.committed_offset == 5


async def test_a_worker_that_ends_commits_only_what_lies_before_the_first_message_that_is_not_done():
    kafka, handlers = Kafka("a", "b", "c"), Handlers()
    handlers.fails.add(b"b1")  # and is tried again until the worker ends
    loop = listening(kafka, handlers)

    async def end() -> None:
        await eventually(lambda: handlers.did(b"a0", b"c2"), "what does not fail")
        loop.stop()

    await asyncio.gather(loop.run(), end())
    assert (kafka.committed_offset, kafka.goes_on_at) == (1, 1)


async def test_where_a_message_lies_under_another_key_than_its_aggregates_all_keep_their_order():
    kafka, handlers = Kafka("a", "b", "a", subjects={1: "a"}), Handlers()
    handlers.waits_for[b"a0"] = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, handlers.waits_for[b"a0"].set)
    await listening(kafka, handlers).run()
    assert handlers.handled == [b"a0", b"b1", b"a2"]


class OneByOne(Kafka):
    """A batch for each message; what is to be done while its offset is committed is done first."""

    def __init__(self, *keys: str, meanwhile: Any) -> None:
        super().__init__(*keys)
        self.meanwhile = meanwhile

    async def getmany(self, **_: Any) -> dict[TopicPartition, list[Record]]:
        if not self.records:
            self.stop()
            return {}
        return {PLACE: [self.records.pop(0)]}

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        await self.meanwhile()
        await super().commit(offsets)


async def test_the_next_batch_is_handled_while_the_last_one_s_offset_is_being_committed():
    handlers = Handlers()
    kafka = OneByOne("a", "b", meanwhile=lambda: eventually(lambda: handlers.did(b"a0", b"b1"), "the second batch"))
    await listening(kafka, handlers).run()
    assert kafka.committed_offset == 2, "the last one is waited for"


async def test_a_commit_that_fails_ends_the_loop():
    async def fail() -> None:
        raise KafkaError

    with pytest.raises(KafkaError):
        await listening(OneByOne("a", meanwhile=fail), Handlers()).run()


async def behind_for_long(loop: Listening, monkeypatch: pytest.MonkeyPatch) -> bool:
    assert sum((await loop.lag()).values()) > 0
    assert not loop.stalled
    monkeypatch.setattr("chassis.listening.STALL_SECONDS", -1.0)
    await loop.lag()
    return loop.stalled


async def test_a_consumer_that_reads_nothing_of_what_is_there_is_known_to_be_stalled(monkeypatch: pytest.MonkeyPatch):
    kafka = Kafka()
    kafka.end = 5
    assert await behind_for_long(listening(kafka, Handlers()), monkeypatch)


async def test_so_is_one_whose_handler_never_ends(monkeypatch: pytest.MonkeyPatch):
    kafka, handlers = Kafka("a"), Handlers()
    handlers.waits_for[b"a0"] = asyncio.Event()
    loop = listening(kafka, handlers)
    running = asyncio.create_task(loop.run())
    assert await behind_for_long(loop, monkeypatch)
    handlers.waits_for[b"a0"].set()
    await running
    assert (await loop.lag()) == {PLACE.topic: 0}
    assert not loop.stalled


async def test_one_that_waits_for_the_database_or_goes_on_slowly_is_not(monkeypatch: pytest.MonkeyPatch):
    kafka, handlers = Kafka("a"), Handlers()
    handlers.fails.add(b"a0")
    loop = listening(kafka, handlers)
    monkeypatch.setattr("chassis.listening.STALL_SECONDS", 0.0)
    running = asyncio.create_task(loop.run())
    await loop.lag()
    tried = loop._steps

    async def tried_again() -> bool:
        return loop._steps > tried

    await eventually(tried_again, "another try")
    await loop.lag()
    assert loop._since is not None
    assert loop._since[0] > tried, "the time counts from the last step"
    loop.stop()
    await running
