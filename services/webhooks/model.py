"""Webhooks and what was sent to them.

A webhook: active ⇄ disabled.

A delivery: waiting ─▶ delivered
               │ ▲
               ▼ │ redelivered by hand
             parked
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chassis.model import Aggregate, Value

KEY_OVERLAP = timedelta(hours=24)
"""How long the key before signs beside a new one."""
MOST_KEYS = 5
"""That sign at once; each costs a header of the request some 80 characters."""
GIVEN_UP_AFTER = timedelta(days=3)
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=3)
PING = "baoqiao.webhooks.ping.v1"


class Status(StrEnum):
    """Whether events are sent to it."""

    ACTIVE = "active"
    DISABLED = "disabled"


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.ACTIVE: frozenset({Status.ACTIVE, Status.DISABLED}),
    Status.DISABLED: frozenset({Status.DISABLED, Status.ACTIVE}),
}


class Key(Value):
    """A signing key, its secret sealed. `until_at`: when it stops signing; None for the newest."""

    id: str
    sealed: str
    until_at: datetime | None = None


class Webhook(Aggregate):
    """An HTTPS endpoint outside that is told of facts of its branch and those below it. `facts` are types, or `*`."""

    url: str
    facts: tuple[str, ...]
    note: str = ""
    status: Status = Status.ACTIVE
    keys: tuple[Key, ...]
    made_by: str

    def wants(self, fact: str) -> bool:
        """Whether it is to hear of a fact."""
        return self.status is Status.ACTIVE and (fact in self.facts or "*" in self.facts)

    def signing(self, now: datetime) -> tuple[Key, ...]:
        """The keys that sign now, the newest first."""
        return tuple(key for key in self.keys if key.until_at is None or key.until_at > now)


class DeliveryStatus(StrEnum):
    """What became of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    PARKED = "parked"


class Delivery(Value):
    """One event for one webhook. Those of one aggregate (`subject`) go out by rising `sequence`.

    `told` is what is sent, kept until it was taken.
    """

    id: str
    branch: str
    webhook_id: str
    event_id: str
    fact: str
    subject: str
    sequence: int
    told: dict[str, Any] = {}
    status: DeliveryStatus = DeliveryStatus.WAITING
    made_at: datetime
    begun_at: datetime | None = None
    """When it was tried first; three days later it is given up."""
    next_at: datetime
    tries: int = 0
    answer: str = ""
    """What the endpoint answered last, or why it could not be reached."""
    delivered_at: datetime | None = None
    put_back_by: str | None = None
    """The once-only mark of the command that last put it back, after it was parked."""


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries: it doubles, up to three hours."""
    return min(FIRST_PAUSE * 2 ** min(tries - 1, 20), LONGEST_PAUSE)
