"""Each change of state has exactly one event in the event log and at least one on Kafka, in the versions' order."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from tests.chaos.journal import Violation
from tests.chaos.quiet import places, reader
from tests.chaos.reading import Books

ONE_EVENT = "every version of a thing has exactly one event in the event log"
LOG_ORDER = "the event log keeps the order of a thing's versions"
ON_KAFKA = "every event is on Kafka"
LOGGED = "nothing is on Kafka that is not in the event log"
KAFKA_ORDER = "Kafka has a thing's versions in their order"


@dataclass
class Log:
    """One service's event log as it was read: by event id the fingerprint of what was told."""

    prints: dict[str, bytes] = field(default_factory=dict[str, bytes])
    unseen: set[str] = field(default_factory=set[str])
    versions: dict[str, int] = field(default_factory=dict[str, int])
    topics: set[str] = field(default_factory=set[str])


@dataclass
class Events:
    """What was found: how many events and messages, and what is wrong with them."""

    events: int = 0
    messages: int = 0
    violations: list[Violation] = field(default_factory=list[Violation])


async def check_events(books: Books, names: Iterable[str] | None = None) -> Events:
    """Compare state, event log and Kafka of each service."""
    found = Events()
    logs: dict[str, Log] = {}
    for name in names or books.services:
        logs[name] = await _read_log(name, books, found)
        await _compare_state(name, logs[name], books, found)
    there, _ = await places(books)
    async with reader(books) as consumer:
        for name, log in logs.items():
            await _compare_kafka(name, log, there, consumer, found)
            found.violations += [Violation(ON_KAFKA, f"{name} event {event}", "not there") for event in log.unseen]
    return found


async def _read_log(name: str, books: Books, found: Events) -> Log:
    log = Log()
    numbers: set[int] = set()
    async for entry in books.db[name]["event_log"].find({}).sort("seq", 1).batch_size(2000):
        found.events += 1
        log.prints[entry["_id"]] = _print(entry["key"], entry["headers"], entry["value"].encode())
        log.unseen.add(entry["_id"])
        log.topics.add(entry["topic"])
        before = log.versions.get(entry["key"], 0)
        if entry["v"] != before + 1:
            seen = f"version {entry['v']} (event {entry['_id']}, seq {entry['seq']:x}) comes after version {before}"
            found.violations.append(Violation(LOG_ORDER, f"{name} {entry['topic']} {entry['key']}", seen))
        log.versions[entry["key"]] = max(before, entry["v"])
        if entry["seq"] in numbers:
            seen = f"seq {entry['seq']:x} was given twice, once to event {entry['_id']}"
            found.violations.append(Violation(LOG_ORDER, name, seen))
        numbers.add(entry["seq"])
    return log


async def _compare_state(name: str, log: Log, books: Books, found: Events) -> None:
    untold = dict(log.versions)
    for collection in books.stores(name):
        async for thing in books.all(name, collection, "v", "outbox"):
            told = untold.pop(thing["_id"], 0)
            if told != thing["v"] or thing["outbox"]:
                seen = f"the state is version {thing['v']}, the log tells of {told}, {len(thing['outbox'])} wait"
                found.violations.append(Violation(ONE_EVENT, f"{name}.{collection} {thing['_id']}", seen))
    for key, version in untold.items():
        found.violations.append(Violation(ONE_EVENT, f"{name} {key}", f"told of up to {version}, not in the state"))


async def _compare_kafka(
    name: str, log: Log, there: list[TopicPartition], consumer: AIOKafkaConsumer, found: Events
) -> None:
    own = [place for place in there if place.topic.partition(".")[0] == name]
    if not own:
        return
    consumer.assign(own)
    ends = await consumer.end_offsets(own)
    for place in own:
        consumer.seek(place, 0)
    latest: dict[str, int] = {}
    while any([await consumer.position(place) < ends[place] for place in own]):
        for records in (await consumer.getmany(timeout_ms=1000, max_records=5000)).values():
            for record in records:
                found.messages += 1
                _compare_message(name, record, log, latest, found)


def _compare_message(
    name: str, record: ConsumerRecord[bytes, bytes], log: Log, latest: dict[str, int], found: Events
) -> None:
    headers = [[told, (text or b"").decode()] for told, text in record.headers]
    told, key = dict(headers), (record.key or b"").decode()
    event = told.get("ce_id", "")
    about = f"{name} {record.topic} {key} at {record.partition}/{record.offset}"
    if event not in log.prints:
        seen = f"event {event}, version {told.get('ce_aggregateversion')}, is not in the log"
        found.violations.append(Violation(LOGGED, about, seen))
        return
    if _print(key, headers, record.value or b"") != log.prints[event]:
        found.violations.append(Violation(LOGGED, about, f"event {event} says something else than the log"))
    if event in log.unseen:
        log.unseen.discard(event)
        version, before = int(told["ce_aggregateversion"]), latest.get(key, 0)
        if version != before + 1:
            seen = f"version {version} (event {event}) comes first after version {before}"
            found.violations.append(Violation(KAFKA_ORDER, about, seen))
        latest[key] = max(before, version)


def _print(key: str, headers: list[Any], value: bytes) -> bytes:
    told = f"{key} {sorted(map(tuple, headers))}".encode()
    return hashlib.blake2b(told + value, digest_size=12).digest()
