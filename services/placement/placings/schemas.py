"""Placing instructions over HTTP. Shares are in basis points of 100 %."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from chassis.http import Body, View
from contracts.money import Money
from contracts.shared import LineFamily
from services.placement.gates.insured import Insured
from services.placement.letterhead.actions import Language
from services.placement.papers.model import Collection
from services.placement.placings.model import (
    Instruction,
    Placing,
    RefusedLine,
    Status,
    WrittenLine,
)
from services.placement.quotes.model import Said, Terms

Id = Annotated[str, Field(min_length=1, max_length=64)]
ShareBp = Annotated[int, Field(ge=0, le=10_000, description="Basis points: 6000 is 60 %")]


class PanelSeat(Body):
    """An insurer that is asked to write a share."""

    insurer_id: Id
    share_bp: ShareBp
    lead: bool = False


class PlanPart(Body):
    """A part of the premium: until when it is paid in time, and its weight among all parts."""

    due_on: date
    weight: Annotated[int, Field(ge=1, le=1_000_000)] = 1


Panel = Annotated[list[PanelSeat], Field(min_length=1, max_length=50)]
Plan = Annotated[list[PlanPart], Field(min_length=1, max_length=60)]


class DraftPlacing(Body):
    """An instruction on an accepted proposal. `owner_id` serves the policy later; the caller if left out."""

    proposal_id: Id
    panel: Panel
    collection: Collection
    instalments: Plan
    owner_id: Id | None = None
    reply_by_on: date | None = None


class ChangePlacing(Body):
    """What changes in a draft; what is left out stays. The panel and the plan are replaced as a whole."""

    panel: Panel = []
    collection: Collection = Collection.BROKER
    instalments: Plan = []
    owner_id: Id = ""
    reply_by_on: date | None = None


class IssuePlacing(Body):
    """In which languages the paper is made."""

    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=2)] = ("zh",)


class RecordLine(Body):
    """An insurer's written acceptance of a share; `evidence_id` is its paper."""

    insurer_id: Id
    share_bp: ShareBp
    reference: Annotated[str, Field(min_length=1, max_length=100)]
    accepted_on: date
    evidence_id: Id


class RefuseLine(Body):
    """An insurer of the panel refuses, in its own words."""

    insurer_id: Id
    reason: Said


class SignedShare(Body):
    """An insurer's share after signing down."""

    insurer_id: Id
    share_bp: ShareBp


class SignDown(Body):
    """The signed share of every insurer that wrote a line, with the insurers' agreement."""

    shares: Annotated[list[SignedShare], Field(min_length=1, max_length=50)]
    evidence_id: Id


class GiveReason(Body):
    """Why it is refused or withdrawn."""

    reason: Said


class PlacingView(View):
    """An instruction, the lines written so far, and what they total."""

    id: str
    version: int
    branch: str
    number: str
    proposal_id: str
    proposal_edition: int
    enquiry_id: str
    client_id: str
    project_id: str | None
    line_family: LineFamily
    line: str
    line_zh: str
    line_en: str
    insured: list[Insured]
    starts_on: date
    ends_on: date
    terms: Terms
    instruction: Instruction
    premium: Money
    status: Status
    makers: list[str]
    issued_at: datetime | None
    document_ids: list[str]
    lines: list[WrittenLine]
    refused: list[RefusedLine]
    total_bp: int
    bound_at: datetime | None
    reason: str

    @classmethod
    def told(cls, placing: Placing) -> "PlacingView":
        """The view, with the present total."""
        fields = {name: getattr(placing, name) for name in cls.model_fields if name != "total_bp"}
        return cls(**fields, total_bp=placing.total_bp())


class PlacingLine(View):
    """An instruction in a list."""

    id: str
    version: int
    branch: str
    number: str
    proposal_id: str
    client_id: str
    line_zh: str
    line_en: str
    premium: Money
    status: Status
