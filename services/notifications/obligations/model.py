"""Obligations: what must be done by when.

    TRIGGERED ──▶ REMINDED ──▶ ESCALATED (level 1: supervisor, level 2: general manager)
        │             │            │
        └─────────────┴────────────┴──▶ MET | CANCELLED

An urgent letter that was downgraded goes back to TRIGGERED. While the calendar's data lacks a year, `due_at` (or the
instant of the next escalation) is missing and `gap_year` names the year.
"""

from datetime import datetime
from enum import StrEnum

from chassis.model import Aggregate, Value
from services.notifications.calendars.deadlines import Unit


class Status(StrEnum):
    """Where an obligation stands."""

    TRIGGERED = "triggered"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    MET = "met"
    CANCELLED = "cancelled"


OPEN = (Status.TRIGGERED, Status.REMINDED, Status.ESCALATED)
ENDS = frozenset({Status.MET, Status.CANCELLED})
MOVES: dict[Status, frozenset[Status]] = {
    Status.TRIGGERED: ENDS | {Status.TRIGGERED, Status.REMINDED, Status.ESCALATED},
    Status.REMINDED: ENDS | {Status.TRIGGERED, Status.REMINDED, Status.ESCALATED},
    Status.ESCALATED: ENDS | {Status.ESCALATED},
    Status.MET: frozenset(),
    Status.CANCELLED: frozenset(),
}


class Escalation(Value):
    """Who was told that it is overdue; nobody (empty) when no holder of the role was known."""

    level: int
    to_user_id: str
    at: datetime


class Evidence(Value):
    """What shows that it was done: a reference (number of a letter, of a receipt) and, if there is one, a file."""

    reference: str = ""
    file_id: str = ""


NO_EVIDENCE = Evidence()


class Obligation(Aggregate):
    """Something that must be done.

    `unit`, `amount` and `counted_from` are frozen when it starts; all instants are aware UTC.
    """

    clock: str
    rule_id: str
    about_kind: str
    about_id: str
    client_id: str = ""
    policy_id: str = ""
    keys: tuple[str, ...] = ()
    """`field=id` pairs by which facts that end it are matched."""
    since_version: int = 0
    """The version of the thing that it is about when it began; facts told before that do not end it."""
    title: str = ""
    details: dict[str, str] = {}
    owner_id: str
    urgent: bool = False
    unit: Unit
    amount: int
    counted_from: datetime
    triggered_at: datetime
    due_at: datetime | None = None
    nominal_due_at: datetime | None = None
    """When it would have been due, if it could only start later than that."""
    gap_year: int | None = None
    reminders: tuple[datetime, ...] = ()
    """Instants of reminders still to come."""
    manager_at: datetime | None = None
    """After which instant the general manager hears of it."""
    next_at: datetime | None = None
    """From when on the clock has something to do."""
    escalations: tuple[Escalation, ...] = ()
    status: Status = Status.TRIGGERED
    reminded_at: datetime | None = None
    met_at: datetime | None = None
    met_by: str = ""
    evidence: str = ""
    evidence_file_id: str = ""
    reason: str = ""
    """Why it was cancelled or downgraded."""

    @property
    def late_by_nature(self) -> bool:
        """Whether it could only start after it would have been due. Rule: NTF-023."""
        return self.nominal_due_at is not None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.status in OPEN
