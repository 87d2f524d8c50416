"""Short runs with a broken chassis: which processes are broken how, what reveals it, and the promises that break."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.chaos import clerks
from tests.chaos.check_copies import EQUAL, check_copies
from tests.chaos.check_effects import check_commands
from tests.chaos.check_events import LOG_ORDER, LOGGED, ONE_EVENT, check_events
from tests.chaos.clerks import Office
from tests.chaos.cluster import EACH
from tests.chaos.experiment import Experiment
from tests.chaos.frontend import REFUSED
from tests.chaos.journal import Violation
from tests.chaos.quiet import until_quiet
from tests.support.waiting import eventually

CHANGES = 60
"""So many that two changes at once and, where a quarter of the answers get lost, repeats are among them."""
LOST_ANSWERS = 0.25
CHANGES_SECONDS = 300
QUIET_SECONDS = 60
ROWS = 400
TIMES = 5


@dataclass(frozen=True)
class Break:
    """One way: the role that is broken, what is done then, and the promises of which at least one is seen to break."""

    role: str
    act: Callable[[Experiment], Awaitable[None]]
    promises: frozenset[str]


async def changes(experiment: Experiment) -> None:
    """Clients are taken on and changed, also twice at once, and calls are repeated."""
    office = Office(experiment.journal, experiment.seed)
    experiment.gateway.lost_answers = LOST_ANSWERS
    who = await experiment.gateway.sign_in("ae.gd", experiment.cluster.password)
    working = [asyncio.create_task(clerks.watched(office, clerks.keep_clients(office, who))) for _ in range(4)]
    wanted = len(experiment.journal.acknowledged) + CHANGES

    async def enough() -> bool:
        over = all(task.done() for task in working)
        return over or len(experiment.journal.acknowledged) >= wanted

    await eventually(enough, f"{CHANGES} changes", CHANGES_SECONDS)
    office.closed.set()
    await asyncio.gather(*working)


async def a_kill_in_the_middle(experiment: Experiment) -> None:
    """Both workers of placement are killed while they take in a file of clients, until that met them half-way."""
    office = Office(experiment.journal, experiment.seed)
    who = await experiment.gateway.sign_in("am.gd", experiment.cluster.password)
    copies = experiment.books.db["placement"]["copy_clients"]
    workers = [f"placement-worker-{n}" for n in EACH]
    for _ in range(TIMES):
        before = await copies.estimated_document_count()
        await clerks.import_one(office, who, ROWS)
        taken = 0
        while taken == 0:
            taken = await copies.estimated_document_count() - before
        for worker in workers:
            experiment.cluster.kill(worker)
        await restart(experiment, workers, "acknowledge before effect")
        if taken < ROWS:
            return


BREAKS = {
    "publish before commit": Break("clients-api", changes, frozenset({LOGGED})),
    "acknowledge before effect": Break("placement-worker", a_kill_in_the_middle, frozenset({EQUAL})),
    "no once-only guard": Break(
        "clients-api",
        changes,
        frozenset({"a repeat is answered as the first call was", "a repeat does nothing", REFUSED}),
    ),
    "relay without lease": Break("clients-worker", changes, frozenset({LOG_ORDER})),
    "no version check": Break(
        "clients-api", changes, frozenset({"of two changes of one version one wins", ONE_EVENT, LOG_ORDER})
    ),
}


async def restart(experiment: Experiment, names: list[str], broken: str) -> None:
    """Kill processes and start them again, broken or whole, and wait until they answer."""
    cluster = experiment.cluster
    for name in names:
        cluster.kill(name)
    for name in names:
        cluster.start_one(name, CHAOS_BROKEN=broken)
    await asyncio.to_thread(cluster.wait_ours, names)


async def seen(experiment: Experiment) -> set[Violation]:
    """The violations that can be seen now in what clients tells and placement takes in."""
    await until_quiet(experiment.books, QUIET_SECONDS, print)
    events = await check_events(experiment.books, ["clients"])
    _, differing = await check_copies(experiment.books, ["placement"])
    return {*events.violations, *differing, *await check_commands(experiment.journal, experiment.books)}


async def broken_run(experiment: Experiment, name: str) -> list[Violation]:
    """Break, act, mend, check; gives the violations that were not there before."""
    way = BREAKS[name]
    processes = [f"{way.role}-{n}" for n in EACH]
    await restart(experiment, processes, name)
    await way.act(experiment)
    await restart(experiment, processes, "")
    found = await seen(experiment)
    new = found - experiment.known
    experiment.known |= found
    return sorted(new)
