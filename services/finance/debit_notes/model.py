"""A debit note (付款通知书): what a client owes for a bound policy, in parts.

    draft --second person--> approved --numbered, paper frozen--> issued
      └───────────────────────┴──────────────────────────────────┴──> cancelled

Where the insurers collect the premium themselves (F4), the same note is a notice of direct payment: it has a number
series of its own, names no account of ours, and is never our receivable.
"""

from datetime import date, datetime
from enum import StrEnum

from chassis.model import Aggregate, Value
from contracts.money import Money
from services.finance.policies.model import Collection, Share


class Status(StrEnum):
    """Where a debit note stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    ISSUED = "issued"
    CANCELLED = "cancelled"


MOVES = {
    Status.DRAFT: frozenset({Status.APPROVED, Status.CANCELLED}),
    Status.APPROVED: frozenset({Status.ISSUED, Status.CANCELLED}),
    Status.ISSUED: frozenset({Status.CANCELLED}),
    Status.CANCELLED: frozenset[Status](),
}


class Instalment(Value):
    """A part of the premium: its number from 1, the last day on which it is paid in time, its amount."""

    number: int
    due_on: date
    amount: Money


class DebitNote(Aggregate):
    """A debit note. `makers` drafted or changed it and may not approve it; `number` is empty until it is issued."""

    policy_id: str
    client_id: str
    line: str
    insured_name: str | None
    lines: tuple[Share, ...]
    collection: Collection
    starts_on: date
    ends_on: date
    owner_id: str
    total: Money
    instalments: tuple[Instalment, ...]
    makers: tuple[str, ...]
    status: Status = Status.DRAFT
    approved_by: str = ""
    approved_at: datetime | None = None
    number: str = ""
    issued_on: date | None = None
    document_ids: tuple[str, ...] = ()
    cancelled_because: str = ""

    def due_next_on(self) -> date | None:
        """The due date of the first part that is not paid, once the note is issued."""
        return self.instalments[0].due_on if self.status is Status.ISSUED else None
