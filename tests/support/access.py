"""Users of all services on the run's servers, in a namespace of their own."""

import re
import secrets
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient
from typer.testing import CliRunner

from chassis.database import Document
from chassis.operating.__main__ import app
from deploy.local import keys, services
from tests.support.servers import Addresses

NAMES = services.discover()


class Access:
    """All services' users, as an administrator's command makes them."""

    def __init__(self, addresses: Addresses, folder: Path) -> None:
        self.namespace = f"t{secrets.token_hex(6)}_"
        self.admin_url = addresses.mongo_url
        self.url = re.sub("//[^/@]*@", "//", addresses.mongo_url)
        self._folder = folder
        keys.access(folder, NAMES)

    def give(self) -> None:
        """Run the command, as an administrator."""
        with pytest.MonkeyPatch.context() as told:
            told.setenv("BAOQIAO_NAMESPACE", self.namespace)
            told.setenv("BAOQIAO_MONGO_URL", self.admin_url)
            done = CliRunner().invoke(app, ["secure", *NAMES, "--access", str(self._folder)])
        assert done.exit_code == 0, done.output

    def user(self, service: str) -> str:
        """The name of a service's users, and of its database."""
        return f"{self.namespace}{service}"

    def password(self, service: str, server: str) -> str:
        """A service's password for `mongo`."""
        return (self._folder / service / f"{server}-password").read_text().strip()

    def mongo(self, service: str) -> AsyncMongoClient[Document]:
        """MongoDB as a service sees it."""
        return AsyncMongoClient(self.url, username=self.user(service), password=self.password(service, "mongo"))

    async def forget(self) -> None:
        """Leave nothing on servers that others use too."""
        async with AsyncMongoClient[Document](self.admin_url) as admin:
            for name in NAMES:
                await admin.drop_database(self.user(name))
                await admin.admin.command("dropUser", self.user(name))
