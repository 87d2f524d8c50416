"""Cover confirmations over HTTP."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from chassis.http import Body, View
from contracts.shared import LineFamily
from services.placement.confirmations.model import Condition, Status
from services.placement.letterhead.actions import Language

Id = Annotated[str, Field(min_length=1, max_length=64)]


class DraftConfirmation(Body):
    """The placing whose cover is to be confirmed."""

    placing_id: Id


class IssueConfirmation(Body):
    """Which conditions are met, by their number in the list (from 0), and in which languages the paper is made."""

    met: Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=50)] = []
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=2)] = ("zh",)


class DeliverConfirmation(Body):
    """When the client got it, and its receipt."""

    delivered_at: AwareDatetime
    evidence_id: Id


class ConfirmationView(View):
    """A cover confirmation with the conditions that it lists."""

    id: str
    version: int
    branch: str
    number: str
    placing_id: str
    policy_id: str
    client_id: str
    project_id: str | None
    line_family: LineFamily
    status: Status
    author_id: str
    conditions: list[Condition]
    document_ids: list[str]
    issued_at: datetime | None
    delivered_at: datetime | None
    evidence_id: str
