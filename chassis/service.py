"""What a service is made of, and the host in which one of its processes runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from pydantic_settings import BaseSettings
from pymongo import IndexModel
from pymongo.errors import OperationFailure

from chassis import tracing
from chassis.branches import COPY, BranchTree
from chassis.clock import Clock, utc_now
from chassis.consuming import Consumers
from chassis.database import Database
from chassis.jobs import Jobs
from chassis.logs import log
from chassis.sealing import Keyring
from chassis.settings import Settings
from chassis.spans import Spans
from chassis.store import Store
from chassis.tokens import Keys, RemoteKeys, Tokens
from chassis.work import Actor, Work


@dataclass(frozen=True)
class Service:
    """A service's parts, declared in `services/<name>/service.py` as `service`.

    `stores` are the collections whose events the relay publishes; `indexes` are those of copies and other
    collections, by name; `settings` what it reads beside the chassis' own, checked at the start.
    """

    name: str
    title: str
    routers: Sequence[APIRouter]
    stores: Sequence[type[Store[Any]]]
    consumers: Sequence[Consumers] = ()
    jobs: Sequence[Jobs] = ()
    indexes: dict[str, list[IndexModel]] = field(default_factory=dict)
    settings: Sequence[type[BaseSettings]] = ()
    branches_in: str = COPY
    branches_kept_seconds: float = 1.0

    @property
    def topics_heard(self) -> set[str]:
        """The topics that it listens to, without the namespace."""
        return {fact.topic for consumers in self.consumers for fact, _ in consumers.handlers}


class Host:
    """One process of a service: its settings, database, clock, tokens and branch tree."""

    def __init__(
        self,
        service: Service,
        settings: Settings,
        *,
        clock: Clock = utc_now,
        keys: Keys | None = None,
        keyring: Keyring | None = None,
    ) -> None:
        self.service, self.settings, self.clock = service, settings.of(service.name), clock
        self.db = Database(service.name, self.settings, keyring or Keyring.load(settings.keys_dir))
        self.tokens = Tokens(keys or RemoteKeys(settings.jwks_url), settings.issuer, settings.audience)
        self._actor = Actor(f"system:{service.name}", service.name)
        self.spans = Spans(service.name, settings.otlp_url)
        self.branches = BranchTree(self.db, service.branches_in, service.branches_kept_seconds)

    def system_work(self, **more: Any) -> Work:
        """Work of the service itself: sees every branch, and begins a trace of its own unless it continues one."""
        if "traceparent" not in more:
            more = {"correlation": tracing.new_trace_id(), "traceparent": tracing.child_of("")} | more
        own = self.service.name, self.db, self.clock(), self._actor
        return Work(*own, spans=self.spans, **more)

    async def prepare(self) -> None:
        """Make the collections and indexes that are missing. Safe to run again and side by side.

        An index that stands already in another form is left as it is and told in the log: the service works, and
        somebody who knows drops the old one.
        """
        for name, indexes in self.indexes().items():
            await self._prepare(name, indexes)

    def indexes(self) -> dict[str, list[IndexModel]]:
        """All indexes that the service declares, by collection."""
        wanted = {store.collection: [OUTBOX_INDEX, *store.indexes] for store in self.service.stores}
        for name, indexes in {**PLATFORM_INDEXES, **self.service.indexes}.items():
            wanted[name] = [*wanted.get(name, ()), *indexes]
        return wanted

    async def _prepare(self, collection: str, indexes: list[IndexModel]) -> None:
        try:
            await self.db[collection].create_indexes(indexes)
        except OperationFailure as error:
            if error.code not in STANDING_OTHERWISE:
                raise
            for index in indexes:
                await self._prepare_one(collection, index)

    async def _prepare_one(self, collection: str, index: IndexModel) -> None:
        try:
            await self.db[collection].create_indexes([index])
        except OperationFailure as error:
            if error.code not in STANDING_OTHERWISE:
                raise
            log.error(
                "an index could not be made as declared; drop the one that stands, or mend the documents, and restart",
                service=self.service.name,
                collection=collection,
                index=index.document["name"],
                why=str(error)[:300],
            )


STANDING_OTHERWISE = (67, 85, 86, 11000)
"""CannotCreateIndex, IndexOptionsConflict, IndexKeySpecsConflict, and documents that a unique index would forbid."""
OUTBOX_INDEX = IndexModel([("outbox_at", 1)], name="outbox", partialFilterExpression={"outbox_at": {"$exists": True}})
PLATFORM_INDEXES = {
    "event_log": [IndexModel([("seq", 1)], name="seq"), IndexModel([("key", 1), ("v", 1)], name="key")],
    "parked": [IndexModel([("topic", 1), ("key", 1), ("offset", 1)], name="key"), IndexModel([("at", 1)], name="at")],
    "audit": [IndexModel([("about", 1), ("at", -1)], name="about")],
    # those of the driver, which makes them with the first file only: after a restore there is one already
    "blobs.files": [IndexModel([("filename", 1), ("uploadDate", 1)], name="filename_1_uploadDate_1")],
    "blobs.chunks": [IndexModel([("files_id", 1), ("n", 1)], name="files_id_1_n_1", unique=True)],
}
