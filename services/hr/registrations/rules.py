"""What may happen to practitioner registrations."""

import re
from collections.abc import Mapping
from datetime import date

from chassis.moves import move
from chassis.refusals import Conflict, Fault, Forbidden, Invalid, Missing
from contracts.hr import (
    PractitionerCancelled,
    PractitionerRegistered,
    PractitionerReinstated,
    PractitionerScopeChanged,
    PractitionerSuspended,
)
from contracts.personal import IdentityNumber
from services.hr.employees.identifiers import plain
from services.hr.employees.model import Employee
from services.hr.employees.model import Status as EmployeeStatus
from services.hr.registrations.model import MOVES, Registration, Scope, Status

LEFT = "离职 left the company"
_NUMBER = re.compile(r"\d{26}")


class RegistrationNotFound(Missing):
    rule = "HRM-001"
    zh = "没有执业登记 {id}"
    en = "There is no practitioner registration {id}"
    todo_zh = "请用 GET /registrations 查询"
    todo_en = "Look them up with GET /registrations"


class NumberMalformed(Invalid):
    rule = "HRM-010"
    zh = "执业登记编号须为 26 位数字"
    en = "A practitioner number has 26 digits"
    todo_zh = "请核对执业证上的编号"
    todo_en = "Check the number on the practising certificate"


class PractitionerNumberTaken(Conflict):
    rule = "HRM-010"
    zh = "该执业登记编号已属于他人"
    en = "This practitioner number is somebody else's"
    todo_zh = "请核对执业证上的编号"
    todo_en = "Check the number on the practising certificate"


class AlreadyRegistered(Conflict):
    rule = "HRM-011"
    zh = "该员工已有未注销的执业登记"
    en = "The employee has a registration that is not cancelled"
    todo_zh = "请变更其授权范围,或先注销"
    todo_en = "Change its scope, or cancel it first"


class NotEmployed(Conflict):
    rule = "HRM-011"
    zh = "{name} 已离职或已提交离职"
    en = "{name} has left, or is leaving"
    todo_zh = "只为在职员工办理执业登记"
    todo_en = "Only employees are registered"


class CriteriaUnconfirmed(Invalid):
    rule = "HRM-012"
    zh = "两项条件须由其他在职员工确认"
    en = "Both criteria are confirmed by employees other than himself"
    todo_zh = "请填写确认人的员工编号和依据"
    todo_en = "Name the employee who confirms each, and the grounds"


class OwnRegistration(Forbidden):
    rule = "HRM-004"
    zh = "不能办理本人的执业登记"
    en = "Nobody decides on his own registration"
    todo_zh = "请由另一位有权限的人员办理"
    todo_en = "Ask a colleague who has the right"


class RegistrationEnded(Conflict):
    rule = "HRM-014"
    zh = "执业登记已注销"
    en = "The registration is cancelled"
    todo_zh = "请重新办理执业登记"
    todo_en = "Register the employee anew"


class CancelledOutOfTime(Invalid):
    rule = "HRM-014"
    zh = "注销日期须在登记日({from_on})与今日({today})之间"
    en = "It is cancelled between its first day ({from_on}) and today ({today})"
    todo_zh = "请更正日期"
    todo_en = "Correct the date"


def register(
    new: Registration, employee: Employee, confirmers: Mapping[str, Employee], actor_id: str
) -> tuple[Registration, PractitionerRegistered]:
    """An employee may practise, within a scope, from a date on.

    Raises:
        OwnRegistration: the caller's own.
        NotEmployed: he has left.
        NumberMalformed.
        CriteriaUnconfirmed: naming each criterion that nobody else who works here confirms.

    Rule: HRM-004, HRM-010, HRM-011, HRM-012, HRM-013.
    """
    if employee.user_id == actor_id:
        raise OwnRegistration
    if employee.status is not EmployeeStatus.EMPLOYED:
        raise NotEmployed(name=employee.name)
    digits = plain(new.number.reveal())
    if not _NUMBER.fullmatch(digits):
        raise NumberMalformed([Fault("/number", NumberMalformed.zh, NumberMalformed.en)])
    _check_criteria(new, confirmers)
    new = new.but(number=IdentityNumber(digits), scope=_tidy(new.scope))
    told = PractitionerRegistered(
        registration_id=new.id,
        employee_id=new.employee_id,
        user_id=new.user_id,
        number_masked=str(new.number),
        kinds_of_work=list(new.scope.kinds_of_work),
        line_families=list(new.scope.line_families),
        from_on=new.from_on,
    )
    return new, told


