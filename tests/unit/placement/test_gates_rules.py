"""Who may be served, and by whom."""

from datetime import date
from typing import Any

import pytest

from contracts.shared import KindOfWork, LineFamily
from services.placement.gates.model import (
    EmployeeCopy,
    MandateCopy,
    MandateStatus,
    NoticeCopy,
    NoticeStatus,
    RegistrationCopy,
    RegistrationStatus,
)
from services.placement.gates.rules import (
    LetterOnly,
    MandateMissing,
    NoticeMissing,
    PractitionerOutOfScope,
    PractitionerUnregistered,
    check_ready,
    check_registered,
)

TODAY = date(2026, 3, 2)
PROPERTY = LineFamily.PROPERTY


def a_notice(status: NoticeStatus = NoticeStatus.ACKNOWLEDGED) -> NoticeCopy:
    return NoticeCopy(id="n", branch="hq", client_id="c", status=status)


def a_mandate(kind: str = "contract", **changes: Any) -> MandateCopy:
    told = {"id": "m", "branch": "hq", "client_id": "c", "kind": kind, "status": MandateStatus.ACTIVE}
    told |= {"line_families": [PROPERTY], "from_on": date(2026, 1, 1), "until_on": TODAY}
    return MandateCopy.model_validate(told | changes)


def a_registration(**changes: object) -> RegistrationCopy:
    told = {"id": "r", "branch": "hq", "employee_id": "e", "status": RegistrationStatus.REGISTERED}
    told |= {"kinds_of_work": [KindOfWork.SCHEME], "line_families": [PROPERTY], "from_on": TODAY}
    return RegistrationCopy.model_validate(told | changes)


def ready(notices: list[NoticeCopy], mandates: list[MandateCopy], *, fact_finding: bool = False) -> None:
    check_ready("C-1", notices, mandates, PROPERTY, TODAY, fact_finding=fact_finding)


def registered(registration: RegistrationCopy, *employees: EmployeeCopy) -> None:
    check_registered("王", [registration], employees, KindOfWork.SCHEME, PROPERTY, TODAY)


def test_a_client_with_notice_and_mandate_contract_is_served_until_the_last_day_of_the_mandate():
    ready([a_notice()], [a_mandate(until_on=TODAY)])
    with pytest.raises(MandateMissing):
        ready([a_notice()], [a_mandate(until_on=date(2026, 3, 1))])


@pytest.mark.rule("PLC-001")
@pytest.mark.parametrize("notices", [[], [a_notice(NoticeStatus.ISSUED)], [a_notice(NoticeStatus.SUPERSEDED)]])
def test_without_an_acknowledged_notice_nothing_is_done_for_a_client(notices: list[NoticeCopy]):
    with pytest.raises(NoticeMissing):
        ready(notices, [a_mandate()], fact_finding=True)


@pytest.mark.rule("PLC-002")
@pytest.mark.parametrize(
    "changes",
    [
        {"status": MandateStatus.PENDING},
        {"status": MandateStatus.ENDED},
        {"until_on": date(2026, 3, 1)},
        {"from_on": date(2026, 3, 3), "until_on": date(2027, 1, 1)},
        {"line_families": [LineFamily.MOTOR]},
    ],
)
def test_a_mandate_that_is_not_live_for_the_line_is_no_mandate(changes: dict[str, Any]):
    with pytest.raises(MandateMissing):
        ready([a_notice()], [a_mandate(**changes)])


@pytest.mark.rule("PLC-003")
def test_a_letter_of_authority_unlocks_fact_finding_and_nothing_else():
    ready([a_notice()], [a_mandate("letter")], fact_finding=True)
    with pytest.raises(LetterOnly):
        ready([a_notice()], [a_mandate("letter")])
    ready([a_notice()], [a_mandate("letter"), a_mandate()])


@pytest.mark.rule("PLC-004")
@pytest.mark.parametrize(
    "changes",
    [
        {"status": RegistrationStatus.SUSPENDED},
        {"status": RegistrationStatus.CANCELLED},
        {"from_on": date(2026, 3, 3)},
    ],
)
def test_nobody_practises_without_a_registration_in_force(changes: dict[str, Any]):
    with pytest.raises(PractitionerUnregistered):
        registered(a_registration(**changes))


@pytest.mark.rule("PLC-004")
def test_a_registration_ends_with_the_last_day_of_work():
    registered(a_registration(), EmployeeCopy(id="e", branch="hq", last_on=TODAY))
    with pytest.raises(PractitionerUnregistered):
        registered(a_registration(), EmployeeCopy(id="e", branch="hq", last_on=date(2026, 3, 1)))


@pytest.mark.rule("PLC-005")
@pytest.mark.parametrize(
    "changes", [{"kinds_of_work": [KindOfWork.CLAIMS]}, {"line_families": [LineFamily.CARGO]}, {"kinds_of_work": []}]
)
def test_a_practitioner_works_only_within_his_scope(changes: dict[str, Any]):
    with pytest.raises(PractitionerOutOfScope):
        registered(a_registration(**changes))
