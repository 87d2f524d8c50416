"""What happens to proposals by the clock."""

from chassis.jobs import Jobs
from chassis.work import Work
from services.placement.proposals import actions

jobs = Jobs()


@jobs.every(600)
async def expire_proposals(work: Work) -> None:
    """Note the proposals that nobody answered in time. Rule: PLC-071."""
    await actions.expire_proposals(work)
