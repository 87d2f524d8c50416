"""The clock's door of imports."""

from dataclasses import replace

from chassis.jobs import Jobs
from chassis.work import Actor, Work
from services.clients.imports import actions
from services.clients.imports.model import Status
from services.clients.imports.store import Imports

jobs = Jobs()


@jobs.every(10)
async def continue_imports(work: Work) -> None:
    """Make what long files hold, and what a process that stopped left undone. Rule: CLI-014."""
    for running in await Imports(work).some({"status": Status.RUNNING, "continue_at": {"$lte": work.now}}, 5):
        await actions.run_import(running.id, replace(work, actor=Actor(running.by, running.by)))
