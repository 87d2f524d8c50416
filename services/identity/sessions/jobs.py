"""The clock's door of sessions."""

from chassis.jobs import Jobs
from chassis.work import Work
from services.identity.sessions import actions

jobs = Jobs()


@jobs.every(3600)
async def forget_old_sessions(work: Work) -> None:
    """Sessions that are over and failures that count no longer need not be kept."""
    await actions.forget_old(work)
