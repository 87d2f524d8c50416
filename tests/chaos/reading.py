"""Reads what the services keep, as they would: dates and personal data in clear, everything of the majority."""

from collections.abc import AsyncIterator
from typing import Any

from chassis.database import Database
from chassis.sealing import Keyring
from chassis.serve import service_named
from chassis.service import Service
from chassis.settings import Settings
from contracts.personal import Personal
from deploy.local import services
from tests.chaos.cluster import Cluster

Document = dict[str, Any]


class Books:
    """All databases of a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.settings = Settings(
            mongo_url=cluster.mongo_url,
            kafka_bootstrap=cluster.kafka_bootstrap,
            keys_dir=cluster.folder / "keys",
            mongo_timeout_ms=60_000,
        )
        self.keyring = Keyring.load(self.settings.keys_dir)
        self.services: dict[str, Service] = {name: service_named(name) for name in services.discover()}
        self.db = {name: Database(name, self.settings, self.keyring) for name in self.services}

    def stores(self, service: str) -> list[str]:
        """The collections whose documents carry events."""
        return [store.collection for store in self.services[service].stores]

    async def all(self, service: str, collection: str, *fields: str, **condition: Any) -> AsyncIterator[Document]:
        """Every document by `_id`; only these fields when some are named."""
        shown = dict.fromkeys(fields, 1) if fields else None
        async for document in self.db[service][collection].find(condition, shown).sort("_id", 1).batch_size(2000):
            yield document

    async def close(self) -> None:
        """Give the connections back."""
        for db in self.db.values():
            await db.close()


def plain(value: Any) -> Any:
    """A value without its seals and in one form, so that two kept by different services can be compared."""
    match value:
        case Personal():
            return value.reveal()
        case dict():
            return {str(name): plain(one) for name, one in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list() | tuple():
            return [plain(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value
