"""The sender."""

from chassis.jobs import Jobs
from chassis.work import Work
from services.notifications.messages import delivering

jobs = Jobs()


@jobs.every(5)
async def send_due_mails(work: Work) -> None:
    """Hand over the mails that are due."""
    await delivering.send_due(work)
