"""Users and service accounts.

active ──disable──▶ disabled ──enable──▶ active
"""

from datetime import date
from enum import StrEnum

from pydantic import Field

from chassis.model import Aggregate, Value
from contracts.personal import EmailAddress


class Kind(StrEnum):
    """A person signs in with a password, a service account with a secret made by the server."""

    PERSON = "person"
    SERVICE = "service"


class Status(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


MOVES = {Status.ACTIVE: frozenset({Status.DISABLED}), Status.DISABLED: frozenset({Status.ACTIVE})}


class HeldAssignment(Value):
    """Roles in a branch and all below it, from a date on, until a date (inclusive) or for good."""

    id: str
    branch_id: str
    roles: tuple[str, ...]
    from_on: date
    until_on: date | None = None

    def holds(self, on: date) -> bool:
        """Whether it is in force on a date."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)

    def meets(self, other: "HeldAssignment") -> bool:
        """Whether there is a date on which both are in force."""
        starts_on = max(self.from_on, other.from_on)
        return self.holds(starts_on) and other.holds(starts_on)


class User(Aggregate):
    """Somebody who may sign in. `branch` is where the account is administered; rights come from the assignments alone.

    Sessions carry `session_epoch`; those of an older one are over.
    """

    login: str
    name: str
    email: EmailAddress
    kind: Kind
    language: str
    assignments: tuple[HeldAssignment, ...] = ()
    status: Status = Status.ACTIVE
    secret_hash: str = Field(default="", repr=False)
    must_change_secret: bool = False
    session_epoch: int = 0
