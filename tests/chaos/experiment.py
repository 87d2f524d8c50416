"""One experiment: set up, work while things go wrong, wait for quiet, count everything."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from chassis.delivery import Deliveries
from chassis.parking import Parking
from chassis.service import Host
from deploy.local.api import Gateway
from deploy.local.company import Company
from tests.chaos import clerks, stories
from tests.chaos.check_copies import check_copies
from tests.chaos.check_effects import (
    PARKED,
    check_commands,
    check_effects,
    check_numbers,
    check_parked,
    check_sums,
)
from tests.chaos.check_events import check_events
from tests.chaos.clerks import POISON, Office
from tests.chaos.cluster import LOGIN, Cluster
from tests.chaos.faults import Faults
from tests.chaos.frontend import Insistent
from tests.chaos.journal import Journal, Violation
from tests.chaos.quiet import until_quiet
from tests.chaos.reading import Books

SET_UP_SECONDS = 120
QUIET_SECONDS = 420
"""A file whose reader was killed is taken up after two minutes, and a busy machine takes its time."""
LONG_QUIET_SECONDS = 1800
MORE_SECONDS = 180
"""For which a run goes on where a slow machine has not come to what it should."""
CLIENT_KEEPERS = ("finance", "notifications", "placement")
COUNT_SECONDS = 2
LOOKS = 15
ABOUT = 0.97
"""How near a server's own count, which a kill puts out by a hundredth, must come before all are counted."""
CONNECTIONS = httpx.Limits(max_connections=200, max_keepalive_connections=100, keepalive_expiry=20)


@dataclass(frozen=True)
class Load:
    """How much is done at once, and how much goes wrong."""

    seconds: float = 120
    events: int = 0
    """Stop at so many events, whatever the time; 0: stop by the time."""
    notes: int = 0
    """Go on beyond the time until so many debit notes were issued, the last step of the longest story."""
    import_rows: int = 300
    importers: int = 1
    import_seconds: float = 60
    """No file is begun after that: what a killed process leaves of one is taken up two minutes later."""
    clerks: int = 3
    tellers: int = 2
    thinking: tuple[float, float] = (0.0, 0.2)
    """Between one command of a clerk and the next, in seconds."""
    pause: tuple[float, float] = (1.0, 4.0)
    """Between one fault and the next, in seconds."""


@dataclass
class Outcome:
    """What an experiment found."""

    seed: int
    counts: Counter[str] = field(default_factory=Counter[str])
    faults: Counter[str] = field(default_factory=Counter[str])
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    violations: list[Violation] = field(default_factory=list[Violation])


