"""A service's own MongoDB database: majority writes, bounded pool, sealed fields."""

import ssl
from pathlib import Path
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.monitoring import (
    ConnectionCheckedOutEvent,
    ConnectionCheckOutFailedEvent,
    ConnectionPoolListener,
    ServerHeartbeatFailedEvent,
    ServerHeartbeatListener,
    ServerHeartbeatStartedEvent,
    ServerHeartbeatSucceededEvent,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from chassis import metrics
from chassis.sealing import Keyring
from chassis.settings import Settings
from chassis.trust import CaFile
from chassis.updates import Updates

Document = dict[str, Any]
SHORTEST_WAIT = 0.001


class _PoolWaits(ConnectionPoolListener):
    """Tells of waits for a connection. The driver calls it for each operation: 2 µs."""

    def __init__(self, service: str) -> None:
        self._waits = metrics.POOL_WAITS.labels(service)

    def connection_checked_out(self, event: ConnectionCheckedOutEvent) -> None:
        self._waited(event.duration)

    def connection_check_out_failed(self, event: ConnectionCheckOutFailedEvent) -> None:
        self._waited(event.duration)  # in vain, and for longest

    def _waited(self, seconds: float | None) -> None:
        if seconds is not None and seconds > SHORTEST_WAIT:
            self._waits.observe(seconds)

    def _pass_over(self, event: Any) -> None:
        """Nobody watches these."""

    pool_created = pool_ready = pool_cleared = pool_closed = _pass_over
    connection_created = connection_ready = connection_closed = _pass_over
    connection_check_out_started = connection_checked_in = _pass_over


class _Renewal(ServerHeartbeatListener):
    """Reads the CA file anew before the driver asks how a server does, which it does before each new attempt too."""

    def __init__(self, file: Path) -> None:
        self._file = CaFile(file)
        self.context: ssl.SSLContext | None = None

    def started(self, event: ServerHeartbeatStartedEvent) -> None:
        if self.context is not None:
            self._file.renew(self.context)

    def succeeded(self, event: ServerHeartbeatSucceededEvent) -> None:
        """Nobody watches it."""

    def failed(self, event: ServerHeartbeatFailedEvent) -> None:
        """Nobody watches it."""


def connection_to(settings: Settings) -> dict[str, Any]:
    """How pymongo is told to connect beside the URL: who signs in, where a password file is told, and TLS."""
    told: dict[str, Any] = {}
    if settings.mongo_password_file is not None:
        told["username"] = settings.mongo_user
        told["password"] = settings.mongo_password_file.read_text().strip()
    if settings.mongo_ca_file is not None:
        told["tlsCAFile"] = str(settings.mongo_ca_file)
    return told


def _tls_of(client: AsyncMongoClient[Document]) -> ssl.SSLContext:
    context: Any = client.options.pool_options._ssl_context  # the driver takes none from outside
    return context


class Database:
    """The service's database.

    Promises: every write is acknowledged by the majority and journaled; every operation has a time limit
    (`mongo_timeout_ms`), so that nothing hangs while the server is away. Does not promise that a write which ran into
    the limit was not done: a repeat under the same once-only key finds out.
    """

    def __init__(self, service: str, settings: Settings, keyring: Keyring) -> None:
        self.keyring = keyring
        self.name = f"{settings.namespace}{service}"
        renewing = [_Renewal(settings.mongo_ca_file)] if settings.mongo_ca_file else []
        self.client: AsyncMongoClient[Document] = AsyncMongoClient(
            settings.mongo_url,
            **connection_to(settings),
            maxPoolSize=settings.mongo_pool,
            waitQueueTimeoutMS=settings.mongo_timeout_ms,
            serverSelectionTimeoutMS=settings.mongo_timeout_ms,
            timeoutMS=settings.mongo_timeout_ms,
            appname=f"baoqiao-{service}",
            uuidRepresentation="standard",
            event_listeners=[_PoolWaits(service), *renewing],
        )
        for renewal in renewing:
            renewal.context = _tls_of(self.client)
        options: CodecOptions[Document] = CodecOptions(tz_aware=True, type_registry=keyring.type_registry())
        self.database = self.client.get_database(
            self.name,
            codec_options=options,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )
        self._in_clear = options.with_options(type_registry=keyring.type_registry(reading=False))
        self._collections: dict[tuple[str, bool], AsyncCollection[Document]] = {}
        self._updates: dict[str, Updates] = {}

    def __getitem__(self, collection: str) -> AsyncCollection[Document]:
        return self.collection(collection)

    def collection(self, name: str, *, in_clear: bool = False) -> AsyncCollection[Document]:
        """A collection; one whose documents are all `in_clear` is read faster: the driver looks at each answer once."""
        found = self._collections.get((name, in_clear))
        if found is None:
            options = self._in_clear if in_clear else None
            found = self._collections[name, in_clear] = self.database.get_collection(name, codec_options=options)
        return found

    def updates(self, collection: str) -> Updates:
        """The way to update a document of a collection where many are updated side by side."""
        found = self._updates.get(collection)
        if found is None:
            found = self._updates[collection] = Updates(self[collection])
        return found

    async def ping(self) -> None:
        """Raises pymongo's error when the server does not answer in time."""
        await self.client.admin.command("ping")

    async def close(self) -> None:
        """Give the connections back."""
        await self.client.close()
