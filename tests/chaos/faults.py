"""What goes wrong, by a seeded plan: kills, freezes, full disks and cuts, each healed after a drawn while.

Of the three mongods and of the three brokers at most one is away at a time, as the promises presuppose; of our own
processes any number.
"""

import asyncio
import json
import random
import resource
import signal
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from tests.chaos.cluster import EACH, NODES, Cluster
from tests.support.waiting import eventually

CUT_COMMANDS = ("insert", "update", "find", "findAndModify", "aggregate", "getMore", "commitTransaction", "bulkWrite")
SETTLE_SECONDS = 60
QUOTA_BYTES = 4096
"""How long a file of a server with a full disk may become; all of its files are longer."""
LONGER_THAN_A_LEASE = (11.0, 14.0)


@dataclass(frozen=True)
class Fault:
    """One kind of fault: how likely, how long it lasts, and what it shares with faults that may not coincide."""

    name: str
    weight: float
    seconds: tuple[float, float]
    group: str = ""


PLAN = (
    Fault("kill api", 3, (0.2, 3)),
    Fault("freeze api", 2, (1, 6)),
    Fault("kill worker", 3, (0.2, 4)),
    Fault("freeze worker", 2, (1, 8)),
    Fault("kill relay holder", 4, (0.2, 3)),
    Fault("freeze relay holder", 2, LONGER_THAN_A_LEASE),
    Fault("kill mongod primary", 2, (1, 4), "mongod"),
    Fault("freeze mongod primary", 1.5, (4, 8), "mongod"),
    Fault("fill mongod primary", 1, (2, 5), "mongod"),
    Fault("kill broker", 2, (1, 5), "kafka"),
    Fault("freeze broker", 1.5, (2, 8), "kafka"),
    Fault("fill broker", 1, (2, 5), "kafka"),
    Fault("kill envoy", 1.5, (0.2, 1.5), "envoy"),
    Fault("freeze envoy", 1, (0.5, 3), "envoy"),
    Fault("cut MongoDB's connections", 3, (0.1, 0.5)),
    Fault("cut Kafka's connections", 3, (0.2, 2)),
)


