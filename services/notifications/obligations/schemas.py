"""What the diary's routes send and receive."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from chassis.clock import business_date
from chassis.http import Body, View
from chassis.rulebook import rule
from services.notifications.calendars.deadlines import Unit
from services.notifications.calendars.model import CalendarEnds
from services.notifications.obligations.catalogue import clock
from services.notifications.obligations.entries import Entry, EntryKind
from services.notifications.obligations.model import Evidence, Obligation, Status
from services.notifications.obligations.texts import what

Id = Annotated[str, Field(max_length=64)]
Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC))]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class EnterObligation(Body):
    """An entry by hand.

    `started_at` for kinds with a clock, `due_on` for a plain entry, `days` for a report to the regulator.
    """

    kind: EntryKind
    branch: Id
    owner_id: Id
    title: Annotated[str, Field(min_length=1, max_length=200)]
    about_kind: Annotated[str, Field(max_length=40)] = ""
    about_id: Id = ""
    client_id: Id = ""
    urgent: bool = False
    started_at: Instant | None = None
    due_on: Annotated[date, Field(le=date(2100, 12, 31))] | None = None
    days: int | None = None

    def entry(self) -> Entry:
        """The entry as the rules take it."""
        return Entry(**dict(self))


class CompleteObligation(Body):
    """That it was done, when (now if not said), and what shows it: a reference and, if there is one, a file."""

    evidence: Annotated[str, Field(min_length=1, max_length=500)]
    file_id: Id = ""
    met_at: Instant | None = None

    def proof(self) -> Evidence:
        """The evidence as it is kept."""
        return Evidence(reference=self.evidence, file_id=self.file_id)


class GiveReason(Body):
    """Why."""

    reason: Reason


class Told(View):
    """A text in both languages."""

    zh: str
    en: str


class RuleView(View):
    """The rule that asks for it: its sentence in both languages and its source."""

    id: str
    zh: str
    en: str
    source: str


class ClockView(View):
    """How the due instant was counted. A negative amount counts back from `counted_from`."""

    unit: Unit
    amount: int
    counted_from: datetime


class GapView(View):
    """What keeps the due instant from being computed."""

    year: int
    zh: str
    en: str


class EscalationView(View):
    """Who was told that it is overdue; empty when nobody with the role was known."""

    level: int
    to_user_id: str
    at: datetime


class ObligationView(View):
    """Something that must be done: what, by when, by whom, and why."""

    id: str
    version: int
    branch: str
    status: Status
    what: Told
    rule: RuleView
    about_kind: str
    about_id: str
    client_id: str
    policy_id: str
    owner_id: str
    urgent: bool
    clock: ClockView
    triggered_at: datetime
    due_at: datetime | None
    due_on: date | None
    gap: GapView | None
    late_by_nature: bool
    nominal_due_at: datetime | None
    overdue: bool
    by_hand: bool
    reminded_at: datetime | None
    escalations: list[EscalationView]
    met_at: datetime | None
    met_by: str
    evidence: str
    evidence_file_id: str
    reason: str

    @classmethod
    def told(cls, obligation: Obligation, subject: str, now: datetime) -> "ObligationView":
        """The view of an obligation about a named subject, as of an instant."""
        due, found = obligation.due_at, rule(obligation.rule_id)
        shared = {name: getattr(obligation, name) for name in SHARED}
        return cls(
            **shared,
            what=Told(zh=what(obligation, subject, "zh"), en=what(obligation, subject, "en")),
            rule=RuleView(id=found.id, zh=found.zh, en=found.en, source=found.source),
            clock=ClockView(unit=obligation.unit, amount=obligation.amount, counted_from=obligation.counted_from),
            due_on=business_date(due) if due else None,
            gap=_gap(obligation.gap_year),
            overdue=obligation.is_open and due is not None and now > due,
            by_hand=clock(obligation.clock).by_hand,
            escalations=[EscalationView.of(step) for step in obligation.escalations],
        )


OWN = {"what", "rule", "clock", "due_on", "gap", "overdue", "by_hand", "escalations"}
SHARED = [name for name in ObligationView.model_fields if name not in OWN]


def _gap(year: int | None) -> GapView | None:
    if year is None:
        return None
    missing = CalendarEnds(year)
    return GapView(year=year, zh=missing.say("zh"), en=missing.say("en"))
