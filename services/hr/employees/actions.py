"""Load, decide, save."""

from datetime import date
from typing import Any

from chassis import audit
from chassis.lists import Listing, Slice
from chassis.work import Work
from services.hr.employees import rules
from services.hr.employees.model import Employee, Place
from services.hr.employees.store import Employees
from services.hr.users.store import Users


async def hire(fields: dict[str, Any], branch_id: str, from_on: date, work: Work) -> Employee:
    """A new employee of a branch. Rule: HRM-001, HRM-002, HRM-003, HRM-005."""
    if not work.sees(branch_id):
        raise rules.BranchBeyondReach(branch=branch_id)
    employees = Employees(work)
    place = Place(branch_id=branch_id, from_on=from_on)
    new = Employee(id=work.new_id("employees"), branch=branch_id, places=(place,), **fields)
    await _check_user(new.user_id, work)
    return await employees.add(*rules.hire(new, await employees.chain(new.supervisor_id)))


async def edit(employee_id: str, changes: dict[str, Any], work: Work) -> Employee:
    """Another name, position, telephone, sign-in or superior. Rule: HRM-002, HRM-003, HRM-004, HRM-005."""
    employees = Employees(work)
    chain = await employees.chain(changes["supervisor_id"]) if "supervisor_id" in changes else None
    await _check_user(changes.get("user_id"), work)
    return await employees.change(employee_id, lambda employee: rules.edit(employee, changes, chain, work.actor.id))


async def transfer(employee_id: str, branch_id: str, from_on: date, work: Work) -> Employee:
    """Works for another branch. Rule: HRM-001, HRM-004, HRM-006."""
    return await Employees(work).change(
        employee_id,
        lambda employee: rules.transfer(employee, branch_id, from_on, work.actor.id, work.reach, work.today),
    )


async def leave(employee_id: str, last_on: date, work: Work) -> Employee:
    """His last day. Rule: HRM-004, HRM-014."""
    return await Employees(work).change(employee_id, lambda employee: rules.leave(employee, last_on, work.actor.id))


async def list_employees(listing: Listing, told: dict[str, str | None], work: Work) -> Slice[Employee]:
    """Employees of the caller's branches, by page; the conditions that are None do not count."""
    return await Employees(work).page(listing, {name: value for name, value in told.items() if value is not None})


async def reveal(employee_id: str, work: Work) -> Employee:
    """The employee, for his numbers in clear; leaves a record. Rule: SYS-012."""
    employee = await Employees(work).get(employee_id)
    await audit.record(work, "employees.personal_data", employee_id)
    return employee


async def _check_user(user_id: str | None, work: Work) -> None:
    if user_id is not None:
        await Users(work).get(user_id)
