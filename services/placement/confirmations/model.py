"""A cover confirmation (承保确认书): what the client is told once cover is bound.

Draft ─▶ Issued ─▶ Delivered
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from chassis.model import Aggregate, Value
from contracts.shared import LineFamily


class Status(StrEnum):
    """Where a confirmation stands."""

    DRAFT = "draft"
    ISSUED = "issued"
    DELIVERED = "delivered"


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.ISSUED}),
    Status.ISSUED: frozenset({Status.DELIVERED}),
    Status.DELIVERED: frozenset(),
}


class Condition(Value):
    """A subjectivity of the bound terms, and whether it is met."""

    insurer: str
    text: str
    before_binding: bool
    due_on: date | None = None
    met: bool = False


class Confirmation(Aggregate):
    """A confirmation of one placing. `policy_id` is the policy that the binding made."""

    number: str
    placing_id: str
    policy_id: str
    client_id: str
    project_id: str | None = None
    line_family: LineFamily
    status: Status = Status.DRAFT
    author_id: str
    conditions: tuple[Condition, ...] = ()
    document_ids: tuple[str, ...] = ()
    issued_at: datetime | None = None
    delivered_at: datetime | None = None
    evidence_id: str = ""
    """The client's receipt."""
