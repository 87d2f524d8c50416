"""Mandates and their moves.

draft → in_review → signed → active → expired
          ↓ (returned)  ↘       ↘
        draft             terminated

A mandate in review is passed by compliance before it can be signed; a contract-type one unlocks placement, a letter
only fact-finding.
"""

from datetime import date, datetime
from enum import StrEnum

from chassis.model import Aggregate, Value
from contracts.money import Money
from contracts.shared import LineFamily
from services.clients.trail import Step


class Kind(StrEnum):
    CONTRACT = "contract"
    LETTER = "letter"


class Authority(StrEnum):
    """What the paper gives the broker: named work, or everything (全权委托), which is refused."""

    SPECIFIED = "specified"
    FULL = "full"


class FeeBasis(StrEnum):
    """Who pays the broker: the insurer by commission, the client by a fee, or both."""

    COMMISSION = "commission"
    FEE = "fee"
    BOTH = "both"


class FeeTerms(Value):
    """How the broker is paid; `fee` is what the client pays, when he pays."""

    basis: FeeBasis
    fee: Money | None = None
    text: str = ""


class Signatures(Value):
    """Who signed for either side, and when (aware UTC)."""

    client_contact_id: str | None
    """Null for an individual client who signed himself."""
    client_signed_at: datetime
    broker_user_id: str
    broker_signed_at: datetime
    evidence_id: str

    @property
    def complete_at(self) -> datetime:
        """When the second of both signed."""
        return max(self.client_signed_at, self.broker_signed_at)


class Status(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    SIGNED = "signed"
    ACTIVE = "active"
    EXPIRED = "expired"
    TERMINATED = "terminated"


MOVES = {
    Status.DRAFT: frozenset({Status.IN_REVIEW}),
    Status.IN_REVIEW: frozenset({Status.DRAFT, Status.IN_REVIEW, Status.SIGNED}),
    Status.SIGNED: frozenset({Status.ACTIVE, Status.TERMINATED}),
    Status.ACTIVE: frozenset({Status.EXPIRED, Status.TERMINATED}),
    Status.EXPIRED: frozenset[Status](),
    Status.TERMINATED: frozenset[Status](),
}


class Terms(Value):
    """What the mandate says: work, line families, first and last day, pay."""

    kind: Kind
    authority: Authority
    line_families: tuple[LineFamily, ...]
    services: str
    from_on: date
    until_on: date
    fee: FeeTerms


class Mandate(Aggregate):
    """A mandate of one client. Whoever wrote in it is one of its `authors` and cannot review it."""

    client_id: str
    terms: Terms
    authors: tuple[str, ...]
    status: Status = Status.DRAFT
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    """When compliance passed it; empty again when it goes back."""
    signatures: Signatures | None = None
    warned_on: date | None = None
    """When it was told that the end is near."""
    ended_on: date | None = None
    """Last day in force."""
    steps: tuple[Step, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether compliance passed it."""
        return self.reviewed_at is not None