@dataclass
class Faults:
    """Does the plan. `log` gets a line for each fault when it begins and when it is healed."""

    cluster: Cluster
    mongo: AsyncMongoClient[dict[str, Any]]
    seed: int
    log: Path
    counts: Counter[str] = field(default_factory=Counter[str])
    worker_kills: Counter[str] = field(default_factory=Counter[str])
    """By service: how often a worker was killed."""
    ended_by_full_disk: int = 0

    def __post_init__(self) -> None:
        self._drawn = random.Random(self.seed)
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._began = time.monotonic()

    async def run(self, pause: tuple[float, float], closed: asyncio.Event) -> None:
        """Begin fault after fault until closing time; those under way are healed before this returns."""
        weights = [fault.weight for fault in PLAN]
        first = self._drawn.sample(PLAN, len(PLAN))  # each kind once, so that none is left out by chance
        while not closed.is_set():
            [fault] = [first.pop()] if first else self._drawn.choices(PLAN, weights)
            seconds, draw = self._drawn.uniform(*fault.seconds), self._drawn.random()
            if not await self.begin(fault.name, fault.group, seconds, draw) and not self.counts[fault.name]:
                first.insert(0, fault)
            try:
                async with asyncio.timeout(self._drawn.uniform(*pause)):
                    await closed.wait()
            except TimeoutError:
                continue
        await self.healed()

    async def healed(self) -> None:
        """Wait until all that began is healed."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def begin(self, name: str, group: str, seconds: float, draw: float) -> bool:
        """Begin one fault, which heals by itself; False when what it would meet has one already."""
        target = await self._target(name, draw)
        lock = group or target
        if not target or lock in self._busy:
            return False
        self._busy.add(lock)
        self.counts[name] += 1
        match name.partition(" ")[0]:
            case "kill":
                act = self._kill(target, seconds)
            case "freeze":
                act = self._freeze(target, seconds)
            case "fill":
                act = self._fill(target, seconds)
            case _:
                act = self._cut(name, target, seconds)
        task = asyncio.create_task(self._whole(name, target, lock, act))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _whole(self, name: str, target: str, lock: str, act: Coroutine[Any, Any, None]) -> None:
        self._write(name, target, "begins")
        try:
            await act
            self._write(name, target, "healed")
        finally:
            self._busy.discard(lock)

    async def _target(self, name: str, draw: float) -> str:
        services = self.cluster.names
        service = services[int(draw * len(services))]
        n = EACH[int(draw * 1000) % len(EACH)]
        node = NODES[int(draw * 1000) % len(NODES)]
        match name.partition(" ")[2]:
            case "api":
                return f"{service}-api-{n}"
            case "worker":
                return f"{service}-worker-{n}"
            case "relay holder":
                return await self._holder(service)
            case "mongod primary":
                return await self._primary()
            case "broker":
                return f"kafka-{node}"
            case "envoy":
                return "envoy"
            case "MongoDB's connections":
                return service
            case _:
                return f"kafka-{node}"

    async def _holder(self, service: str) -> str:
        """The worker that holds the lease of a service, as MongoDB knows it."""
        try:
            found = await self.mongo[service]["leases"].find_one({"_id": "worker"})
        except PyMongoError:
            return ""
        return (found or {}).get("holder", "").rpartition("-")[0]

    async def _primary(self) -> str:
        try:
            hello = await self.mongo.admin.command("hello")
        except PyMongoError:
            return ""
        port = int(hello.get("primary", ":0").rpartition(":")[2])
        return next((f"mongod-{n}" for n in NODES if self.cluster.port[f"mongod-{n}"] == port), "")

    async def _kill(self, target: str, seconds: float) -> None:
        self.cluster.kill(target)
        if "worker" in target:
            self.worker_kills[target.partition("-")[0]] += 1
        await asyncio.sleep(seconds)
        self.cluster.start_one(target)
        await self._settled(target)

    async def _freeze(self, target: str, seconds: float) -> None:
        self.cluster.signal(target, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.cluster.signal(target, signal.SIGCONT)
        await self._settled(target)

    async def _fill(self, target: str, seconds: float) -> None:
        """Let every write to a file fail for a server, half-way when it begins below the quota; then start it anew."""
        pid = self.cluster.programs.pids()[target]
        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (QUOTA_BYTES, most))
        await asyncio.sleep(seconds)
        self.ended_by_full_disk += not self.cluster.is_alive(target)
        await self._kill(target, 0)

    async def _cut(self, name: str, target: str, seconds: float) -> None:
        if "Kafka" in name:
            await asyncio.to_thread(self.cluster.cut_wire, int(target[-1]), seconds)
        else:
            await self._cut_mongo(target)
        await asyncio.sleep(seconds)

    async def _cut_mongo(self, service: str) -> None:
        data = {"failCommands": list(CUT_COMMANDS), "closeConnection": True, "appName": f"baoqiao-{service}"}
        try:
            await self.mongo.admin.command("configureFailPoint", "failCommand", mode={"times": 20}, data=data)
        except PyMongoError:
            return

    async def _settled(self, target: str) -> None:
        """Wait until a server is back, so that the next fault of its group does not take the second of three."""
        if target not in self.cluster.known:
            return
        await _until(self.cluster.known[target].ready, target)

    def _write(self, name: str, target: str, what: str) -> None:
        at = round(time.monotonic() - self._began, 2)
        with self.log.open("a") as lines:
            lines.write(json.dumps({"at": at, "fault": name, "target": target, "what": what}) + "\n")


async def _until(done: Callable[[], bool], what: str) -> None:
    """Wait until it is so, or for so long that something else is wrong, which the checks will tell."""
    with suppress(AssertionError):
        await eventually(lambda: asyncio.to_thread(done), what, SETTLE_SECONDS)
