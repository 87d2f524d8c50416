"""The HTTP door of practitioner registrations."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.http import Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from services.hr.employees.rules import EmployeeNotFound
from services.hr.registrations import actions, rules
from services.hr.registrations.model import Status
from services.hr.registrations.schemas import Cancel, NumberView, Register, RegistrationView, ScopeBody, Suspend
from services.hr.registrations.store import Registrations

router = APIRouter(prefix="/registrations", tags=["registrations"])
ONE = (rules.RegistrationNotFound, rules.OwnRegistration)


@router.post(
    "",
    status_code=201,
    dependencies=[requires("registrations:write")],
    responses=refusals(
        EmployeeNotFound,
        rules.OwnRegistration,
        rules.NotEmployed,
        rules.AlreadyRegistered,
        rules.NumberMalformed,
        rules.PractitionerNumberTaken,
        rules.CriteriaUnconfirmed,
    ),
)
async def register(body: Register, work: Work) -> RegistrationView:
    """Register an employee as a practitioner, with the two criteria and the scope of authority; never oneself.

    Rule: HRM-004, HRM-010, HRM-011, HRM-012, HRM-013 (docs/rules/hr.md).
    """
    scope, criteria = body.scope.read(), body.criteria.read()
    return RegistrationView.of(
        await actions.register(body.employee_id, body.number, scope, criteria, body.from_on, work)
    )


@router.get("", dependencies=[requires("registrations:read")])
async def list_registrations(
    work: Work,
    paging: Annotated[Listing, paged("from_on")],
    status: Status | None = None,
    employee_id: Annotated[str | None, Query(max_length=64)] = None,
    user_id: Annotated[str | None, Query(max_length=64)] = None,
) -> Page[RegistrationView]:
    """Registrations of the caller's branches."""
    told = {"status": status, "employee_id": employee_id, "user_id": user_id}
    found = await actions.list_registrations(paging, told, work)
    return Page(items=[RegistrationView.of(one) for one in found.items], next=found.next)


@router.get(
    "/{registration_id}",
    dependencies=[requires("registrations:read")],
    responses=refusals(rules.RegistrationNotFound),
)
async def show_registration(registration_id: str, work: Work) -> RegistrationView:
    """One registration."""
    return RegistrationView.of(await Registrations(work).get(registration_id))


@router.get(
    "/{registration_id}/number",
    dependencies=[requires("registrations:reveal")],
    responses=refusals(rules.RegistrationNotFound),
)
async def reveal_number(registration_id: str, work: Work) -> NumberView:
    """The practitioner number in clear; leaves a record of who read it.

    Rule: SYS-012 (docs/rules/chassis.md).
    """
    return NumberView.of(await actions.reveal_number(registration_id, work))


@router.post(
    "/{registration_id}/scope",
    dependencies=[requires("registrations:write")],
    responses=refusals(*ONE, rules.RegistrationEnded),
)
async def change_scope(registration_id: str, body: ScopeBody, work: Work) -> RegistrationView:
    """Change the scope of authority.

    Rule: HRM-004, HRM-013 (docs/rules/hr.md).
    """
    return RegistrationView.of(await actions.change_scope(registration_id, body.read(), work))


@router.post(
    "/{registration_id}/suspension",
    dependencies=[requires("registrations:write")],
    responses=refusals(*ONE, IllegalMove),
)
async def suspend_registration(registration_id: str, body: Suspend, work: Work) -> RegistrationView:
    """Keep a practitioner from practising for the time being.

    Rule: HRM-004, HRM-013 (docs/rules/hr.md).
    """
    return RegistrationView.of(await actions.suspend(registration_id, body.reason, work))


@router.post(
    "/{registration_id}/reinstatement",
    dependencies=[requires("registrations:write")],
    responses=refusals(*ONE, IllegalMove),
)
async def reinstate_registration(registration_id: str, work: Work) -> RegistrationView:
    """Let a suspended practitioner practise again.

    Rule: HRM-004, HRM-013 (docs/rules/hr.md).
    """
    return RegistrationView.of(await actions.reinstate(registration_id, work))


@router.post(
    "/{registration_id}/cancellation",
    dependencies=[requires("registrations:write")],
    responses=refusals(*ONE, rules.CancelledOutOfTime, IllegalMove),
)
async def cancel_registration(registration_id: str, body: Cancel, work: Work) -> RegistrationView:
    """End a registration for good.

    Rule: HRM-004, HRM-014 (docs/rules/hr.md).
    """
    return RegistrationView.of(await actions.cancel(registration_id, body.cancelled_on, body.reason, work))
