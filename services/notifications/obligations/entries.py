"""Entries made by hand: letters, requests, losses, reports, and whatever somebody must not forget."""

from datetime import UTC, date, datetime, time
from enum import StrEnum

from chassis.clock import business_date
from chassis.model import Value
from chassis.refusals import Fault
from services.notifications.calendars.deadlines import at
from services.notifications.obligations.catalogue import Clock, clock
from services.notifications.obligations.rules import EntryFaulty


class EntryKind(StrEnum):
    """What is entered; each kind but `entry` has a clock of its own, which starts at an instant."""

    ENTRY = "entry"
    LETTER = "letter"
    SERVICE_REQUEST = "service_request"
    LOSS_CONTACT = "loss_contact"
    LOSS_ADVICE = "loss_advice"
    REGULATORY_REPORT = "regulatory_report"


class Entry(Value):
    """An entry as somebody makes it. `started_at` is when the letter, request, news or event came."""

    kind: EntryKind
    branch: str
    owner_id: str
    title: str
    about_kind: str = ""
    about_id: str = ""
    client_id: str = ""
    urgent: bool = False
    started_at: datetime | None = None
    due_on: date | None = None
    days: int | None = None

    def counted_from(self) -> datetime:
        """The instant from which its clock counts."""
        if self.due_on is not None:
            return at(self.due_on, time(0))
        assert self.started_at is not None
        return self.started_at.astimezone(UTC)


def checked(entry: Entry, now: datetime) -> Clock:
    """The clock of an entry; raises EntryFaulty with all faults. Rules: NTF-004, NTF-005, NTF-009, NTF-022."""
    urgent_letter = entry.kind == EntryKind.LETTER and entry.urgent
    found = clock("urgent_letter" if urgent_letter else str(entry.kind))
    faults = [*_time_faults(entry, now), *_kind_faults(entry, found)]
    if faults:
        raise EntryFaulty(faults, count=len(faults))
    return found


def _time_faults(entry: Entry, now: datetime) -> list[Fault]:
    if entry.kind == EntryKind.ENTRY:
        if entry.due_on is None:
            return [Fault("/due_on", "请填写到期日", "say on which date it is due")]
        if entry.due_on < business_date(now):
            return [Fault("/due_on", "到期日已过", "the date is past")]
        return [_odd("/started_at")] if entry.started_at else []
    if entry.started_at is None:
        return [Fault("/started_at", "请填写收到或发生的时间", "say when it came or happened")]
    if entry.started_at > now:
        return [Fault("/started_at", "时间在将来", "the instant is in the future")]
    return [_odd("/due_on")] if entry.due_on else []


def _kind_faults(entry: Entry, found: Clock) -> list[Fault]:
    faults: list[Fault] = []
    if entry.urgent and entry.kind != EntryKind.LETTER:
        faults.append(_odd("/urgent"))
    if found.choices and entry.days not in found.choices:
        allowed = ", ".join(map(str, found.choices))
        faults.append(Fault("/days", f"须为 {allowed} 之一", f"must be one of {allowed}"))
    if not found.choices and entry.days is not None:
        faults.append(_odd("/days"))
    if bool(entry.about_kind) != bool(entry.about_id):
        faults.append(Fault("/about_id", "about_kind 与 about_id 须同时填写", "about_kind and about_id go together"))
    return faults


def _odd(pointer: str) -> Fault:
    return Fault(pointer, "此类事项没有该字段", "an entry of this kind does not have it")
