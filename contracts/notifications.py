"""What notifications tells: obligations with their clocks, and messages handed over."""

from datetime import datetime

from .facts import Fact


class ObligationTriggered(Fact, topic="notifications.obligations"):
    """Something must be done by an instant, because of a rule.

    `due_at` is null while the calendar has no data for its year.
    """

    obligation_id: str
    rule_id: str
    about_kind: str
    about_id: str
    owner_id: str
    due_at: datetime | None
    late_by_nature: bool = False


class ObligationDueComputed(Fact, topic="notifications.obligations"):
    """Calendar data arrived: the due instant, or that of the next escalation, which was missing, is known now."""

    obligation_id: str
    due_at: datetime


class ObligationReclassified(Fact, topic="notifications.obligations"):
    """It was taken for urgent and is not: it runs on the ordinary clock from now on."""

    obligation_id: str
    reason: str
    due_at: datetime | None


class ObligationMet(Fact, topic="notifications.obligations"):
    """It was done."""

    obligation_id: str
    met_at: datetime


class ObligationCancelled(Fact, topic="notifications.obligations"):
    """It need not be done any more."""

    obligation_id: str
    reason: str


class ObligationReminded(Fact, topic="notifications.obligations"):
    """Its owner was reminded before it is due."""

    obligation_id: str


class ObligationEscalated(Fact, topic="notifications.obligations"):
    """It is overdue: level 1 went to the supervisor, level 2 to the general manager."""

    obligation_id: str
    level: int
    to_user_id: str


class MessageQueued(Fact, topic="notifications.messages"):
    """A message is to be sent by a channel: in_app or email."""

    message_id: str
    channel: str
    about_kind: str
    about_id: str


class MessageSent(Fact, topic="notifications.messages"):
    """Handed over: `proof` is what the receiving server answered."""

    message_id: str
    channel: str
    handed_over_at: datetime
    proof: str


class MessageDeferred(Fact, topic="notifications.messages"):
    """It could not be handed over; it is tried again at an instant."""

    message_id: str
    reason: str
    again_at: datetime


class MessageExtended(Fact, topic="notifications.messages"):
    """Another item was put into a digest that is not sent yet."""

    message_id: str


class MessageFailed(Fact, topic="notifications.messages"):
    """Given up after several tries."""

    message_id: str
    reason: str


class MessageRead(Fact, topic="notifications.messages"):
    """The user has seen it in the application."""

    message_id: str
    read_at: datetime


class CalendarYearLoaded(Fact, topic="notifications.calendars"):
    """The days off and make-up days of a year are known, or were corrected."""

    calendar_id: str
    year: int


class PreferencesChanged(Fact, topic="notifications.preferences"):
    """When a user wants to be left alone, and whether reminders come to him in one daily mail."""

    user_id: str
