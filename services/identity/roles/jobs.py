"""The clock's door of roles."""

from chassis.jobs import Jobs
from chassis.work import Work
from services.identity.roles import actions

jobs = Jobs()


@jobs.every(60)
async def renew_default_roles(work: Work) -> None:
    """A new release may carry new scopes; the default roles follow. Rule: IDN-008."""
    await actions.renew_default_roles(work)
