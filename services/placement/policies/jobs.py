"""What happens to policies by the clock."""

from chassis.jobs import Jobs
from chassis.work import Work
from services.placement.policies import actions

jobs = Jobs()


@jobs.daily(0)
async def begin_policies(work: Work) -> None:
    """Put checked policies into force on their first day."""
    await actions.begin_policies(work)


@jobs.daily(0)
async def expire_policies(work: Work) -> None:
    """End policies after their last day. Rule: PLC-098."""
    await actions.expire_policies(work)
