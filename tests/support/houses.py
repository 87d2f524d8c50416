"""Each service with what the story left in it, on a database of its own, where everything lies in one branch.

headquarters (parent) ─▶ the branch (own) ─▶ its sub-branch (child); beside it another province (sibling).
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from bson.codec_options import CodecOptions

from chassis.database import Database, Document
from chassis.ids import new_id
from chassis.service import Host
from contracts.notifications import CalendarYearLoaded
from contracts.placement import AuthorityDelegated
from services.notifications.calendars.model import CalendarYear
from services.notifications.calendars.store import Calendars
from services.placement.delegations.model import Delegation
from services.placement.delegations.store import Delegations
from services.webhooks.actions import ping
from services.webhooks.model import Webhook
from services.webhooks.rules import register
from services.webhooks.store import Webhooks
from tests.support.bodies import Refer, body_of, encoded, first_of, query_of
from tests.support.doors import Answer, call
from tests.support.routes import Route, address, routes_of
from tests.support.service import MovableClock, RunningService, a_token, running

RAW: CodecOptions[Document] = CodecOptions(tz_aware=True)
LEFT_OUT = ("event_log", "leases", "parked", "failures", "audit", "blobs.chunks", "blobs.files")
"""Not copied with the things: the chassis' own; files' bytes are copied apart."""


class Relation(StrEnum):
    """Where the caller's role is held, seen from the branch in which the things lie; its value is the branch's code."""

    OWN = "GD"
    PARENT = "HQ"
    CHILD = "SZ"
    SIBLING = "ZJ"

    @property
    def sees(self) -> bool:
        """Whether the branch lies in the caller's reach."""
        return self in (Relation.OWN, Relation.PARENT)


@dataclass
class House:
    """One service, its routes, and the things that it keeps."""

    running: RunningService
    branches: Mapping[str, str]
    """Ids of the branches by their codes."""
    user: str
    """The id of a user whom every service knows."""
    routes: list[Route] = field(default_factory=list)
    documents: dict[str, list[Document]] = field(default_factory=dict)

    @cached_property
    def shared(self) -> set[str]:
        """Collections that the whole company reads."""
        return {store.collection for store in self.running.host.service.stores if store.company_wide}

    @property
    def own(self) -> str:
        """The branch in which the things lie."""
        return self.branches[Relation.OWN]

    @property
    def refer(self) -> Refer:
        """References to the branch's things."""
        return first_of(self.documents, self.own)

    def token(self, relation: Relation, scopes: list[str]) -> str:
        """A valid token for these scopes, held in a branch."""
        return a_token(self.user, {self.branches[relation]: scopes}, self.running.clock)

    def guarded(self) -> Iterator[Route]:
        """The routes that name a scope."""
        return (route for route in self.routes if route.scope is not None)

    @cached_property
    def private_ids(self) -> frozenset[str]:
        """The ids of everything that only the branch may know of."""
        stores = {store.collection for store in self.running.host.service.stores} | {"files"}
        return frozenset(kept["_id"] for name in stores - self.shared for kept in self.documents.get(name, ()))

    @cached_property
    def targets(self) -> dict[Route, str]:
        """Path and query by which each route is asked about a thing of the branch."""
        return {route: address(route, self.documents) + query_of(route, self.refer) for route in self.routes}

    @cached_property
    def bodies(self) -> dict[Route, tuple[bytes, dict[str, str]]]:
        """The smallest body of each route, with its headers."""
        return {route: encoded(route, body_of(route, self.refer)) for route in self.routes}

    async def ask(
        self, route: Route, authorization: str, target: str = "", body: Any = None, match: str = ""
    ) -> Answer:
        """One request, about a thing of the branch and with the smallest body unless told otherwise."""
        content, told = self.bodies[route] if body is None else encoded(route, body)
        headers = {**told, "Accept-Language": "en"}
        if authorization:
            headers["Authorization"] = authorization
        if route.method == "POST":
            headers["Idempotency-Key"] = new_id()
        if match:
            headers["If-Match"] = match
        return await call(self.running.app, route.method, target or self.targets[route], headers, content)

    async def etag(self, route: Route) -> str:
        """The ETag of the thing of the branch that the route is asked about; empty when it names none."""
        if not route.names_a_thing:
            return ""
        found = await self.running.host.db[route.collection].find_one({"_id": self.targets[route].split("/")[2]})
        return f'"{found["v"]}"' if found and "v" in found else ""

    @asynccontextmanager
    async def lent_to_the_sibling(self, collection: str, not_in: str) -> AsyncIterator[str]:
        """A thing that belongs to the sibling for a while; gives its id. Not the one that `not_in` names."""
        if collection == "branches":
            yield self.branches[Relation.SIBLING]
            return
        kept = collection if self.documents.get(collection) else f"copy_{collection}"
        thing = next(each["_id"] for each in self.documents[kept] if each["_id"] not in not_in)
        things = self.running.host.db[kept]
        await things.update_one({"_id": thing}, {"$set": {"branch": self.branches[Relation.SIBLING]}})
        yield thing
        await things.update_one({"_id": thing}, {"$set": {"branch": self.own}})

    async def kept(self) -> dict[str, list[Document]]:
        """All that lies in the branch now, as the database has it."""
        found: dict[str, list[Document]] = {}
        for store in self.running.host.service.stores:
            things = _raw(self.running.host.db, store.collection).find({"branch": self.own}).sort("_id", 1)
            found[store.collection] = await things.to_list()
        return found


