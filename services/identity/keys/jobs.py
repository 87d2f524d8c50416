"""The clock's door of keys."""

from chassis.jobs import Jobs
from chassis.work import Work
from services.identity.keys import actions

jobs = Jobs()


@jobs.every(600)
async def renew_signing_keys(work: Work) -> None:
    """Publish the next key an hour before it signs, drop keys whose tokens are dead. Rule: IDN-021."""
    await actions.renew(work)
