"""Work in hand: who asks, what he may see, when, and the once-only key. The same type at every door."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from chassis.clock import business_date
from chassis.database import Database
from chassis.ids import derived_id, new_id
from chassis.spans import OFF, Spans
from contracts.facts import Envelope

Reach = frozenset[str] | None
"""The ids of the branches that the caller may see; None is a door of the system itself (events, jobs), which sees
all."""


@dataclass(frozen=True)
class Actor:
    """Who acts: a user, a service account, or the system (`system:<service>`)."""

    id: str
    name: str
    branch: str = ""
    scopes: frozenset[str] = frozenset()

    def may(self, scope: str) -> bool:
        """Whether a scope was granted in any branch; which branches is the reach's business."""
        return scope in self.scopes


@dataclass
class Answer:
    """What the door adds to the answer: the version for the ETag, and whether this repeats an earlier answer."""

    version: int | None = None
    location: str | None = None
    repeated: bool = False


@dataclass(frozen=True)
class Work:
    """One command, one delivered event or one run of a job.

    `key` is the once-only key (the caller's Idempotency-Key, or the event's id); it commits with the state and the
    event, and
    actions do not know which door was used. `now` is one aware UTC instant for the whole work.
    """

    service: str
    db: Database
    now: datetime
    actor: Actor
    reach: Reach = None
    key: str | None = None
    digest: str = ""
    if_match: int | None = None
    must_match: bool = False
    correlation: str = ""
    traceparent: str = ""
    language: str = "zh"
    event: Envelope | None = None
    session: AsyncClientSession | None = None
    answer: Answer = field(default_factory=Answer)
    spans: Spans = OFF

    @property
    def today(self) -> date:
        """The business date (Asia/Shanghai)."""
        return business_date(self.now)

    def new_id(self, *purpose: str) -> str:
        """An id for a thing that this work makes: the same one when the work is repeated, or a fresh one without a
        key."""
        return derived_id(self.key, *purpose) if self.key else new_id()

    def mark(self) -> str | None:
        """The once-only mark as kept in documents: short, and not the caller's own text."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:24] if self.key else None

    def sees(self, branch: str) -> bool:
        """Whether the caller may see things of this branch."""
        return self.reach is None or branch in self.reach
