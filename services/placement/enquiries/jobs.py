"""The clock's door of enquiries."""

from chassis.jobs import Jobs
from chassis.work import Work
from services.placement.enquiries import actions

jobs = Jobs()


@jobs.every(15)
async def close_due_enquiries(work: Work) -> None:
    """Close what has passed its closing instant."""
    await actions.close_due(work)
