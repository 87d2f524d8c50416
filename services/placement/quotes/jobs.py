"""What happens to quotes by the clock."""

from chassis.jobs import Jobs
from chassis.work import Work
from services.placement.quotes import actions

jobs = Jobs()


@jobs.every(60)
async def note_silent_insurers(work: Work) -> None:
    """Note who did not answer by the closing instant. Rule: PLC-057."""
    await actions.note_no_responses(work)


@jobs.every(600)
async def expire_quotes(work: Work) -> None:
    """Note whose validity is over; what a decision counts by is its own instant, not this run. Rule: PLC-055."""
    await actions.expire_quotes(work)
