"""Employees.

employed ──leave──▶ left; changes and transfers only while employed
"""

from datetime import date
from enum import StrEnum

from chassis.model import Aggregate, Value
from contracts.personal import IdentityNumber, PhoneNumber


class Status(StrEnum):
    EMPLOYED = "employed"
    LEFT = "left"


MOVES = {Status.EMPLOYED: frozenset({Status.EMPLOYED, Status.LEFT}), Status.LEFT: frozenset[Status]()}


class Place(Value):
    """Works for this branch from a date on."""

    branch_id: str
    from_on: date


class Employee(Aggregate):
    """One employment. `branch` is the last place's; who leaves and comes back is employed anew."""

    number: str
    name: str
    places: tuple[Place, ...]
    user_id: str | None = None
    supervisor_id: str | None = None
    position: str
    identity_number: IdentityNumber
    phone: PhoneNumber | None = None
    status: Status = Status.EMPLOYED
    last_on: date | None = None
