"""The event door of registrations: they follow their employees."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.hr import EmployeeChanged, EmployeeLeft, EmployeeTransferred
from services.hr.registrations import actions

consumers = Consumers()


@consumers.on(EmployeeChanged, EmployeeTransferred)
async def follow_employee(fact: EmployeeChanged | EmployeeTransferred, work: Work) -> None:
    """Branch and sign-in of a registration are those of its employee. Rule: HRM-001."""
    await actions.follow_employee(fact.employee_id, work)


@consumers.on(EmployeeLeft)
async def note_leaver(fact: EmployeeLeft, work: Work) -> None:
    """Whoever leaves is no practitioner of ours after his last day. Rule: HRM-014."""
    await actions.note_leaver(fact.employee_id, fact.last_on, work)
