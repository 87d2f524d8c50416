"""One holder at a time, by MongoDB's clock."""

import asyncio

from chassis import leases
from chassis.leases import Lease
from tests.support.service import RunningService
from tests.support.waiting import eventually


async def test_of_many_that_ask_at_once_one_holds(sample: RunningService):
    asking = [Lease(sample.host.db, "worker", f"w{n}") for n in range(8)]
    assert sorted(await asyncio.gather(*(lease.hold() for lease in asking))) == [False] * 7 + [True]
    assert [lease.held for lease in asking].count(True) == 1


async def test_what_is_given_up_is_taken_over_at_once_and_counted(sample: RunningService):
    first, second = Lease(sample.host.db, "worker", "a"), Lease(sample.host.db, "worker", "b")
    assert await first.hold()
    assert not await second.hold()
    await first.give_up()
    assert not first.held
    assert await second.hold()
    assert second.epoch == first.epoch + 1
    assert not await first.hold()


async def test_the_holder_prolongs_without_counting_up(sample: RunningService):
    lease = Lease(sample.host.db, "worker", "a")
    assert await lease.hold()
    assert await lease.hold()
    assert lease.epoch == 1


async def test_a_holder_that_died_is_followed_when_its_time_ran_out(sample: RunningService, monkeypatch):
    monkeypatch.setattr(leases, "SECONDS", 0.5)
    dead, next_one = Lease(sample.host.db, "worker", "a"), Lease(sample.host.db, "worker", "b")
    assert await dead.hold()
    assert not await next_one.hold()
    await eventually(next_one.hold, "the lease, once it ran out")
    assert not dead.held, "its own clock told it earlier than MongoDB's told the others"
    assert next_one.epoch == dead.epoch + 1