@asynccontextmanager
async def house(
    source: Host, clock: MovableClock, mongo_url: str, branches: Mapping[str, str], user: str
) -> AsyncIterator[House]:
    """A service of its own with a copy of what `source` keeps, all of it in the branch."""
    async with running(source.service, mongo_url, MovableClock(clock())) as service:
        built = House(service, branches, user)
        for name in sorted(set(await source.db.database.list_collection_names()) - set(LEFT_OUT)):
            built.documents[name] = await _copied(source.db, service.host.db, name, built.own)
        await _add_what_the_story_lacks(built)
        for name in ("blobs.chunks", "blobs.files"):
            await _copied(source.db, service.host.db, name, built.own)
        built.routes = routes_of(service.host.service, service.app)
        yield built


def _raw(db: Database, name: str) -> Any:
    return db.database.get_collection(name, codec_options=RAW)


async def _copied(source: Database, target: Database, name: str, branch: str) -> list[Document]:
    found = await _raw(source, name).find({}).to_list()
    if name != "branches":
        found = [document | ({"branch": branch} if "branch" in document else {}) for document in found]
    else:  # what may be addressed first is the branch itself
        found.sort(key=lambda document: document["_id"] != branch)
    await target[name].delete_many({})
    if found:
        await _raw(target, name).insert_many(found)
    return found


async def _add_what_the_story_lacks(built: House) -> None:
    work, first, last = built.running.host.system_work(), date(2027, 1, 1), date(2027, 1, 31)
    match work.service:
        case "notifications":
            year = CalendarYear(id=new_id(), branch=built.own, year=2027, holidays=(first,), make_up_days=(), source="")
            await Calendars(work).add(year, CalendarYearLoaded(calendar_id=year.id, year=year.year))
            built.documents["calendars"] = [{"_id": year.id}]
        case "placement":
            lent = Delegation(
                id=new_id(),
                branch=built.own,
                giver_id=built.user,
                taker_id="x",
                from_on=first,
                until_on=last,
                reason="",
            )
            told = lent.model_dump(include={"giver_id", "taker_id", "from_on", "until_on"})
            await Delegations(work).add(lent, AuthorityDelegated(delegation_id=lent.id, branch_id=built.own, **told))
            built.documents["delegations"] = [{"_id": lent.id}]
        case "webhooks":
            told = Webhook(id=new_id(), branch=built.own, url="https://a.example", facts=("*",), keys=(), made_by="x")
            hook = await Webhooks(work).add(*register(told))
            built.documents["webhooks"] = [{"_id": hook.id}]
            built.documents["deliveries"] = [{"_id": (await ping(hook.id, work)).id}]
        case _:
            pass
