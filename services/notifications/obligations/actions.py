"""Start, remind, escalate and end obligations."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from chassis.files import Files
from chassis.ids import derived_id
from chassis.refusals import Fault
from chassis.work import Work
from contracts.facts import Envelope, Fact
from contracts.notifications import ObligationEscalated, ObligationReminded
from services.notifications.calendars.actions import working_days
from services.notifications.calendars.deadlines import Unit, at
from services.notifications.calendars.working_days import WorkingDays
from services.notifications.obligations import catalogue, rules
from services.notifications.obligations.catalogue import HAPPENED, Clock, OwnerOf, Trigger
from services.notifications.obligations.entries import Entry, checked
from services.notifications.obligations.model import Evidence, Obligation
from services.notifications.obligations.store import Obligations
from services.notifications.people.actions import answerable, general_manager, supervisor_of
from services.notifications.people.store import Users
from services.notifications.subjects.store import Clients, Policies

SYSTEM = "system:"
PASSES = 50


async def start_by(fact: Fact, work: Work) -> None:
    """Start every obligation that a fact causes, each once, however often the fact is delivered.

    Raises OwnerUnknown, ClientUnknown or PolicyUnknown while it is not known who must do it.
    """
    event = _event(work)
    days = await working_days(work)
    for clock in catalogue.started_by()[type(fact)]:
        assert clock.trigger is not None
        owner_id = await _owner(fact, clock.trigger, work)
        for occurrence, part in _parts(fact, clock.trigger, event):
            draft = _draft(clock, clock.trigger, fact, part, occurrence, owner_id, event)
            await Obligations(work).add(*rules.start(draft, clock, days))


def _parts(fact: Fact, trigger: Trigger, event: Envelope) -> Iterator[tuple[str, Any]]:
    if trigger.each:
        yield from ((str(number), part) for number, part in enumerate(getattr(fact, trigger.each), 1))
    else:
        yield (str(event.aggregateversion) if trigger.repeats else ""), fact


def _draft(
    clock: Clock, trigger: Trigger, fact: Fact, part: Any, occurrence: str, owner_id: str, event: Envelope
) -> Obligation:
    about_id = getattr(fact, trigger.about)
    agreed: date | None = getattr(part, trigger.given) if trigger.given else None
    anchor = agreed or (event.time if trigger.anchor == HAPPENED else getattr(part, trigger.anchor))
    return Obligation(
        id=derived_id("obligations", clock.name, about_id, occurrence),
        branch=event.branch,
        clock=clock.name,
        rule_id=clock.rule,
        about_kind=clock.about_kind,
        about_id=about_id,
        client_id=getattr(fact, "client_id", None) or "",
        policy_id=getattr(fact, "policy_id", None) or "",
        keys=catalogue.keys_of(fact, sorted(trigger.fields())),
        since_version=event.aggregateversion,
        details={name: _shown(getattr(part, name)) for name in trigger.details},
        owner_id=owner_id,
        urgent=clock.urgent,
        unit=Unit.NATURAL_DAYS if agreed else clock.unit,
        amount=0 if agreed else _agreed_amount(part, trigger) or clock.amount,
        counted_from=anchor if isinstance(anchor, datetime) else at(anchor, time(0)),
        triggered_at=event.time,
    )


def _agreed_amount(part: Any, trigger: Trigger) -> int | None:
    return getattr(part, trigger.given_amount) if trigger.given_amount else None


def _shown(value: Any) -> str:
    return f"{value.currency} {value.amount}" if hasattr(value, "currency") else str(value)


async def _owner(fact: Fact, trigger: Trigger, work: Work) -> str:
    """Who must do it: the first that the clock's list names; else who answers for the branch."""
    event = _event(work)
    fields: Mapping[str, Any] = dict(fact)
    for source in trigger.owner:
        match source:
            case OwnerOf.FACT:
                found = fields["owner_id"]
            case OwnerOf.POLICY:
                found = (await Policies(work).get(fields["policy_id"])).owner_id
            case OwnerOf.TEAM:
                found = (await Clients(work).get(fields["client_id"])).served_by()
            case OwnerOf.ACTOR:
                found = None if event.actor.startswith(SYSTEM) else event.actor
        if found:
            return found
    head = await answerable(event.branch, work)
    if head is None:
        raise rules.OwnerUnknown(about=fields[trigger.about])
    return head.id


