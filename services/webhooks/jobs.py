"""The sender."""

from chassis.jobs import Jobs
from chassis.work import Work
from services.webhooks import actions

jobs = Jobs()


@jobs.every(1)
async def send_due_deliveries(work: Work) -> None:
    """Send what is due."""
    await actions.send_due(work)
