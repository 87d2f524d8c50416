"""The life of an obligation: started, reminded, escalated, met or cancelled."""

from datetime import datetime, time

from chassis.clock import business_date
from chassis.moves import move
from chassis.refusals import Conflict, Fault, Forbidden, Invalid, Missing, TryLater
from contracts.notifications import (
    ObligationCancelled,
    ObligationDueComputed,
    ObligationEscalated,
    ObligationMet,
    ObligationReclassified,
    ObligationReminded,
    ObligationTriggered,
)
from services.notifications.calendars.deadlines import TICK, Unit, at, due_at, end_of
from services.notifications.calendars.model import DAY, CalendarEnds
from services.notifications.calendars.working_days import WorkingDays
from services.notifications.obligations.catalogue import Clock
from services.notifications.obligations.model import (
    MOVES,
    NO_EVIDENCE,
    Escalation,
    Evidence,
    Obligation,
    Status,
)

REMIND_AT = time(7, 0)


class ObligationMissing(Missing):
    """No such obligation, or not in the caller's branches."""

    rule = "SYS-007"
    zh = "没有待办事项 {id}"
    en = "There is no obligation {id}"


class MetByEvent(Conflict):
    """It ends when the thing itself is done, not by saying so."""

    rule = "NTF-007"
    zh = "此事项在业务完成时自动办结,不能手工标记"
    en = "This ends by itself when it is done where it belongs; it cannot be marked by hand"
    todo_zh = "请在相应的业务记录中登记完成"
    todo_en = "Record it on the thing that it is about"


class DoneInFuture(Invalid):
    """It cannot have been done later than now, or before it began."""

    rule = "NTF-007"
    zh = "完成时间须在事项开始之后且不晚于现在"
    en = "It was done at the earliest when it began and at the latest now"


class EntryFaulty(Invalid):
    """An entry by hand lacks something or contradicts itself."""

    rule = "NTF-009"
    zh = "待办内容有 {count} 处错误"
    en = "The entry has {count} fault(s)"


class NotTheHandler(Forbidden):
    """Only who handles an urgent letter may downgrade it."""

    rule = "NTF-006"
    zh = "只有经办人可以将紧急信函降级"
    en = "Only its handler may downgrade an urgent letter"


class NotUrgentLetter(Conflict):
    """There is nothing to downgrade."""

    rule = "NTF-006"
    zh = "此事项不是紧急信函"
    en = "This is not an urgent letter"


class OwnerUnknown(TryLater):
    """Nobody is known yet who answers for it."""

    rule = "NTF-008"
    zh = "尚不知道由谁负责:{about}"
    en = "It is not known yet who answers for {about}"


def start(draft: Obligation, clock: Clock, days: WorkingDays) -> tuple[Obligation, ObligationTriggered]:
    """Set the clock of a new obligation running.

    One that an event started after its computed due instant is due at the end of that day and marked late by nature.
    Rules: NTF-001, NTF-002, NTF-023.
    """
    started = _timed(draft, clock, days)
    return started, ObligationTriggered(
        obligation_id=started.id,
        rule_id=started.rule_id,
        about_kind=started.about_kind,
        about_id=started.about_id,
        owner_id=started.owner_id,
        due_at=started.due_at,
        late_by_nature=started.late_by_nature,
    )


def _timed(obligation: Obligation, clock: Clock, days: WorkingDays) -> Obligation:
    try:
        due = due_at(obligation.unit, obligation.amount, obligation.counted_from, days)
    except CalendarEnds as gap:
        return obligation.but(gap_year=gap.year, due_at=None, nominal_due_at=None, reminders=(), next_at=None)
    nominal: datetime | None = None
    if clock.trigger is not None and due < obligation.triggered_at:
        nominal, due = due, end_of(business_date(obligation.triggered_at))
    timed = obligation.but(gap_year=None, due_at=due, nominal_due_at=nominal)
    return _planned(timed.but(reminders=_reminders(timed, due, clock)))


def _reminders(obligation: Obligation, due: datetime, clock: Clock) -> tuple[datetime, ...]:
    begun = obligation.triggered_at
    found = {at(business_date(due) - days * DAY, REMIND_AT) for days in clock.remind_days}
    found = {instant for instant in found if begun < instant < due}
    if clock.at_once or obligation.late_by_nature:
        found.add(begun)
    return tuple(sorted(found))


def _planned(obligation: Obligation) -> Obligation:
    """With the instant at which its clock has something to do next."""
    if obligation.escalations:
        following = obligation.manager_at + TICK if obligation.manager_at and len(obligation.escalations) == 1 else None
    else:
        steps = list(obligation.reminders[:1])
        if obligation.due_at is not None:
            steps.append(obligation.due_at + TICK)
        following = min(steps, default=None)
    return obligation.but(next_at=following)


def is_overdue(obligation: Obligation, now: datetime) -> bool:
    """Whether the due instant has passed and it is not done."""
    return obligation.is_open and obligation.due_at is not None and now > obligation.due_at