async def end_by(fact: Fact, work: Work) -> None:
    """Meet and cancel what a fact ends; what has ended already stays as it is."""
    event, obligations = _event(work), Obligations(work)
    for clock, end in catalogue.met_by().get(type(fact), ()):
        for found in await obligations.ended_by(clock, end, fact, event):
            await obligations.change(
                found.id, lambda one: rules.meet(one, event.time, event.actor) if one.is_open else None
            )
    reason = type(fact).__name__
    for clock, end in catalogue.cancelled_by().get(type(fact), ()):
        for found in await obligations.ended_by(clock, end, fact, event):
            await obligations.change(found.id, lambda one: rules.cancel(one, reason) if one.is_open else None)


async def enter(entry: Entry, work: Work) -> Obligation:
    """Put an entry into somebody's diary by hand.

    Raises EntryFaulty with all faults; a missing calendar year is no fault but a gap of the obligation.
    """
    clock = checked(entry, work.now)
    if not await Users(work).some({"_id": entry.owner_id, "enabled": True}):
        raise rules.EntryFaulty([Fault("/owner_id", "没有此用户", "there is no such user")], count=1)
    obligation_id = work.new_id("obligations")
    draft = Obligation(
        id=obligation_id,
        branch=entry.branch,
        clock=clock.name,
        rule_id=clock.rule,
        about_kind=entry.about_kind or clock.about_kind,
        about_id=entry.about_id or obligation_id,
        client_id=entry.client_id,
        title=entry.title,
        owner_id=entry.owner_id,
        urgent=clock.urgent,
        unit=clock.unit,
        amount=entry.days or clock.amount,
        counted_from=entry.counted_from(),
        triggered_at=work.now,
    )
    return await Obligations(work).add(*rules.start(draft, clock, await working_days(work)))


async def complete(obligation_id: str, done_at: datetime | None, evidence: Evidence, work: Work) -> Obligation:
    """Mark as done, with evidence, what no event tells of; raises FileMissing, MetByEvent, DoneInFuture."""
    if evidence.file_id:
        await Files(work).get(evidence.file_id)
    return await Obligations(work).change(
        obligation_id,
        lambda one: rules.meet_by_hand(
            one, catalogue.clock(one.clock), done_at or work.now, work.actor.id, evidence, work.now
        ),
    )


async def take_back(obligation_id: str, reason: str, work: Work) -> Obligation:
    """Cancel an entry that was made by hand."""
    return await Obligations(work).change(
        obligation_id, lambda one: rules.cancel_by_hand(one, catalogue.clock(one.clock), reason)
    )


async def downgrade(obligation_id: str, reason: str, work: Work) -> Obligation:
    """Put an urgent letter on the ordinary clock."""
    letter, days = catalogue.clock("letter"), await working_days(work)
    return await Obligations(work).change(
        obligation_id, lambda one: rules.downgrade(one, letter, work.actor.id, reason, days)
    )


async def advance(work: Work) -> None:
    """Remind and escalate whatever is due by now, in bounded batches."""
    days = await working_days(work)
    for _ in range(PASSES):
        found = await Obligations(work).due(work.now)
        for obligation in found:
            await _step(obligation, days, work)
        if not found:
            return


async def _step(obligation: Obligation, days: WorkingDays, work: Work) -> None:
    to_user_id = await _next_in_line(obligation, work) if rules.is_overdue(obligation, work.now) else ""

    def decide(one: Obligation) -> tuple[Obligation, ObligationReminded | ObligationEscalated] | None:
        if not rules.has_work(one, work.now):
            return None
        if rules.is_overdue(one, work.now):
            return rules.escalate(one, catalogue.clock(one.clock), to_user_id, work.now, days)
        return rules.remind(one, work.now)

    await Obligations(work).change(obligation.id, decide)


async def _next_in_line(obligation: Obligation, work: Work) -> str:
    if obligation.escalations:
        found = await general_manager(obligation.branch, work)
    else:
        found = await supervisor_of(obligation.owner_id, obligation.branch, work)
    return found.id if found else ""


async def fill_gaps(work: Work) -> None:
    """Compute what waited for calendar data that is there now."""
    days, last = await working_days(work), ""
    while found := await Obligations(work).with_gap(last):
        last = found[-1].id
        for obligation in found:
            await Obligations(work).change(
                obligation.id, lambda one: rules.fill_gap(one, catalogue.clock(one.clock), days)
            )


def mine(work: Work) -> Work:
    """Work that sees the caller's own diary whatever the branch of an entry; its queries name the caller."""
    return replace(work, reach=None)


def _event(work: Work) -> Envelope:
    assert work.event is not None
    return work.event
