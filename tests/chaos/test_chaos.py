"""Two minutes of kills, freezes and cuts break no promise; and the checks that say so see a chassis that is broken."""

import random
import shutil
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.chaos.__main__ import place
from tests.chaos.breaks import BREAKS, broken_run
from tests.chaos.cluster import Cluster
from tests.chaos.experiment import Experiment, Load, told
from tests.chaos.faults import PLAN

TWO_MINUTES = Load(
    seconds=120, notes=1, import_rows=100, import_seconds=20, clerks=2, thinking=(0.4, 1.6), pause=(1.5, 4.5)
)
"""Little enough for two cores on which other tests run beside it."""
AT_LEAST = {
    "commands acknowledged": 100,
    "files of clients": 1,
    "policies bound": 1,
    "debit notes issued": 1,
    "notifications.obligations": 10,
    "mails in the sink": 1,
}
"""Without these a run in which nothing was violated shows nothing."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A stack of its own, for all tests of this file."""
    folder = place(events=0)
    folder.mkdir(parents=True)
    cluster = Cluster(folder, print)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def experiment(cluster: Cluster) -> AsyncIterator[Experiment]:
    """The demonstration company in that stack."""
    experiment = Experiment(cluster, random.SystemRandom().randrange(1, 1_000_000), print)
    try:
        await experiment.set_up()
        yield experiment
    finally:
        await experiment.close()


async def test_nothing_is_lost_and_nothing_doubled_while_everything_is_killed_in_turn(experiment: Experiment) -> None:
    outcome = await experiment.run(TWO_MINUTES)
    print(told(outcome))
    assert not outcome.violations, told(outcome)
    assert {fault.name for fault in PLAN} == set(outcome.faults), told(outcome)
    seldom = {what: outcome.counts[what] for what, least in AT_LEAST.items() if outcome.counts[what] < least}
    assert not seldom, told(outcome)


@pytest.mark.parametrize("name", BREAKS)
async def test_a_chassis_that_is_broken_on_purpose_is_found_out(experiment: Experiment, name: str) -> None:
    found = await broken_run(experiment, name)
    promises = {violation.promise for violation in found}
    assert promises & BREAKS[name].promises, f"{name} was not seen; found: {[str(one) for one in found[:10]]}"
