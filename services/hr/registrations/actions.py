"""Load, decide, save."""

from datetime import date

from chassis import audit
from chassis.lists import Listing, Slice
from chassis.work import Work
from contracts.personal import IdentityNumber
from services.hr.employees.store import Employees
from services.hr.registrations import rules
from services.hr.registrations.model import Criteria, Registration, Scope
from services.hr.registrations.store import Leavers, Registrations


async def register(
    employee_id: str, number: IdentityNumber, scope: Scope, criteria: Criteria, from_on: date, work: Work
) -> Registration:
    """Register an employee as a practitioner. Rule: HRM-004, HRM-010, HRM-011, HRM-012, HRM-013."""
    employees, registrations = Employees(work), Registrations(work)
    employee = await employees.get(employee_id)
    named = {criteria.sense_of_responsibility.confirmed_by, criteria.professional_knowledge.confirmed_by}
    found = [await employees.anywhere(confirmer_id) for confirmer_id in sorted(named)]
    new = Registration(
        id=work.new_id("registrations"),
        branch=employee.branch,
        employee_id=employee.id,
        user_id=employee.user_id,
        number=number,
        scope=scope,
        criteria=criteria,
        from_on=from_on,
    )
    confirmers = {confirmer.id: confirmer for confirmer in found if confirmer is not None}
    new, told = rules.register(new, employee, confirmers, work.actor.id)
    if await registrations.is_somebody_elses(new.number, employee.id):
        raise rules.PractitionerNumberTaken
    return await registrations.add(new, told)


async def change_scope(registration_id: str, scope: Scope, work: Work) -> Registration:
    """Another scope of authority. Rule: HRM-004, HRM-013."""
    return await Registrations(work).change(
        registration_id, lambda registration: rules.change_scope(registration, scope, work.actor.id)
    )


async def suspend(registration_id: str, reason: str, work: Work) -> Registration:
    """May not practise for the time being. Rule: HRM-004, HRM-013."""
    return await Registrations(work).change(
        registration_id, lambda registration: rules.suspend(registration, reason, work.actor.id)
    )


async def reinstate(registration_id: str, work: Work) -> Registration:
    """May practise again. Rule: HRM-004, HRM-013."""
    return await Registrations(work).change(
        registration_id, lambda registration: rules.reinstate(registration, work.actor.id)
    )


async def cancel(registration_id: str, cancelled_on: date | None, reason: str, work: Work) -> Registration:
    """End it for good, as of a date (today without one). Rule: HRM-004, HRM-014."""
    on = cancelled_on or work.today
    return await Registrations(work).change(
        registration_id, lambda registration: rules.cancel(registration, on, reason, work.actor.id, work.today)
    )


async def follow_employee(employee_id: str, work: Work) -> None:
    """Branch and sign-in of a registration are those of its employee. Rule: HRM-001."""
    registrations, employee = Registrations(work), await Employees(work).get(employee_id)
    if (live := await registrations.live_one(employee_id)) is not None:
        await registrations.change(live.id, lambda registration: rules.follow(registration, employee))


async def note_leaver(employee_id: str, last_on: date, work: Work) -> None:
    """Remember to cancel the registration of somebody who leaves. Rule: HRM-014."""
    await Leavers(work).put(employee_id, last_on)


async def cancel_for_leavers(work: Work) -> None:
    """Cancel the registrations of those whose last day is over, on the first day after it. Rule: HRM-014."""
    leavers, registrations = Leavers(work), Registrations(work)
    for employee_id in await leavers.due(work.today):
        if (live := await registrations.live_one(employee_id)) is not None:
            await registrations.change(live.id, lambda registration: rules.cancel_for_leaver(registration, work.today))
        await leavers.done(employee_id)


async def list_registrations(listing: Listing, told: dict[str, str | None], work: Work) -> Slice[Registration]:
    """Registrations of the caller's branches, by page; the conditions that are None do not count."""
    return await Registrations(work).page(listing, {name: value for name, value in told.items() if value is not None})


async def reveal_number(registration_id: str, work: Work) -> Registration:
    """The registration, for its number in clear; leaves a record. Rule: SYS-012."""
    registration = await Registrations(work).get(registration_id)
    await audit.record(work, "registrations.number", registration_id)
    return registration
