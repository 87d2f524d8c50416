"""The gateway, MongoDB and Kafka speak TLS when the settings say so, here with a CA of our own, and certificates that
are renewed while all goes on are taken up, from another CA too."""

# confluent_kafka names its classes in no __all__
# pyright: reportPrivateImportUsage=false

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from cryptography import x509
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from chassis.access import Administrator, connection
from chassis.kafka import Message, Publisher
from chassis.serve import service_named
from chassis.service import Host
from chassis.settings import Settings
from deploy.envoy.render import GatewaySettings
from deploy.local import HOST, ROOT, gateway, kafka, keys, mongo, ports
from deploy.local.programs import Programs
from tests.support.certificates import Authority
from tests.support.certificates import replace as put
from tests.support.service import KEYRING
from tests.support.waiting import eventually

START_SECONDS = 60
SEVERAL = 8
"""Connections: Kafka's network threads take a new certificate up one after the other, and share connections in turn."""
OVER_TLS = """
listener.security.protocol.map=USERS:SASL_SSL,CONTROLLER:SASL_PLAINTEXT
listener.name.users.ssl.keystore.type=PEM
listener.name.users.ssl.keystore.location={folder}/server.pem
listener.name.users.ssl.truststore.type=PEM
listener.name.users.ssl.truststore.location={folder}/ca.pem
"""


@dataclass
class Servers:
    """All three over TLS, with their certificates in one folder."""

    folder: Path
    port: dict[str, int]
    authority: Authority
    numbers: list[int]

    @property
    def admin(self) -> Settings:
        users = {"mongo_user": mongo.ADMIN, "kafka_user": kafka.ADMIN, "kafka_mechanism": "PLAIN"}
        return self.told("admin", **users)

    def told(self, name: str, **more: Any) -> Settings:
        """What a service, or the administrator, is told."""
        access = self.folder / "access" / name
        settings: dict[str, Any] = {
            "mongo_url": mongo.url(self.port["mongod"]),
            "mongo_password_file": access / "mongo-password",
            "mongo_ca_file": self.folder / "ca.pem",
            "mongo_timeout_ms": 30_000,
            "kafka_bootstrap": f"{HOST}:{self.port['kafka']}",
            "kafka_protocol": "SASL_SSL",
            "kafka_password_file": access / "kafka-password",
            "kafka_ca_file": self.folder / "ca.pem",
            "topic_partitions": 1,
        }
        return Settings(**settings | more).of(name)

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "ca.pem"))

    def number(self, name: str) -> int:
        """Of the certificate that a new connection to a server is shown."""
        with (
            socket.create_connection((HOST, self.port[name]), 10) as plain,
            self.trusting().wrap_socket(plain, server_hostname=HOST) as connected,
        ):
            shown = connected.getpeercert(binary_form=True)
        assert shown is not None
        return x509.load_der_x509_certificate(shown).serial_number


@pytest.fixture(scope="module")
def servers(run_dir: Path) -> Iterator[Servers]:
    folder = (run_dir / "tls").resolve()
    folder.mkdir()
    names = ["mongod", "kafka", "kafka-controller", "gateway", "admin", "nobody"]
    authority, port = Authority("first"), ports.choose(names, folder / "ports.json")
    keys.access(folder / "access", ["hr"])
    put(folder / "ca.pem", authority.pem)
    numbers = [authority.issue(folder)]
    programs = Programs(folder / "log", ROOT)
    started = Servers(folder, port, authority, numbers)
    wanted = [_mongod(started), _kafka(started), _gateway(started)]
    for program in wanted:
        programs.start(program)
    programs.wait_ready(wanted, START_SECONDS)
    yield started
    programs.stop_all([])


def _mongod(servers: Servers) -> Any:
    """It lets its set be made without TLS, and from then on nothing."""
    folder, port, access = servers.folder, servers.port["mongod"], servers.folder / "access"
    files = ("--tlsCertificateKeyFile", f"{folder}/server.pem", "--tlsCAFile", f"{folder}/ca.pem")
    program = mongo.program(folder / "mongo", port, access)

    def ready() -> bool:
        if not mongo.is_primary(port, access):
            return False
        with MongoClient[dict[str, Any]](mongo.url(port, access=access)) as client:
            client.admin.command("setParameter", 1, tlsMode="requireTLS")
        return True

    command = (*program.command, "--tlsMode", "preferTLS", "--tlsAllowConnectionsWithoutCertificates", *files)
    return replace(program, command=command, ready=ready)


def _kafka(servers: Servers) -> Any:
    folder, port = servers.folder, servers.port
    program = kafka.program(folder / "kafka", port["kafka"], port["kafka-controller"], folder / "access")
    with (folder / "kafka.properties").open("a") as properties:
        properties.write(OVER_TLS.format(folder=folder))
    return replace(program, ready=lambda: _answers(AdminClient(connection(servers.admin))))


def _answers(client: AdminClient) -> bool:
    try:
        return bool(client.list_topics(timeout=2).brokers)
    except KafkaException:
        return False


