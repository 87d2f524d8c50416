"""The clock's door of registrations."""

from chassis.jobs import Jobs
from chassis.work import Work
from services.hr.registrations import actions

jobs = Jobs()


@jobs.every(60)
async def cancel_registrations_of_leavers(work: Work) -> None:
    """On the first day after the last one. Rule: HRM-014."""
    await actions.cancel_for_leavers(work)
