"""The rules of employees and registrations."""

from datetime import date

import pytest

from chassis.moves import IllegalMove, move
from contracts.personal import IdentityNumber, PhoneNumber
from services.hr.employees import identifiers
from services.hr.employees.model import MOVES as EMPLOYEE_MOVES
from services.hr.employees.model import Status as EmployeeStatus
from services.hr.registrations import rules
from services.hr.registrations.model import MOVES, Status
from tests.support.hr import a_registration, an_employee

DRAWN = {
    (Status.REGISTERED, Status.SUSPENDED),
    (Status.SUSPENDED, Status.REGISTERED),
    (Status.REGISTERED, Status.CANCELLED),
    (Status.SUSPENDED, Status.CANCELLED),
}
EMPLOYEES_DRAWN = {(EmployeeStatus.EMPLOYED, EmployeeStatus.EMPLOYED), (EmployeeStatus.EMPLOYED, EmployeeStatus.LEFT)}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("target", list(Status))
def test_a_registration_moves_as_drawn(status: Status, target: Status):
    registration = a_registration(status=status)
    if (status, target) in DRAWN:
        assert move(registration, MOVES, target).status is target
    else:
        with pytest.raises(IllegalMove):
            move(registration, MOVES, target)


@pytest.mark.parametrize("status", list(EmployeeStatus))
@pytest.mark.parametrize("target", list(EmployeeStatus))
def test_an_employee_moves_as_drawn(status: EmployeeStatus, target: EmployeeStatus):
    employee = an_employee(status=status)
    if (status, target) in EMPLOYEES_DRAWN:
        assert move(employee, EMPLOYEE_MOVES, target).status is target
    else:
        with pytest.raises(IllegalMove):
            move(employee, EMPLOYEE_MOVES, target)


@pytest.mark.rule("HRM-002")
@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("420100199306117100", "420100199306117100"),
        ("11010519491231002x", "11010519491231002X"),
        ("４２０１００199306117100", "420100199306117100"),
        ("E12345678", "E12345678"),
        ("420100199306117101", None),
        ("420100199313117100", None),
        ("12345", None),
    ],
)
def test_identity_numbers_are_cleaned_and_checked(told: str, kept: str | None):
    number, faults = identifiers.identity_number(IdentityNumber(told))
    assert (number.reveal() if not faults else None) == kept


@pytest.mark.rule("HRM-002")
@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("136-0000-5351", "13600005351"),
        ("+86 136 0000 5351", "13600005351"),
        ("+44 20 7946 0958", "+442079460958"),
        ("12", None),
    ],
)
def test_telephone_numbers_are_cleaned_and_checked(told: str, kept: str | None):
    number, faults = identifiers.phone(PhoneNumber(told))
    assert number is not None
    assert (number.reveal() if not faults else None) == kept


@pytest.mark.rule("HRM-012")
@pytest.mark.parametrize("confirmer", [None, an_employee("e1"), an_employee("e2", status=EmployeeStatus.LEFT)])
def test_who_is_not_there_or_has_left_or_is_himself_confirms_nothing(confirmer):
    confirmers = {"e2": confirmer} if confirmer else {}
    with pytest.raises(rules.CriteriaUnconfirmed):
        rules.register(a_registration(), an_employee("e1"), confirmers, "officer")


@pytest.mark.rule("HRM-014")
def test_a_leaver_whose_registration_is_cancelled_already_is_left_alone():
    assert rules.cancel_for_leaver(a_registration(status=Status.CANCELLED), date(2026, 3, 2)) is None
    assert rules.follow(a_registration(status=Status.CANCELLED), an_employee(branch="zj")) is None
