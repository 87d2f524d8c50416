"""Users of all services on the run's servers, in a namespace of their own."""

import re
import secrets
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from typer.testing import CliRunner

from chassis.access import Administrator
from chassis.database import Document
from chassis.operating.__main__ import app
from chassis.settings import Settings
from deploy.local import keys, services
from tests.support.servers import Addresses

NAMES = services.discover()


class Access:
    """All services' users, as an administrator's command makes them."""

    def __init__(self, addresses: Addresses, folder: Path) -> None:
        self.namespace = f"t{secrets.token_hex(6)}_"
        self.admin_url = addresses.mongo_url
        self.url = re.sub("//[^/@]*@", "//", addresses.mongo_url)
        self._addresses = addresses
        self._folder = folder
        keys.access(folder, NAMES)

    def give(self) -> None:
        """Run the command, as an administrator."""
        with pytest.MonkeyPatch.context() as told:
            for name, value in self._admin.items():
                told.setenv(f"BAOQIAO_{name}".upper(), str(value))
            done = CliRunner().invoke(app, ["secure", *NAMES, "--access", str(self._folder)])
        assert done.exit_code == 0, done.output

    def user(self, service: str) -> str:
        """The name of a service's users, and of its database."""
        return f"{self.namespace}{service}"

    def password(self, service: str, server: str) -> str:
        """A service's password for `mongo` or `kafka`."""
        return (self._folder / service / f"{server}-password").read_text().strip()

    def mongo(self, service: str) -> AsyncMongoClient[Document]:
        """MongoDB as a service sees it."""
        return AsyncMongoClient(self.url, username=self.user(service), password=self.password(service, "mongo"))

    def folder(self, service: str) -> Path:
        """Where a service's passwords lie."""
        return self._folder / service

    def settings(self, service: str) -> Settings:
        """What a service's processes are told."""
        told: dict[str, Any] = {
            "namespace": self.namespace,
            "mongo_url": self.url,
            "mongo_password_file": self._folder / service / "mongo-password",
            "kafka_bootstrap": self._addresses.kafka_users,
            "kafka_protocol": "SASL_PLAINTEXT",
            "kafka_password_file": self._folder / service / "kafka-password",
        }
        return Settings(**told).of(service)

    @property
    def admin(self) -> Settings:
        """What an administrator is told: at the port where nobody signs in he may do everything."""
        return Settings(**self._admin)

    @property
    def _admin(self) -> dict[str, Any]:
        kafka = self._addresses.kafka_bootstrap
        return {
            "namespace": self.namespace,
            "mongo_url": self.admin_url,
            "kafka_bootstrap": kafka,
            "topic_partitions": 1,
        }

    async def forget(self) -> None:
        """Leave nothing on servers that others use too."""
        admin = Administrator(self.admin)
        for name in NAMES:
            await admin.take(name)
        await admin.close()
        async with AsyncMongoClient[Document](self.admin_url) as mongo:
            for name in NAMES:
                await mongo.drop_database(self.user(name))
