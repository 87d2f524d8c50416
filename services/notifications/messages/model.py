"""Messages to users, clients and insurers.

e-mail:  QUEUED ──▶ SENT          handed over to the mail server, with its answer as proof
           │ ▲
           ▼ │ (resent by hand)
         FAILED                   given up after several tries
in-app:  SENT ──▶ READ
"""

from datetime import datetime
from enum import StrEnum

from chassis.model import Aggregate, Value
from contracts.personal import EmailAddress, Personal, PersonName


class MessageText(Personal):
    """The text of a message: sealed where it is kept, for it may name persons."""

    max_length = 100_000


class Channel(StrEnum):
    """How a message reaches its addressee."""

    IN_APP = "in_app"
    EMAIL = "email"


class Kind(StrEnum):
    """What a message is; the name of its template."""

    REMINDER = "reminder"
    LATE_REMINDER = "late_reminder"
    OVERDUE = "overdue"
    ESCALATION = "escalation"
    DIGEST = "digest"
    DOCUMENT = "document"
    FAILURE = "failure"
    NO_ADDRESS = "no_address"


class Status(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    READ = "read"


MOVES: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.QUEUED, Status.SENT, Status.FAILED}),
    Status.SENT: frozenset({Status.READ}),
    Status.FAILED: frozenset({Status.QUEUED}),
    Status.READ: frozenset(),
}


class Attachment(Value):
    """A file that goes with a mail."""

    file_id: str
    name: str
    media_type: str


class Addressee(Value):
    """Who a message is for: a user, or somebody at a client or an insurer."""

    kind: str
    id: str
    name: PersonName | None = None
    address: EmailAddress | None = None


class Message(Aggregate):
    """A message by one channel to one addressee. All instants are aware UTC."""

    channel: Channel
    kind: Kind
    language: str
    to: Addressee
    subject: str
    text: MessageText
    attachments: tuple[Attachment, ...] = ()
    about_kind: str
    about_id: str
    client_id: str = ""
    owner_id: str = ""
    """The user who hears of it when it cannot be delivered."""
    urgent: bool = False
    items: int = 1
    """How many reminders a digest holds."""
    holds: tuple[str, ...] = ()
    """The messages in the application that a digest repeats."""
    digest_at: datetime | None = None
    """Of a message in the application: when the digest is sent that repeats it."""
    created_at: datetime
    send_after: datetime
    tries: int = 0
    status: Status
    handed_over_at: datetime | None = None
    proof: str = ""
    failure: str = ""
    read_at: datetime | None = None
    traceparent: str = ""
    """Of the work that wrote it: the mail is sent in the same trace."""
