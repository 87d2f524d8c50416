"""The diary's clock."""

from chassis.jobs import Jobs
from chassis.work import Work
from services.notifications.obligations import actions

jobs = Jobs()


@jobs.every(30)
async def advance_obligations(work: Work) -> None:
    """Remind owners and escalate what is overdue."""
    await actions.advance(work)


@jobs.daily(1)
async def compute_missing_due_dates(work: Work) -> None:
    """A new release may bring calendar data that was missing."""
    await actions.fill_gaps(work)
