"""The clock's door of mandates."""

from chassis.jobs import Jobs
from chassis.work import Work
from services.clients.mandates import actions

jobs = Jobs()


@jobs.every(60)
async def activate_mandates(work: Work) -> None:
    """Bring signed mandates into force on their first day. Rule: CLI-058."""
    await actions.activate_due(work)


@jobs.every(60)
async def end_mandates(work: Work) -> None:
    """Tell once that the end is near, and end what is over. Rule: CLI-059."""
    await actions.warn_due(work)
    await actions.expire_due(work)
