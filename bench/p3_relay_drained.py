"""P3: the relay drains a backlog – reads, sends, logs, clears – against a raw producer that sends the same messages."""

import asyncio
import gc
import time
from contextlib import suppress

from bench.bed import Bench
from bench.bus import backlog, bare_producer, like_one, messages
from bench.measure import Result, at_least, paired
from chassis.kafka import Message, Publisher, ensure_topics
from chassis.leases import SECONDS, Lease
from chassis.relay import Relay, topics_of
from chassis.service import Host
from chassis.settings import Settings

EVENTS = 100_000
AT_ONCE = 5_000
LAID_OUT = 2_000


async def run(bench: Bench) -> list[Result]:
    """Over twelve partitions, one or two events a document."""
    host = bench.host("clients", namespace="p3_", mongo_timeout_ms=60_000)
    await host.prepare()
    await ensure_topics(host.settings, topics_of("clients"))
    documents = backlog(await like_one(host.system_work()), EVENTS)
    sent = messages(documents, "p3_")
    publisher = Publisher(host.settings)
    gc.collect()
    gc.freeze()  # neither side pays for the other's data

    async def ours() -> float:
        for name in ("clients", "event_log"):
            await host.db[name].delete_many({})
        for first in range(0, len(documents), LAID_OUT):
            await host.db["clients"].insert_many(documents[first : first + LAID_OUT], ordered=False)
        return EVENTS / await _drained(host, publisher)

    async def floor() -> float:
        return EVENTS / await _sent(host.settings, sent)

    try:
        what = f"relay drain of {EVENTS:,} events"
        return [await paired("P3", what, "events/s", at_least(0.8), ours, floor)]
    finally:
        gc.unfreeze()
        await publisher.renew()
        await host.db.client.drop_database(host.db.name)
        await host.db.close()


async def _drained(host: Host, publisher: Publisher) -> float:
    lease = Lease(host.db, "worker", "bench")
    await lease.hold()
    keeping = asyncio.create_task(_kept(lease))
    collections = [store.collection for store in host.service.stores]
    relay = Relay(host.db, "clients", host.settings.namespace, collections, publisher, lease)
    began = time.perf_counter()
    assert await relay.sweep() == EVENTS
    seconds = time.perf_counter() - began
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    return seconds


async def _kept(lease: Lease) -> None:
    while True:
        await asyncio.sleep(SECONDS / 3)
        await lease.hold()


async def _sent(settings: Settings, sent: list[Message]) -> float:
    producer = bare_producer(settings)
    await producer.start()
    began = time.perf_counter()
    for first in range(0, len(sent), AT_ONCE):
        acks = [
            await producer.send(one.topic, value=one.value, key=one.key, headers=one.headers)
            for one in sent[first : first + AT_ONCE]
        ]
        await asyncio.gather(*acks)
    seconds = time.perf_counter() - began
    await producer.stop()
    return seconds
