"""P8: the daily sweep – policies that end, reminders that are due – among ever more policies, of which 100 are due,
against the same with these 100 alone."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.bed import Bench
from bench.measure import Result, at_most, paired
from chassis.service import Host
from services.notifications.obligations.actions import advance
from services.notifications.obligations.model import Status as Obliged
from services.notifications.obligations.store import Obligations
from services.placement.policies.actions import expire_policies
from services.placement.policies.model import Status
from services.placement.policies.store import Policies
from tests.support.notifications import an_obligation
from tests.support.placement_terms import a_policy

Document = dict[str, Any]
SIZES = (1_000, 10_000, 100_000, 1_000_000)
DUE = 100
MOST_MS = 600_000
"""An index over a million documents takes longer than a request may."""


class Company:
    """Policies and their obligations in two databases of their own."""

    def __init__(self, bench: Bench, namespace: str) -> None:
        self._bench = bench
        self.placement, self.notifications = (
            bench.host(name, namespace=namespace, mongo_timeout_ms=MOST_MS) for name in ("placement", "notifications")
        )
        now = datetime.now(UTC)
        policies, obligations = Policies(self.placement.system_work()), Obligations(self.notifications.system_work())
        ended, lasting = (a_policy("in_force").cover.but(ends_on=(now + timedelta(days=d)).date()) for d in (-2, 90))
        self._due_policy = policies.fields(a_policy("in_force", cover=ended))
        self._other_policies = [
            policies.fields(a_policy("in_force", cover=lasting)),
            policies.fields(a_policy("in_force", cover=ended).but(status=Status.EXPIRED)),
        ]
        timed = {"due_at": now + timedelta(days=9), "reminders": (now,), "next_at": now}
        later = timed | {"reminders": (now + timedelta(days=5),), "next_at": now + timedelta(days=5)}
        self._due_obligation = obligations.fields(an_obligation(**timed))
        self._other_obligations = [
            obligations.fields(an_obligation(**later)),
            obligations.fields(an_obligation(**later).but(status=Obliged.MET, next_at=None)),
        ]

    async def prepare(self) -> None:
        """Indexes."""
        await self.placement.prepare()
        await self.notifications.prepare()

    async def holds(self, size: int) -> None:
        """As many policies, each with an obligation, of which none is due."""
        await self._filled(self.placement, "policies", self._other_policies, size)
        await self._filled(self.notifications, "obligations", self._other_obligations, size)

    async def _filled(self, host: Host, collection: str, kinds: list[Document], size: int) -> None:
        """The server multiplies a few documents: a million would be long on the way. Indexes come last, for speed."""
        database = self._bench.mongo[host.db.name]
        await database.drop_collection(collection)
        await host.db["kinds"].delete_many({})
        beside = {"v": 1, "branch": "hq", "x": {}, "once": [], "outbox": []}
        await host.db["kinds"].insert_many([{**kind, **beside, "_id": f"k{n}"} for n, kind in enumerate(kinds)])
        steps: list[Document] = [
            {"$set": {"n": {"$range": [0, size // len(kinds)]}}},
            {"$unwind": "$n"},
            {"$set": {"_id": {"$concat": ["$_id", " ", {"$toString": "$n"}]}}},
            {"$unset": "n"},
            {"$out": collection},
        ]
        await (await database["kinds"].aggregate(steps)).to_list()
        await host.prepare()

    async def sweep(self) -> float:
        """Seconds that the jobs take with DUE policies and DUE obligations to be done."""
        beside = {"v": 1, "branch": "hq", "x": {}, "once": [], "outbox": []}
        ids = [f"due {n}" for n in range(DUE)]
        due = (
            (self.placement, "policies", self._due_policy),
            (self.notifications, "obligations", self._due_obligation),
        )
        for host, collection, like in due:
            await host.db[collection].delete_many({"_id": {"$in": ids}})
            await host.db[collection].insert_many([{**like, **beside, **_own(like, one)} for one in ids])
        began = time.perf_counter()
        await expire_policies(self.placement.system_work())
        await advance(self.notifications.system_work())
        seconds = time.perf_counter() - began
        for host, collection, _ in due:
            assert (
                await host.db[collection].count_documents({"_id": {"$in": ids}, "outbox_at": {"$exists": True}}) == DUE
            )
        return seconds

    async def forgotten(self) -> None:
        """Both databases are gone."""
        for host in (self.placement, self.notifications):
            await self._bench.mongo.drop_database(host.db.name)
            await host.db.close()


def _own(like: Document, thing_id: str) -> Document:
    """What no two things share: the id, and the number of a policy's document."""
    documents = [{**document, "number": thing_id} for document in like.get("documents", ())]
    return {"_id": thing_id, **({"documents": documents} if documents else {})}


async def run(bench: Bench) -> list[Result]:
    """A line for each size."""
    many, few = Company(bench, "p8_"), Company(bench, "p8few_")
    results: list[Result] = []
    try:
        await many.prepare()
        await few.prepare()
        for size in SIZES:
            await many.holds(size)
            sweep: Callable[[], Awaitable[float]] = many.sweep
            what = f"daily sweep, {size:,} policies of which {DUE} are due"
            results.append(await paired("P8", what, "s", at_most(1.3), sweep, few.sweep))
    finally:
        await many.forgotten()
        await few.forgotten()
    return results
