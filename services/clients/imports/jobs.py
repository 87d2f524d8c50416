"""The clock's door of imports."""

from dataclasses import replace

from chassis.jobs import Jobs
from chassis.work import Actor, Work
from services.clients.imports import actions
from services.clients.imports.model import Status
from services.clients.imports.store import Imports

jobs = Jobs()
AT_A_TIME = 5


@jobs.every(10)
async def continue_imports(work: Work) -> None:
    """Make what long files hold, and what a process that stopped left undone. Rule: CLI-014."""
    waiting = {"status": Status.RUNNING, "continue_at": {"$lte": work.now}}
    for running in await Imports(work).some(waiting, AT_A_TIME, [("continue_at", 1)]):
        await actions.run_import(running.id, replace(work, actor=Actor(running.by, running.by)))
