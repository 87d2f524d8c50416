"""A MongoDB and a Kafka that a test run starts, and that a test may stop, freeze and start again.

Two providers, chosen by SERVERS in the environment: `processes` (the packaged servers; the default) and `containers`
(testcontainers, with the images of deploy/images.env). Both are asked and answer in the same way.
"""

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest
from docker import from_env
from docker.errors import DockerException
from testcontainers.core.container import DockerContainer

from deploy.images import NO_ENGINE, public
from deploy.local import HOST, ROOT, kafka, mongo, ports
from deploy.local.programs import Program, Programs
from tests.support.waiting import eventually, until

START_SECONDS = 60
CONTAINERS_SECONDS = 180
CAN_BE_SLOW = ("--setParameter", "enableTestCommands=1")
"""With MongoDB's own means to make commands slow (configureFailPoint)."""


class Keeper(Protocol):
    """Whatever runs servers by name."""

    def start_all(self) -> None: ...
    def start(self, name: str) -> None: ...
    def stop(self, name: str) -> None: ...
    def freeze(self, name: str) -> None: ...
    def thaw(self, name: str) -> None: ...
    def wipe_kafka(self) -> None: ...
    def end(self) -> None: ...


class Processes:
    """The packaged servers as processes."""

    def __init__(self, folder: Path, port: Mapping[str, int]) -> None:
        self._programs = Programs(folder / "log", ROOT)
        self._kafka = (folder / "kafka", port["kafka"], port["kafka-controller"])
        mongod = mongo.program(folder / "mongo", port["mongod"])
        self._wanted: dict[str, Program] = {
            "mongod": replace(mongod, command=(*mongod.command, *CAN_BE_SLOW)),
            "kafka": kafka.program(*self._kafka),
        }

    def start_all(self) -> None:
        for program in self._wanted.values():
            self._programs.start(program)
        self._programs.wait_ready(self._wanted.values(), START_SECONDS)

    def start(self, name: str) -> None:
        self._programs.start(self._wanted[name])

    def stop(self, name: str) -> None:
        self._programs.stop(name)

    def freeze(self, name: str) -> None:
        os.kill(self._programs.pids()[name], signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        os.kill(self._programs.pids()[name], signal.SIGCONT)

    def wipe_kafka(self) -> None:
        shutil.rmtree(self._kafka[0])
        self._wanted["kafka"] = kafka.program(*self._kafka)

    def end(self) -> None:
        self._programs.kill_all()


class Containers:
    """The public images' servers, on the machine's own network, so that their addresses are those of the processes."""

    def __init__(self, port: Mapping[str, int]) -> None:
        _require_engine()
        self._port = port
        self._wanted = {"mongod": _mongo_container(port), "kafka": _kafka_container(port)}

    def start_all(self) -> None:
        for name in self._wanted:
            self.start(name)
        until(lambda: mongo.is_primary(self._port["mongod"]), CONTAINERS_SECONDS)
        until(lambda: kafka.answers(self._port["kafka"]), CONTAINERS_SECONDS)

    def start(self, name: str) -> None:
        container = self._wanted[name]
        if container._container is None:  # pyright: ignore[reportPrivateUsage] - it has not been made yet
            container.start()
        else:
            container.get_wrapped_container().start()

    def stop(self, name: str) -> None:
        self._wanted[name].get_wrapped_container().stop()

    def freeze(self, name: str) -> None:
        self._wanted[name].get_wrapped_container().pause()

    def thaw(self, name: str) -> None:
        self._wanted[name].get_wrapped_container().unpause()

    def wipe_kafka(self) -> None:
        self._wanted["kafka"].stop()
        self._wanted["kafka"] = _kafka_container(self._port)

    def end(self) -> None:
        for container in self._wanted.values():
            container.stop()


class OwnServers:
    """The two servers by their names, `mongod` and `kafka`."""

    def __init__(self, folder: Path) -> None:
        port = ports.choose(["mongod", "kafka", "kafka-controller"], folder / "ports.json")
        self.mongo_url, self.kafka_bootstrap = mongo.url(port["mongod"]), f"{HOST}:{port['kafka']}"
        self._keeper: Keeper = Containers(port) if in_containers() else Processes(folder, port)
        self._ready = {
            "mongod": lambda: mongo.is_primary(port["mongod"]),
            "kafka": lambda: kafka.answers(port["kafka"]),
        }

    def start_all(self) -> None:
        """Start both and wait until they answer."""
        self._keeper.start_all()

    def stop_all(self) -> None:
        """Stop both."""
        self._keeper.end()

    async def stop(self, name: str) -> None:
        """End one as an operator would, with SIGTERM."""
        await asyncio.to_thread(self._keeper.stop, name)

    async def start(self, name: str) -> None:
        """Start one again over its data."""
        self._keeper.start(name)

        async def ready() -> bool:
            return await asyncio.to_thread(self._ready[name])

        await eventually(ready, name, START_SECONDS)

    async def wipe_kafka(self) -> None:
        """Lose all that Kafka has; another cluster begins at the same address."""
        await self.stop("kafka")
        await asyncio.to_thread(self._keeper.wipe_kafka)
        await self.start("kafka")

    def freeze(self, name: str) -> None:
        """Stop its clock: connections stay, answers do not come."""
        self._keeper.freeze(name)

    def thaw(self, name: str) -> None:
        """Let it go on."""
        self._keeper.thaw(name)


@contextmanager
def own_servers(folder: Path) -> Iterator[OwnServers]:
    """The two servers, running; gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    servers = OwnServers(folder)
    try:
        servers.start_all()
        yield servers
    finally:
        servers.stop_all()


def in_containers() -> bool:
    """Whether this run's servers are to be containers."""
    told = os.environ.get("SERVERS", "processes")
    if told not in ("processes", "containers"):
        pytest.exit(f"SERVERS={told}: there are processes and containers", returncode=2)
    return told == "containers"


def _require_engine() -> None:
    try:
        from_env().ping()
    except DockerException:
        pytest.exit(f"SERVERS=containers: {NO_ENGINE}; start one, or leave SERVERS out", returncode=2)


def _mongo_container(port: Mapping[str, int]) -> DockerContainer:
    options = ("--port", str(port["mongod"]), "--bind_ip", HOST, "--replSet", mongo.REPLICA_SET)
    small = ("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256", "--nounixsocket", "--quiet")
    told = [*options, *small, *CAN_BE_SLOW]
    container = DockerContainer(public()["MONGO_IMAGE"]).with_command(told)
    return container.with_kwargs(network_mode="host", entrypoint=["mongod"], init=True)


def _kafka_container(port: Mapping[str, int]) -> DockerContainer:
    client, controller = f"{HOST}:{port['kafka']}", f"{HOST}:{port['kafka-controller']}"
    told = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": f"PLAINTEXT://{client},CONTROLLER://{controller}",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{client}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": f"1@{controller}",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "6",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_BROKER_HEARTBEAT_INTERVAL_MS": "1000",
        "KAFKA_BROKER_SESSION_TIMEOUT_MS": "4000",
        "KAFKA_HEAP_OPTS": "-Xms128m -Xmx512m",
    }
    container = DockerContainer(public()["KAFKA_IMAGE"]).with_envs(**told)
    return container.with_kwargs(network_mode="host", init=True)
