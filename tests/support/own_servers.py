"""A MongoDB and a Kafka of a test's own, which it may stop, freeze and start again."""

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from deploy.local import HOST, ROOT, kafka, mongo, ports
from deploy.local.programs import Program, Programs
from tests.support.waiting import eventually

START_SECONDS = 60


class OwnServers:
    """The two servers by their names, `mongod` and `kafka`."""

    def __init__(self, folder: Path) -> None:
        port = ports.choose(["mongod", "kafka", "kafka-controller"], folder / "ports.json")
        self.mongo_url, self.kafka_bootstrap = mongo.url(port["mongod"]), f"{HOST}:{port['kafka']}"
        self._kafka = (folder / "kafka", port["kafka"], port["kafka-controller"])
        self._programs = Programs(folder / "log", ROOT)
        self._wanted: dict[str, Program] = {
            "mongod": _that_can_be_slow(mongo.program(folder / "mongo", port["mongod"])),
            "kafka": kafka.program(*self._kafka),
        }

    def start_all(self) -> None:
        """Start both and wait until they answer."""
        for program in self._wanted.values():
            self._programs.start(program)
        self._programs.wait_ready(self._wanted.values(), START_SECONDS)

    def stop_all(self) -> None:
        """Stop both."""
        self._programs.kill_all()

    async def stop(self, name: str) -> None:
        """End one as an operator would, with SIGTERM."""
        await asyncio.to_thread(self._programs.stop, name)

    async def start(self, name: str) -> None:
        """Start one again over its data."""
        self._programs.start(self._wanted[name])

        async def ready() -> bool:
            return await asyncio.to_thread(self._wanted[name].ready)

        await eventually(ready, name, START_SECONDS)

    async def wipe_kafka(self) -> None:
        """Lose all that Kafka has; another cluster begins at the same address."""
        await self.stop("kafka")
        shutil.rmtree(self._kafka[0])
        self._wanted["kafka"] = await asyncio.to_thread(kafka.program, *self._kafka)
        await self.start("kafka")

    def freeze(self, name: str) -> None:
        """Stop its clock: connections stay, answers do not come."""
        os.kill(self._programs.pids()[name], signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let it go on."""
        os.kill(self._programs.pids()[name], signal.SIGCONT)


def _that_can_be_slow(mongod: Program) -> Program:
    """With MongoDB's own means to make commands slow (configureFailPoint)."""
    return replace(mongod, command=(*mongod.command, "--setParameter", "enableTestCommands=1"))


@contextmanager
def own_servers(folder: Path) -> Iterator[OwnServers]:
    """The two servers, running; gone afterwards."""
    folder.mkdir(parents=True)
    servers = OwnServers(folder)
    try:
        servers.start_all()
        yield servers
    finally:
        servers.stop_all()