def _gateway(servers: Servers) -> Any:
    folder, port = servers.folder, servers.port
    files: dict[str, Any] = {"certificate_file": folder / "certificate.pem", "key_file": folder / "key.pem"}
    told = GatewaySettings(port=port["gateway"], admin_port=port["admin"], **files)
    return gateway.program(folder / "envoy", told, {"identity": f"{HOST}:{port['nobody']}"})


@pytest.fixture(scope="module")
async def hr(servers: Servers) -> AsyncIterator[Host]:
    """A service that knows the servers by its settings alone."""
    admin = Administrator(servers.admin)
    await admin.give(service_named("hr"), servers.folder / "access" / "hr")
    await admin.close()
    host = Host(service_named("hr"), servers.told("hr"), keyring=KEYRING)
    yield host
    await host.db.close()


async def test_a_service_works_over_tls_alone(servers: Servers, hr: Host):
    await hr.prepare()
    await hr.db["employees"].insert_one({"_id": "over tls"})
    await _published(hr, "first")
    async with httpx.AsyncClient(verify=servers.trusting()) as http:
        answer = await http.get(f"https://{HOST}:{servers.port['gateway']}/nowhere")
    assert answer.status_code == 404


async def test_nobody_speaks_without_tls(servers: Servers):
    with pytest.raises(PyMongoError), MongoClient[Any](HOST, servers.port["mongod"], **QUICKLY) as client:
        client.admin.command("ping")
    with pytest.raises(httpx.TransportError):
        await httpx.AsyncClient().get(f"http://{HOST}:{servers.port['gateway']}/nowhere")
    assert not await asyncio.to_thread(kafka.answers, servers.port["kafka"], servers.folder / "access")


QUICKLY: dict[str, Any] = {"serverSelectionTimeoutMS": 2000, "directConnection": True}


async def test_a_server_that_another_ca_vouches_for_is_not_spoken_to(servers: Servers, tmp_path: Path):
    stranger = tmp_path / "ca.pem"
    stranger.write_bytes(Authority("stranger").pem)
    told = servers.told("hr", mongo_ca_file=stranger, kafka_ca_file=stranger, mongo_timeout_ms=2000)
    host = Host(service_named("hr"), told, keyring=KEYRING)
    with pytest.raises(PyMongoError):
        await host.db.ping()
    await host.db.close()
    with pytest.raises(KafkaError):
        await _published(host, "lost")


async def test_renewed_certificates_are_taken_up_while_all_goes_on_from_another_ca_too(servers: Servers, hr: Host):
    assert {servers.number(name) for name in ("mongod", "kafka", "gateway")} == set(servers.numbers)
    other = Authority("second")
    put(servers.folder / "ca.pem", servers.authority.pem + other.pem)  # both, until all have changed
    await _renew(servers, servers.authority)  # and the CAs with it: Kafka, which speaks to itself, must know both
    await _renew(servers, other)
    put(servers.folder / "ca.pem", other.pem)
    await asyncio.gather(*(hr.db["employees"].count_documents({}) for _ in range(20)))  # on new connections too
    await _published(hr, "second")


async def _renew(servers: Servers, authority: Authority) -> None:
    """New certificates, which every server shows in the end."""
    number = authority.issue(servers.folder)
    await asyncio.to_thread(_kafka_reads_anew, servers)
    await asyncio.to_thread(_mongod_reads_anew, servers)
    for name in ("mongod", "kafka", "gateway"):
        await eventually(_shows(servers, name, number), f"the new certificate of {name}", within=60)


def _shows(servers: Servers, name: str, number: int) -> Callable[[], Any]:
    async def shows() -> bool:
        shown = {await asyncio.to_thread(servers.number, name) for _ in range(SEVERAL)}
        return shown == {number}

    return shows


def _mongod_reads_anew(servers: Servers) -> None:
    """As docs/operations.md says to tell it; Envoy looks by itself."""
    url = mongo.url(servers.port["mongod"], access=servers.folder / "access")
    with MongoClient[Any](url, tlsCAFile=str(servers.folder / "ca.pem")) as client:
        client.admin.command("rotateCertificates", 1)


def _kafka_reads_anew(servers: Servers) -> None:
    name, place = "listener.name.users.ssl.keystore.location", f"{servers.folder}/server.pem"
    entry = ConfigEntry(name, place, incremental_operation=AlterConfigOpType.SET)
    client = AdminClient(connection(servers.admin))
    broker = ConfigResource(ResourceType.BROKER, "1", incremental_configs=[entry])
    for future in client.incremental_alter_configs([broker]).values():
        future.result(START_SECONDS)


async def _published(host: Host, text: str) -> None:
    """A message of the service's is told, by a new connection, and read as another subscriber would."""
    publisher = Publisher(host.settings)
    topic = "hr.employees"
    try:
        await publisher.publish([Message(topic, b"key", text.encode(), [])], lambda: None)
    finally:
        await publisher.renew()
