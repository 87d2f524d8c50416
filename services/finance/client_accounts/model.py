"""A client money account of a branch.

proposed --second person--> in_use --> closed
    └───────────────────────────────────^
"""

from enum import StrEnum

from chassis.model import Aggregate
from contracts.personal import BankAccount


class Status(StrEnum):
    """Where an account stands."""

    PROPOSED = "proposed"
    IN_USE = "in_use"
    CLOSED = "closed"


MOVES = {
    Status.PROPOSED: frozenset({Status.IN_USE, Status.CLOSED}),
    Status.IN_USE: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset[Status](),
}


class ClientAccount(Aggregate):
    """A bank account for client money alone: premium, refunds and claim money, never commission (Art 43)."""

    holder: str
    bank: str
    number: BankAccount
    currency: str
    proposed_by: str
    confirmed_by: str = ""
    status: Status = Status.PROPOSED
    closed_because: str = ""
