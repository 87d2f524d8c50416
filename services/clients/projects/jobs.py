"""The clock's door of projects."""

from chassis.jobs import Jobs
from chassis.work import Work
from services.clients.projects import actions

jobs = Jobs()


@jobs.every(60)
async def lapse_projects(work: Work) -> None:
    """End registrations whose protection is over. Rule: CLI-065."""
    await actions.lapse_due(work)
