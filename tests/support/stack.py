"""The whole product in one process: every service's api and worker on real MongoDB and Kafka, behind the real
gateway, on one movable clock."""

import asyncio
import re
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from pymongo import AsyncMongoClient

from chassis.access import Administrator
from chassis.app import create_app
from chassis.database import Document
from chassis.sealing import Keyring
from chassis.service import Host, Service
from chassis.settings import Settings
from chassis.worker import Worker
from deploy.local import keys
from deploy.local.api import Gateway
from tests.support.service import KEYRING, MovableClock
from tests.support.waiting import eventually

YEARS = 20 * 365 * 24 * 3600
"""The services check tokens by the moved clock; the gateway only has the machine's, and must let them pass."""


class Api:
    """One service's api role on a port of its own."""

    def __init__(self, host: Host, listener: socket.socket) -> None:
        self.app = create_app(host)
        config = uvicorn.Config(
            self.app, log_config=None, access_log=False, loop="none", lifespan="on", timeout_graceful_shutdown=5
        )
        self.server = uvicorn.Server(config)
        self._listener = listener
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self.server.serve(sockets=[self._listener]))

    async def stop(self) -> None:
        self.server.should_exit = True
        if self._task is not None:
            await self._task


class Stack:
    """All services, each with users of its own on the servers, the clock, and the gateway as front-ends see it.

    `settings` are what an administrator is told.
    """

    def __init__(
        self,
        services: list[Service],
        clock: MovableClock,
        access: Path,
        kafka_users: str,
        settings: dict[str, Any],
        keyring: Keyring = KEYRING,
    ) -> None:
        self.clock = clock
        self.listeners = {service.name: _listener() for service in services}
        self.ports = {name: listener.getsockname()[1] for name, listener in self.listeners.items()}
        told = Settings(
            namespace=f"j{secrets.token_hex(4)}_",
            topic_partitions=2,
            jwks_url=f"http://127.0.0.1:{self.ports['identity']}/jwks",
            **settings,
        )
        self.settings, self.keyring = told, keyring
        self._access, self.kafka_users = access, kafka_users
        self.administrator = AsyncMongoClient[Document](told.mongo_url)
        keys.access(access, self.ports)
        self.hosts = {
            service.name: Host(service, self.told(service.name), clock=clock, keyring=keyring) for service in services
        }
        self.apis = {name: Api(host, self.listeners[name]) for name, host in self.hosts.items()}
        self.workers = {name: Worker(host) for name, host in self.hosts.items()}
        self.gateway = Gateway(httpx.AsyncClient(timeout=30), lambda: clock().timestamp())

    def told(self, service: str) -> Settings:
        """What the processes of a service are told: no administrator's password, but their own."""
        own = {
            "mongo_url": re.sub("//[^/@]*@", "//", self.settings.mongo_url),
            "mongo_password_file": self._access / service / "mongo-password",
            "kafka_bootstrap": self.kafka_users,
            "kafka_protocol": "SASL_PLAINTEXT",
            "kafka_password_file": self._access / service / "kafka-password",
        }
        return self.settings.model_copy(update=own)

    async def start(self, envoy: Callable[..., int]) -> None:
        await self.give_users()
        for worker in self.workers.values():
            await worker.start()
        for name, worker in self.workers.items():
            await eventually(lambda worker=worker: _ready(worker), f"the worker of {name}", within=60)
        await self.open(envoy)

    async def give_users(self) -> None:
        """Each service its own on the servers."""
        admin = Administrator(self.settings)
        for name, host in self.hosts.items():
            await admin.give(host.service, self._access / name)
        await admin.close()

    async def open(self, envoy: Callable[..., int], **limits: int) -> None:
        """The apis and the gateway alone: what is done stays where it is done."""
        for api in self.apis.values():
            await api.start()
        told = {"clock_skew_seconds": YEARS, "sign_ins_per_second": 1000, "otlp_url": self.settings.otlp_url} | limits
        port = await asyncio.to_thread(lambda: envoy(self.ports, **told))
        self.gateway.http.base_url = httpx.URL(f"http://127.0.0.1:{port}/api")

    async def copy(self, other: "Stack") -> None:
        """Keep what the other one keeps."""
        await self.give_users()
        for name, host in self.hosts.items():
            await host.prepare()
            kept = self.administrator[other.hosts[name].db.name]
            for collection in set(await kept.list_collection_names()) - {"leases"}:
                await (await kept[collection].aggregate([{"$out": {"db": host.db.name, "coll": collection}}])).to_list()

    async def stop(self) -> None:
        await asyncio.gather(*(worker.stop() for worker in self.workers.values()))
        for host in self.hosts.values():
            await self.administrator.drop_database(host.db.name)
            await self.administrator.admin.command("dropUser", host.db.name)
        await self.administrator.close()
        await asyncio.gather(*(api.stop() for api in self.apis.values()))
        await self.gateway.http.aclose()

    async def run_job(self, service: str, name: str) -> None:
        """Run a scheduled job now, as the worker that holds the lease would."""
        [job] = [job for jobs in self.hosts[service].service.jobs for job in jobs.jobs if job.name == name]
        await job.action(self.hosts[service].system_work())


@dataclass(frozen=True)
class MailBox:
    """The mail sink's folder."""

    folder: Path

    def about(self, text: str) -> list[Any]:
        """The messages whose subject, recipients or text carry this."""
        import email
        import email.policy

        found = [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in sorted(self.folder.glob("*.eml"))
        ]
        return [m for m in found if text in f"{m['subject']} {m['to']} {_text(m)}"]


def _text(message: Any) -> str:
    body = message.get_body()
    return body.get_content() if body else ""


async def _ready(worker: Worker) -> bool:
    return worker.ready


def _listener() -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    return listener
