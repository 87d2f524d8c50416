"""Real MongoDB, Kafka, mail sink and Envoy for the tests, one of each for a whole run.

Servers that run already are used when their addresses stand in BAOQIAO_TEST_MONGO_URL, BAOQIAO_TEST_KAFKA_BOOTSTRAP,
BAOQIAO_TEST_KAFKA_USERS, BAOQIAO_TEST_SMTP_PORT and BAOQIAO_TEST_MAIL_DIR, as `python -m deploy.local servers` prints
them. With SERVERS=containers, MongoDB and Kafka are containers of the public images (own_servers.py) instead of
processes.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest

from deploy.envoy.render import GatewaySettings
from deploy.local import HOST, ROOT, gateway, mail, ports, servers
from deploy.local.programs import Programs
from tests.support.own_servers import in_containers, own_servers

START_SECONDS = 30


@dataclass(frozen=True)
class Addresses:
    """Where the servers of this run answer."""

    mongo_url: str
    kafka_bootstrap: str
    kafka_users: str
    """Where users sign in to Kafka; empty in containers, where nobody does."""
    smtp_port: int
    mail_dir: Path


class StartEnvoy(Protocol):
    """Starts a gateway; `settings` are fields of GatewaySettings."""

    def __call__(self, upstreams: dict[str, int], **settings: Any) -> int: ...


MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - the run's folder in it has a name of its own
ENOUGH_BYTES = 4 * 1024**3


def _place() -> Path:
    """Where a run's data lie: on a memory disk with room enough, since each test waits for many synced writes."""
    if MEMORY_DISK.is_dir() and shutil.disk_usage(MEMORY_DISK).free > ENOUGH_BYTES:
        return MEMORY_DISK
    return ROOT / ".run"


@pytest.fixture(scope="session")
def run_dir() -> Iterator[Path]:
    """Yield a folder for the data and logs of this run's own processes, gone when the run ends."""
    for left in _place().glob("baoqiao-test-[0-9]*"):  # by runs that were killed
        if not psutil.pid_exists(int(left.name.rpartition("-")[2])):
            shutil.rmtree(left, ignore_errors=True)
    folder = _place() / f"baoqiao-test-{os.getpid()}"
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def addresses(run_dir: Path) -> Iterator[Addresses]:
    """Yield where MongoDB, Kafka and the mail sink answer; start them unless they were named from outside."""
    if "BAOQIAO_TEST_MONGO_URL" in os.environ:
        yield Addresses(
            mongo_url=os.environ["BAOQIAO_TEST_MONGO_URL"],
            kafka_bootstrap=os.environ["BAOQIAO_TEST_KAFKA_BOOTSTRAP"],
            kafka_users=os.environ["BAOQIAO_TEST_KAFKA_USERS"],
            smtp_port=int(os.environ["BAOQIAO_TEST_SMTP_PORT"]),
            mail_dir=Path(os.environ["BAOQIAO_TEST_MAIL_DIR"]),
        )
        return
    if in_containers():
        with own_servers(run_dir) as own, mail_sink(run_dir) as smtp_port:
            yield Addresses(own.mongo_url, own.kafka_bootstrap, "", smtp_port, run_dir / "mail")
        return
    started = servers.start(run_dir)
    yield Addresses(
        started.mongo_url, started.kafka_bootstrap, started.kafka_users, started.smtp_port, started.mail_dir
    )
    started.stop()


@contextmanager
def mail_sink(folder: Path) -> Iterator[int]:
    """Our own mail sink alone, as a process; its port."""
    port = ports.choose(["mail"], folder / "ports.json")["mail"]
    programs = Programs(folder / "log", ROOT)
    program = mail.program(folder / "mail", port)
    programs.start(program)
    programs.wait_ready([program], START_SECONDS)
    yield port
    programs.stop_all([])


@pytest.fixture(scope="session")
def mongo_url(addresses: Addresses) -> str:
    """Return the address of a MongoDB replica set."""
    return addresses.mongo_url


@pytest.fixture(scope="session")
def kafka_bootstrap(addresses: Addresses) -> str:
    """Return the address of a Kafka broker; topics are not made by using them."""
    return addresses.kafka_bootstrap


@pytest.fixture(scope="session")
def smtp_port(addresses: Addresses) -> int:
    """Return the port of the mail sink."""
    return addresses.smtp_port


@pytest.fixture(scope="session")
def mail_dir(addresses: Addresses) -> Path:
    """Return the folder in which the mail sink lays every mail as an .eml file."""
    return addresses.mail_dir


@pytest.fixture(scope="session")
def envoy(run_dir: Path) -> Iterator[StartEnvoy]:
    """Yield a function that starts the gateway before services given as name → port of the api; it returns its port."""
    programs = Programs(run_dir / "log", ROOT)
    numbers = count()

    def start(upstreams: dict[str, int], **settings: Any) -> int:
        name = f"envoy-{next(numbers)}"
        port = ports.choose(["gateway", "admin"], run_dir / name / "ports.json")
        told = GatewaySettings(port=port["gateway"], admin_port=port["admin"], **settings)
        services = {service: f"{HOST}:{api_port}" for service, api_port in upstreams.items()}
        program = replace(gateway.program(run_dir / name, told, services), name=name)
        programs.start(program)
        programs.wait_ready([program], START_SECONDS)
        return told.port

    yield start
    programs.stop_all([])
