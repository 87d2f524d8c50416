"""The HTTP door of employees."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.http import Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from services.hr.employees import actions, rules
from services.hr.employees.model import Status
from services.hr.employees.schemas import EditEmployee, EmployeeView, Hire, Leave, PersonalDataView, Transfer
from services.hr.employees.store import Employees
from services.hr.users.store import UserUnknown

router = APIRouter(prefix="/employees", tags=["employees"])
FAULTY = (rules.PersonalDataFaulty, rules.SupervisorUnfit, rules.UserTaken, UserUnknown)


@router.post(
    "",
    status_code=201,
    dependencies=[requires("employees:write")],
    responses=refusals(*FAULTY, rules.BranchBeyondReach, rules.NumberTaken, rules.AlreadyEmployed),
)
async def hire(body: Hire, work: Work) -> EmployeeView:
    """Employ somebody in a branch.

    Rule: HRM-001, HRM-002, HRM-003, HRM-005 (docs/rules/hr.md).
    """
    fields = {name: getattr(body, name) for name in Hire.model_fields if name not in ("branch_id", "from_on")}
    return EmployeeView.of(await actions.hire(fields, body.branch_id, body.from_on, work))


@router.get("", dependencies=[requires("employees:read")])
async def list_employees(
    work: Work,
    paging: Annotated[Listing, paged("number", "name", default="number")],
    branch: Annotated[str | None, Query(max_length=64)] = None,
    status: Status | None = None,
    user_id: Annotated[str | None, Query(max_length=64)] = None,
    supervisor_id: Annotated[str | None, Query(max_length=64)] = None,
) -> Page[EmployeeView]:
    """Employees of the caller's branches."""
    told = {"branch": branch, "status": status, "user_id": user_id, "supervisor_id": supervisor_id}
    found = await actions.list_employees(paging, told, work)
    return Page(items=[EmployeeView.of(employee) for employee in found.items], next=found.next)


@router.get("/{employee_id}", dependencies=[requires("employees:read")], responses=refusals(rules.EmployeeNotFound))
async def show_employee(employee_id: str, work: Work) -> EmployeeView:
    """One employee with all branches he worked for."""
    return EmployeeView.of(await Employees(work).get(employee_id))


@router.get(
    "/{employee_id}/personal_data",
    dependencies=[requires("employees:reveal")],
    responses=refusals(rules.EmployeeNotFound),
)
async def reveal_employee(employee_id: str, work: Work) -> PersonalDataView:
    """Identity number and telephone in clear; leaves a record of who read them.

    Rule: SYS-012 (docs/rules/chassis.md).
    """
    employee = await actions.reveal(employee_id, work)
    return PersonalDataView(
        id=employee.id,
        version=employee.version,
        identity_number=employee.identity_number.reveal(),
        phone=employee.phone.reveal() if employee.phone else None,
    )


@router.patch(
    "/{employee_id}",
    dependencies=[requires("employees:write")],
    responses=refusals(rules.EmployeeNotFound, rules.OwnRecord, IllegalMove, *FAULTY),
)
async def edit_employee(employee_id: str, body: EditEmployee, work: Work) -> EmployeeView:
    """Change name, position, telephone, sign-in or superior; never one's own.

    Rule: HRM-002, HRM-003, HRM-004, HRM-005 (docs/rules/hr.md).
    """
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    return EmployeeView.of(await actions.edit(employee_id, changes, work))


@router.post(
    "/{employee_id}/transfer",
    dependencies=[requires("employees:write")],
    responses=refusals(
        rules.EmployeeNotFound, rules.OwnRecord, rules.BranchBeyondReach, rules.TransferOutOfOrder, IllegalMove
    ),
)
async def transfer_employee(employee_id: str, body: Transfer, work: Work) -> EmployeeView:
    """Let an employee work for another branch; his registration follows.

    Rule: HRM-001, HRM-004, HRM-006 (docs/rules/hr.md).
    """
    return EmployeeView.of(await actions.transfer(employee_id, body.branch_id, body.from_on, work))


@router.post(
    "/{employee_id}/departure",
    dependencies=[requires("employees:write")],
    responses=refusals(rules.EmployeeNotFound, rules.OwnRecord, IllegalMove),
)
async def leave(employee_id: str, body: Leave, work: Work) -> EmployeeView:
    """Record an employee's last day; once it is over, his registration is cancelled.

    Rule: HRM-004, HRM-014 (docs/rules/hr.md).
    """
    return EmployeeView.of(await actions.leave(employee_id, body.last_on, work))
