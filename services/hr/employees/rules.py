"""What may happen to employees."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from chassis.moves import move
from chassis.refusals import Conflict, Fault, Forbidden, Invalid, Missing
from chassis.work import Reach
from contracts.hr import EmployeeChanged, EmployeeHired, EmployeeLeft, EmployeeTransferred
from services.hr.employees import identifiers
from services.hr.employees.model import MOVES, Employee, Place, Status


class EmployeeNotFound(Missing):
    rule = "HRM-001"
    zh = "没有员工 {id}"
    en = "There is no employee {id}"
    todo_zh = "请用 GET /employees 查询您机构内的员工"
    todo_en = "Look the employees of your branches up with GET /employees"


class BranchBeyondReach(Forbidden):
    rule = "HRM-001"
    zh = "您在机构 {branch} 没有此项权限"
    en = "You do not hold this right in branch {branch}"
    todo_zh = "请由对相关机构都有权限的人员办理"
    todo_en = "Ask somebody whose branches include all that it touches"


class PersonalDataFaulty(Invalid):
    rule = "HRM-002"
    zh = "证件号码或电话有误"
    en = "The identity or telephone number is wrong"
    todo_zh = "请核对后重新提交"
    todo_en = "Check them and send again"


class NumberTaken(Conflict):
    rule = "HRM-003"
    zh = "工号已被使用"
    en = "Another employee has this number"
    todo_zh = "请换一个工号"
    todo_en = "Choose another number"


class UserTaken(Conflict):
    rule = "HRM-003"
    zh = "该用户已属于另一名在职员工"
    en = "This sign-in belongs to another employee"
    todo_zh = "请核对用户编号"
    todo_en = "Check the user's id"


class AlreadyEmployed(Conflict):
    """Somebody with this identity number works here already; which branch is not told."""

    rule = "HRM-003"
    zh = "该证件号码的人员已在职"
    en = "Somebody with this identity number is employed already"
    todo_zh = "请核对证件号码,或办理调动"
    todo_en = "Check the number, or transfer the employee"


class OwnRecord(Forbidden):
    rule = "HRM-004"
    zh = "不能办理本人的人事变更"
    en = "Nobody changes his own record, or takes over another's with his own sign-in"
    todo_zh = "请由另一位人事人员办理"
    todo_en = "Ask a colleague who has the right"


class SupervisorUnfit(Invalid):
    rule = "HRM-005"
    zh = "上级须为其他在职员工,且不在其下级之中"
    en = "A superior is another employee who works here and does not report to him"
    todo_zh = "请另选上级"
    todo_en = "Choose another superior"


class TransferOutOfOrder(Invalid):
    rule = "HRM-006"
    zh = "调动日期须晚于上一次({last}),且不晚于今日({today})"
    en = "A transfer is recorded after the last one ({last}) and on its day at the earliest (today is {today})"
    todo_zh = "请在生效当日办理"
    todo_en = "Record it on the day on which it takes effect"


def hire(employee: Employee, chain: Sequence[Employee]) -> tuple[Employee, EmployeeHired]:
    """A new employee; `chain` is the superior with his superiors, upwards.

    Raises:
        PersonalDataFaulty: naming every fault.
        SupervisorUnfit.

    Rule: HRM-002, HRM-005.
    """
    employee = _checked(employee)
    _check_supervisor(employee, chain)
    place = employee.places[0]
    told = EmployeeHired(
        employee_id=employee.id,
        number=employee.number,
        name=employee.name,
        branch_id=place.branch_id,
        user_id=employee.user_id,
        supervisor_id=employee.supervisor_id,
        position=employee.position,
        from_on=place.from_on,
    )
    return employee, told


def edit(
    employee: Employee, changes: Mapping[str, Any], chain: Sequence[Employee] | None, actor_id: str
) -> tuple[Employee, EmployeeChanged] | None:
    """Another name, position, telephone, sign-in or superior; None when nothing changes.

    `chain` is the new superior with his superiors, upwards; None when he is not changed.

    Raises:
        OwnRecord: the caller's own, or one that would become his.
        PersonalDataFaulty, SupervisorUnfit, IllegalMove (he has left).

    Rule: HRM-002, HRM-004, HRM-005.
    """
    after = _checked(move(employee, MOVES, Status.EMPLOYED, **changes))
    if actor_id in (employee.user_id, after.user_id):
        raise OwnRecord
    if chain is not None:
        _check_supervisor(after, chain)
    if after == employee:
        return None
    told = EmployeeChanged(
        employee_id=after.id,
        name=after.name,
        user_id=after.user_id,
        supervisor_id=after.supervisor_id,
        position=after.position,
    )
    return after, told


def transfer(
    employee: Employee, branch_id: str, from_on: date, actor_id: str, reach: Reach, today: date
) -> tuple[Employee, EmployeeTransferred]:
    """Works for another branch from a date on, today at the latest; who may see the record follows at once.

    Raises:
        OwnRecord, BranchBeyondReach (the new branch), TransferOutOfOrder, IllegalMove (he has left).

    Rule: HRM-001, HRM-004, HRM-006.
    """
    _check_not_own(employee, actor_id)
    if reach is not None and branch_id not in reach:
        raise BranchBeyondReach(branch=branch_id)
    last = employee.places[-1]
    if not last.from_on < from_on <= today or branch_id == last.branch_id:
        raise TransferOutOfOrder(last=last.from_on, today=today)
    places = (*employee.places, Place(branch_id=branch_id, from_on=from_on))
    after = move(employee, MOVES, Status.EMPLOYED, branch=branch_id, places=places)
    return after, EmployeeTransferred(employee_id=employee.id, branch_id=branch_id, from_on=from_on)


def leave(employee: Employee, last_on: date, actor_id: str) -> tuple[Employee, EmployeeLeft]:
    """His last day, in the past or to come; a registration is cancelled once it is over.

    Raises:
        OwnRecord, IllegalMove (he has left).

    Rule: HRM-004, HRM-014.
    """
    _check_not_own(employee, actor_id)
    return move(employee, MOVES, Status.LEFT, last_on=last_on), EmployeeLeft(employee_id=employee.id, last_on=last_on)


def _checked(employee: Employee) -> Employee:
    number, faults = identifiers.identity_number(employee.identity_number)
    phone, more = identifiers.phone(employee.phone)
    if faults := [*faults, *more]:
        raise PersonalDataFaulty(faults)
    return employee.but(identity_number=number, phone=phone)


def _check_supervisor(employee: Employee, chain: Sequence[Employee]) -> None:
    if employee.supervisor_id is None:
        return
    known = chain and chain[0].id == employee.supervisor_id and chain[0].status is Status.EMPLOYED
    if not known or any(superior.id == employee.id for superior in chain):
        raise SupervisorUnfit([Fault("/supervisor_id", SupervisorUnfit.zh, SupervisorUnfit.en)])


def _check_not_own(employee: Employee, actor_id: str) -> None:
    if employee.user_id == actor_id:
        raise OwnRecord