def has_work(obligation: Obligation, now: datetime) -> bool:
    """Whether its clock has something to do by now."""
    return obligation.is_open and obligation.next_at is not None and obligation.next_at <= now


def remind(obligation: Obligation, now: datetime) -> tuple[Obligation, ObligationReminded]:
    """Remind the owner; several reminders that were due together are one."""
    left = tuple(instant for instant in obligation.reminders if instant > now)
    reminded = move(obligation, MOVES, Status.REMINDED, reminders=left, reminded_at=now)
    return _planned(reminded), ObligationReminded(obligation_id=obligation.id)


def escalate(
    obligation: Obligation, clock: Clock, to_user_id: str, now: datetime, days: WorkingDays
) -> tuple[Obligation, ObligationEscalated]:
    """Tell the next in line that it is overdue: first the supervisor, after some more working days the general manager.

    `to_user_id` is empty when nobody holds the role. Rule: NTF-008.
    """
    level = len(obligation.escalations) + 1
    step = Escalation(level=level, to_user_id=to_user_id, at=now)
    escalated = move(obligation, MOVES, Status.ESCALATED, escalations=(*obligation.escalations, step), reminders=())
    if level == 1:
        escalated = _with_manager(escalated, clock, days)
    told = ObligationEscalated(obligation_id=obligation.id, level=level, to_user_id=to_user_id)
    return _planned(escalated), told


def _with_manager(obligation: Obligation, clock: Clock, days: WorkingDays) -> Obligation:
    assert obligation.due_at is not None
    try:
        after = due_at(Unit.WORKING_DAYS, clock.manager_after, obligation.due_at, days)
    except CalendarEnds as gap:
        return obligation.but(manager_at=None, gap_year=gap.year)
    return obligation.but(manager_at=after, gap_year=None)


def fill_gap(
    obligation: Obligation, clock: Clock, days: WorkingDays
) -> tuple[Obligation, ObligationDueComputed] | None:
    """Compute what was missing, if the calendar's data allows it by now. Rule: NTF-002."""
    if obligation.gap_year is None or not obligation.is_open:
        return None
    filled = (
        _planned(_with_manager(obligation, clock, days)) if obligation.escalations else _timed(obligation, clock, days)
    )
    instant = filled.manager_at if filled.escalations else filled.due_at
    return (filled, ObligationDueComputed(obligation_id=obligation.id, due_at=instant)) if instant else None


def meet(
    obligation: Obligation, done_at: datetime, by: str, evidence: Evidence = NO_EVIDENCE
) -> tuple[Obligation, ObligationMet]:
    """It was done at an instant."""
    told = {"evidence": evidence.reference, "evidence_file_id": evidence.file_id}
    met = move(obligation, MOVES, Status.MET, met_at=done_at, met_by=by, next_at=None, **told)
    return met, ObligationMet(obligation_id=obligation.id, met_at=done_at)


def meet_by_hand(
    obligation: Obligation, clock: Clock, done_at: datetime, by: str, evidence: Evidence, now: datetime
) -> tuple[Obligation, ObligationMet]:
    """Mark as done what no event tells of, with evidence.

    Raises MetByEvent, DoneInFuture, IllegalMove. Rule: NTF-007.
    """
    if not clock.by_hand:
        raise MetByEvent
    if not min(obligation.counted_from, obligation.triggered_at) <= done_at <= now:
        raise DoneInFuture([Fault("/met_at", DoneInFuture.zh, DoneInFuture.en)])
    return meet(obligation, done_at, by, evidence)


def cancel(obligation: Obligation, reason: str) -> tuple[Obligation, ObligationCancelled]:
    """It need not be done any more."""
    cancelled = move(obligation, MOVES, Status.CANCELLED, reason=reason, next_at=None)
    return cancelled, ObligationCancelled(obligation_id=obligation.id, reason=reason)


def cancel_by_hand(obligation: Obligation, clock: Clock, reason: str) -> tuple[Obligation, ObligationCancelled]:
    """Take back an entry that was made by hand; raises MetByEvent for others, IllegalMove for one that has ended.

    Rule: NTF-007.
    """
    if clock.trigger is not None:
        raise MetByEvent
    return cancel(obligation, reason)


def downgrade(
    obligation: Obligation, letter: Clock, by: str, reason: str, days: WorkingDays
) -> tuple[Obligation, ObligationReclassified]:
    """Put an urgent letter on the ordinary letter clock, counted from its arrival. Only before it is overdue.

    Raises NotUrgentLetter, NotTheHandler, IllegalMove. Rule: NTF-006.
    """
    if obligation.clock != "urgent_letter":
        raise NotUrgentLetter
    if obligation.owner_id != by:
        raise NotTheHandler
    calmer = move(
        obligation,
        MOVES,
        Status.TRIGGERED,
        clock=letter.name,
        rule_id=letter.rule,
        urgent=False,
        unit=letter.unit,
        amount=letter.amount,
        reason=reason,
    )
    timed = _timed(calmer, letter, days)
    return timed, ObligationReclassified(obligation_id=obligation.id, reason=reason, due_at=timed.due_at)
