"""The gates: who may be served, by whom. Pure decisions over copies."""

from collections.abc import Iterable
from datetime import date

from chassis.refusals import Conflict
from contracts.shared import KindOfWork, LineFamily
from services.placement.gates.model import (
    CONTRACT,
    EmployeeCopy,
    MandateCopy,
    NoticeCopy,
    NoticeStatus,
    RegistrationCopy,
)
from services.placement.gates.words import line_words, work_words


class NoticeMissing(Conflict):
    """The client has not acknowledged a client notice that is still current."""

    rule = "PLC-001"
    zh = "客户 {client} 尚未签收有效的客户告知书"
    en = "Client {client} has not acknowledged a current client notice"
    todo_zh = "请先出具客户告知书并取得客户签收"
    todo_en = "Issue the client notice and have the client acknowledge it first"


class MandateMissing(Conflict):
    """No live mandate covers the line family."""

    rule = "PLC-002"
    zh = "客户 {client} 没有覆盖{line_zh}的有效委托"
    en = "Client {client} has no live mandate that covers {line_en}"
    todo_zh = "请先与客户签订委托合同并使其生效"
    todo_en = "Sign a mandate contract with the client and put it into force first"


class LetterOnly(MandateMissing):
    """There is an authorisation letter, but placement needs a mandate contract."""

    rule = "PLC-003"
    zh = "客户 {client} 仅有授权委托书,{line_zh}的安排需要委托合同"
    en = "Client {client} has signed only a letter of authority; placing {line_en} needs a mandate contract"
    todo_zh = "授权委托书只可用于收集资料;请与客户签订委托合同"
    todo_en = "The letter allows fact-finding only; sign a mandate contract with the client"


class PractitionerUnregistered(Conflict):
    """The person has no practitioner registration in force."""

    rule = "PLC-004"
    zh = "{name} 没有有效的执业登记,不能参与业务安排"
    en = "{name} has no practitioner registration in force and cannot be put on a placement"
    todo_zh = "请先办理执业登记,或指定已登记的人员"
    todo_en = "Register the person as a practitioner first, or name somebody who is registered"


class PractitionerOutOfScope(Conflict):
    """The registration does not allow this kind of work for this line family."""

    rule = "PLC-005"
    zh = "{name} 的业务授权范围不包括{line_zh}的{work_zh}"
    en = "{name} is not authorised for {work_en} in {line_en}"
    todo_zh = "请指定授权范围相符的人员,或先变更其授权范围"
    todo_en = "Name somebody whose scope has it, or have the scope changed first"


def check_ready(
    client: str,
    notices: Iterable[NoticeCopy],
    mandates: Iterable[MandateCopy],
    line_family: LineFamily | None,
    on: date,
    *,
    fact_finding: bool,
) -> None:
    """Refuse a client without an acknowledged notice and a live mandate for the line family on a business date.

    `client` is how the refusal calls the client; no line family is content with a mandate for any. A letter is enough
    for fact-finding.

    Raises:
        NoticeMissing, MandateMissing, LetterOnly.

    Rule: PLC-001, PLC-002, PLC-003.
    """
    if not any(notice.status is NoticeStatus.ACKNOWLEDGED for notice in notices):
        raise NoticeMissing(client=client)
    line_zh, line_en = line_words(line_family)
    live = [mandate for mandate in mandates if mandate.covers(line_family, on)]
    if not live:
        raise MandateMissing(client=client, line_zh=line_zh, line_en=line_en)
    if not fact_finding and all(mandate.kind != CONTRACT for mandate in live):
        raise LetterOnly(client=client, line_zh=line_zh, line_en=line_en)


def check_registered(
    name: str,
    registrations: Iterable[RegistrationCopy],
    employees: Iterable[EmployeeCopy],
    kind: KindOfWork,
    line_family: LineFamily,
    on: date,
) -> None:
    """Refuse a person whose registrations in force do not allow a kind of work for a line family on a business date.

    `employees` are the person's employments; a registration ends with the last day of its employment.

    Raises:
        PractitionerUnregistered, PractitionerOutOfScope.

    Rule: PLC-004, PLC-005.
    """
    gone = {employee.id for employee in employees if employee.last_on is not None and employee.last_on < on}
    valid = [
        registration
        for registration in registrations
        if registration.in_force(on) and registration.employee_id not in gone
    ]
    if not valid:
        raise PractitionerUnregistered(name=name)
    if not any(registration.allows(kind, line_family) for registration in valid):
        (work_zh, work_en), (line_zh, line_en) = work_words(kind), line_words(line_family)
        raise PractitionerOutOfScope(name=name, work_zh=work_zh, work_en=work_en, line_zh=line_zh, line_en=line_en)
