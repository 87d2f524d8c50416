"""P5: from a client's commit in one service to the effect in another – relay, Kafka, consumer, copy – against a raw
producer and a raw consumer that writes the same copy.

Ours counts from the acknowledged commit, the floor from before its producer is called; both end when mongod has the
copy, by the clock in its oplog, which is read afterwards: nobody watches meanwhile.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import count
from typing import Any

import uvloop
from bson import Timestamp

from bench.bed import Bench
from bench.bus import added, backlog, bare_producer, like_one, messages
from bench.floors.serve import DATABASE
from bench.measure import Result, at_most, in_turns, result
from chassis.ids import new_id
from chassis.kafka import Message, ensure_topics
from chassis.serve import service_named
from chassis.service import Host
from chassis.settings import Settings
from services.clients.clients.store import Clients

NAMESPACE = "p5_"
TOPIC = "clients.clients"
RATES = {10: 80, 200: 1_000}
"""Commands a second: how many in a round."""
Told = dict[str, float]
"""When each client was told of, by the wall clock."""
Act = Callable[[], Coroutine[Any, Any, tuple[str, float]]]
"""Tells of one client; gives his id and the time from which to count."""


async def run(bench: Bench) -> list[Result]:
    """Median and 99th percentile at each rate."""
    host = bench.host("clients", namespace=NAMESPACE, mongo_timeout_ms=60_000)
    await host.prepare()
    await ensure_topics(host.settings, [TOPIC, "bare"])
    await bench.mongo.drop_database(DATABASE)
    like = await like_one(host.system_work())
    for service in ("clients", "finance"):
        await bench.service(service, "worker", namespace=NAMESPACE)
    await bench.floor("copies", bench.kafka_bootstrap, f"{NAMESPACE}bare")
    firsts, results = count(1, max(RATES.values())), list[Result]()
    telling = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    try:
        for rate, many in RATES.items():

            async def ours(rate: int = rate, many: int = many) -> tuple[float, float]:
                tell = partial(_commit, host.settings, next(firsts), many, rate)
                return await _delays(bench, telling, f"{NAMESPACE}finance.copy_clients", tell)

            async def floor(rate: int = rate, many: int = many) -> tuple[float, float]:
                each = [document for _ in range(many) for document in backlog(like, 1)]
                sent = [one._replace(topic=f"{NAMESPACE}bare") for one in messages(each)]
                return await _delays(bench, telling, f"{DATABASE}.copies", partial(_produce, host.settings, sent, rate))

            rounds = await in_turns(ours, floor)
            for n, (name, most) in enumerate((("p50", 2), ("p99", 3))):
                figures = [(mine[n], bare[n]) for mine, bare in rounds]
                what = f"commit → effect in another service, {name}, {rate} commands/s"
                results.append(result("P5", what, "ms", at_most(most), figures))
    finally:
        telling.shutdown()
        bench.stop("clients-worker", "finance-worker", "floor-copies")
        await bench.mongo.drop_database(f"{NAMESPACE}finance")
        await bench.mongo.drop_database(host.db.name)
        await host.db.close()
    return results


async def _delays(
    bench: Bench, telling: ProcessPoolExecutor, copies: str, tell: Callable[[], Told]
) -> tuple[float, float]:
    """The median and the 99th percentile from telling to the copy, in ms."""
    since = Timestamp(int(time.time()) - 1, 0)
    told = await asyncio.get_running_loop().run_in_executor(telling, tell)
    written = await _written(bench, copies, told, since)
    delays = sorted((written[client_id] - at) * 1000 for client_id, at in told.items())
    return delays[len(delays) // 2], delays[len(delays) * 99 // 100]


async def _written(bench: Bench, copies: str, told: Told, since: Timestamp) -> Told:
    """When mongod wrote the copy of each client, once it has all of them."""
    database, _, collection = copies.partition(".")
    wanted = {"_id": {"$in": list(told)}}
    while await bench.mongo[database][collection].count_documents(wanted) < len(told):  # noqa: ASYNC110 - they arrive
        await asyncio.sleep(0.1)
    made = {"ts": {"$gte": since}, "ns": copies, "op": "i"}
    found = bench.mongo["local"]["oplog.rs"].find(made, {"o._id": 1, "wall": 1})
    return {entry["o"]["_id"]: entry["wall"].timestamp() async for entry in found}


async def _at_rate(acts: list[Act], per_second: int) -> Told:
    """Do each at its time, whether those before are done or not."""
    began, running = time.monotonic(), list[asyncio.Task[tuple[str, float]]]()
    for number, act in enumerate(acts):
        await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
        running.append(asyncio.create_task(act()))
    return dict(await asyncio.gather(*running))


def _commit(settings: Settings, first: int, many: int, rate: int) -> Told:
    async def committed() -> Told:
        host = Host(service_named("clients"), settings)

        async def commit(number: int) -> tuple[str, float]:
            work = host.system_work(key=new_id())
            client = await Clients(work).add(*added(number, work))
            return client.id, time.time()

        told = await _at_rate([partial(commit, first + number) for number in range(many)], rate)
        await host.db.close()
        return told

    return uvloop.run(committed())


def _produce(settings: Settings, sent: list[Message], rate: int) -> Told:
    async def produced() -> Told:
        producer = bare_producer(settings)
        await producer.start()

        async def produce(message: Message) -> tuple[str, float]:
            at = time.time()
            await producer.send_and_wait(message.topic, message.value, message.key, headers=message.headers)
            return message.key.decode(), at

        told = await _at_rate([partial(produce, one) for one in sent], rate)
        await producer.stop()
        return told

    return uvloop.run(produced())