def change_scope(
    registration: Registration, scope: Scope, actor_id: str
) -> tuple[Registration, PractitionerScopeChanged] | None:
    """Another scope of authority; None when it is the same.

    Raises:
        OwnRegistration, RegistrationEnded.

    Rule: HRM-004, HRM-013.
    """
    _check_not_own(registration, actor_id)
    if registration.status is Status.CANCELLED:
        raise RegistrationEnded
    after = registration.but(scope=_tidy(scope))
    return None if after == registration else (after, _scope_of(after))


def follow(registration: Registration, employee: Employee) -> tuple[Registration, PractitionerScopeChanged] | None:
    """Branch and sign-in as the employee's are now; None when they are so already, or it has ended. Rule: HRM-001."""
    if registration.status is Status.CANCELLED:
        return None
    after = registration.but(branch=employee.branch, user_id=employee.user_id)
    return None if after == registration else (after, _scope_of(after))


def suspend(registration: Registration, reason: str, actor_id: str) -> tuple[Registration, PractitionerSuspended]:
    """May not practise for the time being. Refuses OwnRegistration, IllegalMove. Rule: HRM-004, HRM-013."""
    _check_not_own(registration, actor_id)
    after = move(registration, MOVES, Status.SUSPENDED, reason=reason)
    return after, PractitionerSuspended(registration_id=after.id, employee_id=after.employee_id, reason=reason)


def reinstate(registration: Registration, actor_id: str) -> tuple[Registration, PractitionerReinstated]:
    """May practise again. Refuses OwnRegistration, IllegalMove. Rule: HRM-004, HRM-013."""
    _check_not_own(registration, actor_id)
    told = PractitionerReinstated(registration_id=registration.id, employee_id=registration.employee_id)
    return move(registration, MOVES, Status.REGISTERED, reason=""), told


def cancel(
    registration: Registration, cancelled_on: date, reason: str, actor_id: str, today: date
) -> tuple[Registration, PractitionerCancelled]:
    """The registration ends for good.

    Raises:
        OwnRegistration, IllegalMove (cancelled before).
        CancelledOutOfTime: before its first day, or after today.

    Rule: HRM-004, HRM-014.
    """
    _check_not_own(registration, actor_id)
    if not registration.from_on <= cancelled_on <= today:
        raise CancelledOutOfTime(from_on=registration.from_on, today=today)
    return _cancelled(registration, cancelled_on, reason)


def cancel_for_leaver(registration: Registration, today: date) -> tuple[Registration, PractitionerCancelled] | None:
    """The registration of somebody whose last day is over; None when it is cancelled already. Rule: HRM-014."""
    return None if registration.status is Status.CANCELLED else _cancelled(registration, today, LEFT)


def _cancelled(registration: Registration, on: date, reason: str) -> tuple[Registration, PractitionerCancelled]:
    after = move(registration, MOVES, Status.CANCELLED, cancelled_on=on, reason=reason)
    told = PractitionerCancelled(
        registration_id=after.id, employee_id=after.employee_id, cancelled_on=on, reason=reason
    )
    return after, told


def _scope_of(registration: Registration) -> PractitionerScopeChanged:
    return PractitionerScopeChanged(
        registration_id=registration.id,
        employee_id=registration.employee_id,
        user_id=registration.user_id,
        kinds_of_work=list(registration.scope.kinds_of_work),
        line_families=list(registration.scope.line_families),
    )


def _tidy(scope: Scope) -> Scope:
    return Scope(
        kinds_of_work=tuple(sorted(set(scope.kinds_of_work))), line_families=tuple(sorted(set(scope.line_families)))
    )


def _check_criteria(new: Registration, confirmers: Mapping[str, Employee]) -> None:
    faults: list[Fault] = []
    for name in ("sense_of_responsibility", "professional_knowledge"):
        confirmer = confirmers.get(getattr(new.criteria, name).confirmed_by)
        if confirmer is None or confirmer.id == new.employee_id or confirmer.status is not EmployeeStatus.EMPLOYED:
            pointer = f"/criteria/{name}/confirmed_by"
            faults.append(Fault(pointer, "须为本人以外的在职员工", "must be an employee other than himself"))
    if faults:
        raise CriteriaUnconfirmed(faults)


def _check_not_own(registration: Registration, actor_id: str) -> None:
    if registration.user_id == actor_id:
        raise OwnRegistration
