"""Project registrations and their moves.

draft → submitted → registered → active → won → closed
            ↓      ↗     ↓         ↓  ↘
        conflicted     lapsed   lapsed  lost
            ↓
        rejected

A change of owner, team, notes or budget and an extension of the protection leave the status as it is.
"""

from datetime import date, datetime
from enum import StrEnum

from chassis.model import Aggregate, Value
from contracts.money import Money
from contracts.personal import PersonName
from contracts.shared import LineFamily
from services.clients.clients.model import Identity, Kind, Seat
from services.clients.people.model import Tier
from services.clients.trail import Step


class Status(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CONFLICTED = "conflicted"
    REGISTERED = "registered"
    ACTIVE = "active"
    WON = "won"
    CLOSED = "closed"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    LOST = "lost"


MOVES = {
    Status.DRAFT: frozenset({Status.SUBMITTED}),
    Status.SUBMITTED: frozenset({Status.CONFLICTED, Status.REGISTERED}),
    Status.CONFLICTED: frozenset({Status.REGISTERED, Status.REJECTED}),
    Status.REGISTERED: frozenset({Status.ACTIVE, Status.LAPSED}),
    Status.ACTIVE: frozenset({Status.WON, Status.LAPSED, Status.LOST}),
    Status.WON: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset[Status](),
    Status.REJECTED: frozenset[Status](),
    Status.LAPSED: frozenset[Status](),
    Status.LOST: frozenset[Status](),
}
OPEN = frozenset(status for status, targets in MOVES.items() if targets)
LIVE = OPEN - {Status.DRAFT}
"""What stands in the way of another registration of the same client and line family."""
PROTECTED = frozenset({Status.REGISTERED, Status.ACTIVE})


class LostReason(StrEnum):
    PRICE = "price"
    SERVICE = "service"
    INCUMBENT = "incumbent"
    OTHER_BROKER = "other_broker"
    NO_CAPACITY = "no_capacity"
    CLIENT_WITHDREW = "client_withdrew"
    OTHER = "other"


class Prospect(Value):
    """Somebody whom the branch has no record of, named by his name and identity number."""

    kind: Kind
    name: str | None = None
    """A company's."""
    person_name: PersonName | None = None
    identity: Identity | None = None


class Mark(Value):
    """What a client is recognised by in all branches without being shown: keyed hashes of name and identity number."""

    kind: Kind
    name: str
    number: str | None
    client_id: str | None


class Terms(Value):
    """What is registered. `first_cover`: the client has no cover of this family at present, so none expires."""

    line_family: LineFamily
    expected_premium: Money | None = None
    present_cover_ends_on: date | None = None
    first_cover: bool = False
    notes: str = ""
    """The owner's own; never leaves his branch and those above it."""


class Milestone(Value):
    """A step of the timetable and its date."""

    name: str
    due_on: date


class Budget(Value):
    """An expense budget (费用支持): asked for, then decided by the tier that the expense matrix names. Amount in
    CNY."""

    amount: Money
    purpose: str
    tier: Tier
    matrix_id: str
    """The matrix that named the tier when it was asked for."""
    asked_by: str
    asked_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    approved: bool = False
    reason: str = ""


class Extension(Value):
    """An extension of the protection: asked for with evidence of activity, then granted or not; granted once."""

    activity: str
    evidence_id: str
    asked_by: str
    asked_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    granted: bool = False
    reason: str = ""


class Costs(Value):
    """What the project cost, as finance posted it."""

    amount: Money
    reference: str
    posted_by: str
    posted_at: datetime


class Project(Aggregate):
    """A registration of one client, on file (`client_id`) or not yet (`prospect`), for one line family."""

    client_id: str | None
    prospect: Prospect | None = None
    mark: Mark
    terms: Terms
    owner_id: str
    drafted_by: str
    status: Status = Status.DRAFT
    submitted_at: datetime | None = None
    conflict_at: datetime | None = None
    """When another live registration was found; which one is no business of this branch."""
    against: tuple[str, ...] = ()
    protected_until_on: date | None = None
    """Last day of protection."""
    extension: Extension | None = None
    team: tuple[Seat, ...] = ()
    timetable: tuple[Milestone, ...] = ()
    budget: Budget | None = None
    policy_id: str | None = None
    lost_reason: LostReason | None = None
    costs: Costs | None = None
    review: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def told_client_id(self) -> str:
        """The client's id as events carry it: empty while he is not on file."""
        return self.client_id or ""
