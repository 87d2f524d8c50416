"""What hr tells: employees and practitioner registrations."""

from datetime import date

from .facts import Fact
from .shared import KindOfWork, LineFamily


class EmployeeHired(Fact, topic="hr.employees"):
    """Somebody works for a branch from a date on. `user_id` is his sign-in, `supervisor_id` the employee he
    reports to."""

    employee_id: str
    number: str
    name: str
    branch_id: str
    user_id: str | None
    supervisor_id: str | None
    position: str
    from_on: date


class EmployeeChanged(Fact, topic="hr.employees"):
    """Name, sign-in, superior or position are now these."""

    employee_id: str
    name: str
    user_id: str | None
    supervisor_id: str | None
    position: str


class EmployeeTransferred(Fact, topic="hr.employees"):
    """From a date on he works for another branch."""

    employee_id: str
    branch_id: str
    from_on: date


class EmployeeLeft(Fact, topic="hr.employees"):
    """His last day."""

    employee_id: str
    last_on: date


class PractitionerRegistered(Fact, topic="hr.registrations"):
    """An employee is registered as a practitioner (执业登记) for kinds of work and line families, from a date on."""

    registration_id: str
    employee_id: str
    user_id: str | None
    number_masked: str
    kinds_of_work: list[KindOfWork]
    line_families: list[LineFamily]
    from_on: date


class PractitionerScopeChanged(Fact, topic="hr.registrations"):
    """The scope of authority is now this."""

    registration_id: str
    employee_id: str
    user_id: str | None
    kinds_of_work: list[KindOfWork]
    line_families: list[LineFamily]


class PractitionerSuspended(Fact, topic="hr.registrations"):
    """May not practise for the time being."""

    registration_id: str
    employee_id: str
    reason: str


class PractitionerReinstated(Fact, topic="hr.registrations"):
    """May practise again."""

    registration_id: str
    employee_id: str


class PractitionerCancelled(Fact, topic="hr.registrations"):
    """The registration ended on a date."""

    registration_id: str
    employee_id: str
    cancelled_on: date
    reason: str