class Experiment:
    """One cluster with a company in it, and what is done to it."""

    def __init__(self, cluster: Cluster, seed: int, say: Callable[[str], None]) -> None:
        self.cluster, self.seed, self._say = cluster, seed, say
        self.journal = Journal(cluster.folder / "journal.jsonl")
        self.known: set[Violation] = set()
        """What was found so far."""
        self.books = Books(cluster)
        self.http = httpx.AsyncClient(base_url=cluster.address, timeout=SET_UP_SECONDS, limits=CONNECTIONS)
        self.gateway = Insistent(self.http, self.journal, random.Random(seed))
        since = datetime.now(ZoneInfo("Asia/Shanghai")).date()
        self.company = Company(Gateway(self.http, time.time), cluster.password, since)
        self.mongo: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(
            cluster.mongo_url, serverSelectionTimeoutMS=2000, timeoutMS=4000
        )
        self.faults = Faults(cluster, self.mongo, seed, cluster.folder / "faults.jsonl")

    async def set_up(self) -> None:
        """Found the company, through the gateway, while all is well, and wait until every service knows of it."""
        began = time.monotonic()
        await self.company.set_up(LOGIN)
        await until_quiet(self.books, QUIET_SECONDS, self._say)
        await self._poison(f"^{POISON}")
        self._say(f"company: set up after {time.monotonic() - began:.1f} s")

    async def run(self, load: Load) -> Outcome:
        """Work under faults, then check."""
        outcome = Outcome(self.seed)
        began = time.monotonic()
        await self._work(load)
        outcome.seconds["work"] = time.monotonic() - began
        await self._everything_runs()
        outcome.violations = await self.checked(outcome, LONG_QUIET_SECONDS if load.events else QUIET_SECONDS)
        outcome.faults = self.faults.counts
        outcome.counts |= self.journal.counts
        outcome.counts["servers ended by a full disk"] = self.faults.ended_by_full_disk
        outcome.counts["files of clients"] = len(self.journal.imported)
        self.known.update(outcome.violations)
        return outcome

    async def checked(self, outcome: Outcome, quiet_seconds: float) -> list[Violation]:
        """Wait for quiet and check everything."""
        began = time.monotonic()
        left = await until_quiet(self.books, quiet_seconds, self._say)
        outcome.seconds["until quiet"] = time.monotonic() - began
        began = time.monotonic()
        found = [Violation("all comes to rest once the faults are over", one, "still so") for one in left]
        found += await check_parked(self.journal, self.books)
        await self._poison(None)
        found += await self._redriven()
        events = await check_events(self.books)
        outcome.counts["events"], outcome.counts["messages on Kafka"] = events.events, events.messages
        copies, differing = await check_copies(self.books)
        outcome.counts["copies"] = copies
        effects, faulty = await check_effects(self.journal, self.books, self.cluster.mail_dir)
        outcome.counts |= effects
        found += events.violations + differing + faulty
        found += await check_commands(self.journal, self.books)
        found += await check_numbers(self.books) + await check_sums(self.books)
        outcome.seconds["checks"] = time.monotonic() - began
        return sorted(found)

    async def close(self) -> None:
        """Give the connections back."""
        await self.books.close()
        await self.mongo.close()
        await self.http.aclose()

    async def _work(self, load: Load) -> None:
        office = Office(self.journal, self.seed, load.thinking)
        importing = Office(self.journal, self.seed + 1)
        tasks = await self._tasks(load, office, importing)
        tasks = [asyncio.create_task(clerks.watched(office, task)) for task in tasks]
        closing = asyncio.create_task(self._closing(load, office, importing))
        faults = asyncio.create_task(self.faults.run(load.pause, office.closed))
        try:
            for done in asyncio.as_completed([*tasks, closing, faults]):
                await done
        finally:
            office.closed.set()
            importing.closed.set()
            await asyncio.gather(*tasks, closing, faults, return_exceptions=True)

    async def _tasks(self, load: Load, office: Office, importing: Office) -> list[Coroutine[Any, Any, None]]:
        sign_in, password = self.gateway.sign_in, self.cluster.password
        who = {login: await sign_in(login, password) for login in ("ae.gd", "am.gd", "am.zj", "ab.zj", LOGIN)}
        users = [user for login, user in self.company.users.items() if login in ("ab2.gd", "ab.zj")]
        tasks = [clerks.keep_clients(office, who["ae.gd"]) for _ in range(load.clerks)]
        tasks += [clerks.keep_clients(office, who["am.zj"], POISON)] if load.clerks else []
        tasks += [
            clerks.import_files(importing, who["am.gd"], load.import_rows, partial(self._follow, importing))
            for _ in range(load.importers)
        ]
        tasks += [clerks.keep_diary(office, who["ae.gd"]), clerks.keep_staff(office, who[LOGIN], users)]
        told = (office, self.gateway, password, self.cluster.mail_dir, self._say)
        return [*tasks, *(stories.place_risks(*told) for _ in range(load.tellers))]

    async def _closing(self, load: Load, office: Office, importing: Office) -> None:
        """Set closing time when the time is over, or the events are there."""
        began = time.monotonic()
        while not office.closed.is_set():
            await asyncio.sleep(COUNT_SECONDS)
            passed = time.monotonic() - began
            if not load.events and passed > load.import_seconds:
                importing.closed.set()
            if load.events:
                enough = await self._are_there(load.events)
            else:
                late = passed > load.seconds + MORE_SECONDS
                enough = passed > load.seconds and (late or self.journal.counts["debit notes issued"] >= load.notes)
            if enough:
                office.closed.set()
                importing.closed.set()

    async def _are_there(self, events: int) -> bool:
        """Whether all logs hold so many events; no while MongoDB is away."""
        logs = [self.mongo[name]["event_log"] for name in self.cluster.names]
        with suppress(PyMongoError):
            about = sum([await log.estimated_document_count() for log in logs])
            return about >= events * ABOUT and sum([await log.count_documents({}) for log in logs]) >= events
        return False

    async def _follow(self, importing: Office, code: str) -> None:
        """Wait until all who keep copies of the clients have the one with this code, but not for too long."""
        for _ in range(LOOKS):
            if importing.closed.is_set() or await self._all_have(code):
                return
            await asyncio.sleep(COUNT_SECONDS)

    async def _all_have(self, code: str) -> bool:
        with suppress(PyMongoError):
            client = await self.mongo["clients"]["clients"].find_one({"x.codes": code}, {"_id": 1})
            if client is not None:
                kept = [await self.mongo[keeper]["copy_clients"].find_one(client) for keeper in CLIENT_KEEPERS]
                return None not in kept
        return False

    async def _everything_runs(self) -> None:
        """Start what is dead; the faults have healed what they did, this is for what died by itself."""
        for name in [*self.cluster.known, *self.cluster.ours]:
            if not self.cluster.is_alive(name):
                self.journal.complain("a process lives until it is killed", name, "it was found dead")
                self.cluster.start_one(name)
        await asyncio.to_thread(self.cluster.wait_ours, self.cluster.ours)

    async def _poison(self, pattern: str | None) -> None:
        """Let placement's database refuse the copies of clients with such names, or none."""
        validator = {"name": {"$not": {"$regex": pattern}}} if pattern else {}
        await self.mongo["placement"].command("collMod", "copy_clients", validator=validator)

    async def _redriven(self) -> list[Violation]:
        """Redrive what was poisoned, the cause being mended; what is left then is wrong."""
        host = Host(self.books.services["placement"], self.books.settings, keyring=self.books.keyring)
        try:
            _, left = await Parking(host.db, "placement").redrive(Deliveries(host).deliver)
        finally:
            await host.db.close()
        return [Violation(PARKED, "placement", f"{left} messages are left after the redrive")] if left else []


def told(outcome: Outcome) -> str:
    """The outcome as it is printed."""
    lines = [f"seed {outcome.seed}"]
    lines += [f"  {name}: {seconds:.1f} s" for name, seconds in outcome.seconds.items()]
    lines += ["counts", *(f"  {name}: {count}" for name, count in sorted(outcome.counts.items()))]
    lines += [f"faults: {outcome.faults.total()}"]
    lines += [f"  {name}: {count}" for name, count in sorted(outcome.faults.items())]
    lines += [f"violations: {len(outcome.violations)}"]
    by_promise = Counter(violation.promise for violation in outcome.violations)
    lines += [f"  {count} × {promise}" for promise, count in by_promise.items()]
    lines += [f"  {violation}" for violation in outcome.violations[:100]]
    return "\n".join(lines)


def as_json(outcome: Outcome) -> str:
    """The outcome for a machine."""
    return json.dumps(
        {"seed": outcome.seed, "counts": outcome.counts, "faults": outcome.faults, "seconds": outcome.seconds}
        | {"violations": [str(violation) for violation in outcome.violations]},
        ensure_ascii=False,
        indent=1,
    )
