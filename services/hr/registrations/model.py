"""Practitioner registrations.

registered ⇄ suspended, and from both to cancelled; the scope may change while it lives
"""

from datetime import date
from enum import StrEnum

from chassis.model import Aggregate, Value
from contracts.personal import IdentityNumber
from contracts.shared import KindOfWork, LineFamily


class Status(StrEnum):
    REGISTERED = "registered"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"


MOVES = {
    Status.REGISTERED: frozenset({Status.SUSPENDED, Status.CANCELLED}),
    Status.SUSPENDED: frozenset({Status.REGISTERED, Status.CANCELLED}),
    Status.CANCELLED: frozenset[Status](),
}


class Confirmation(Value):
    """A colleague's word that a criterion is met, and the grounds."""

    confirmed_by: str
    grounds: str


class Criteria(Value):
    """The two conditions that an authorised person meets (SD-21)."""

    sense_of_responsibility: Confirmation
    professional_knowledge: Confirmation


class Scope(Value):
    """Which work in which lines of business (SD-22)."""

    kinds_of_work: tuple[KindOfWork, ...]
    line_families: tuple[LineFamily, ...]


class Registration(Aggregate):
    """One registration of one employee; branch and sign-in follow the employee."""

    employee_id: str
    user_id: str | None
    number: IdentityNumber
    scope: Scope
    criteria: Criteria
    from_on: date
    status: Status = Status.REGISTERED
    reason: str = ""
    cancelled_on: date | None = None
