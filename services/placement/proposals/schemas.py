"""Proposals over HTTP."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from chassis.http import Body, View
from contracts.money import Money
from contracts.shared import LineFamily
from services.placement.authority.model import Tier
from services.placement.gates.insured import Insured
from services.placement.letterhead.actions import Language
from services.placement.proposals.model import Acceptance, Advice, Offer, RecommendedLine, Status
from services.placement.quotes.comparison import Comparison
from services.placement.quotes.model import Said, Scheme

Id = Annotated[str, Field(min_length=1, max_length=64)]
Prose = Annotated[str, Field(max_length=4000)]
Languages = Annotated[tuple[Language, ...], Field(min_length=1, max_length=2)]


class DraftProposal(Body):
    """The enquiry whose shortlisted quotes are put before the client."""

    enquiry_id: Id


class ChangeProposal(Body):
    """What changes in a draft; what is left out stays. `quote_ids` choose which shortlisted quotes are shown."""

    quote_ids: Annotated[list[Id], Field(min_length=1, max_length=50)] | None = None
    recommendation: Annotated[tuple[RecommendedLine, ...], Field(max_length=50)] = ()
    reasons: Annotated[tuple[Prose, ...], Field(max_length=20)] = ()
    shortfall_advice: Prose = ""
    related_parties: Prose = ""
    remuneration: Prose = ""
    suitability: Prose = ""

    def advice(self, before: Advice) -> Advice:
        """The advice with what was sent."""
        sent = {name: getattr(self, name) for name in Advice.model_fields if name in self.model_fields_set}
        return before.but(**sent)


class ReturnProposal(Body):
    """Why the reviewer sends it back."""

    reason: Said


class SendProposal(Body):
    """Until when (inclusive) the client may answer, and in which languages the paper is made."""

    answer_until_on: date
    languages: Languages = ("zh",)


class DiscussProposal(Body):
    """What the client asked, or what it was told."""

    note: Said


class AcceptProposal(Body):
    """The client's written acceptance. `decided_at` is when the client decided, not when this is recorded."""

    edition: Annotated[int, Field(ge=1)]
    quote_ids: Annotated[tuple[Id, ...], Field(max_length=50)] = Field(
        description="The quotes chosen, the leader's first"
    )
    contact_id: Id
    decided_at: AwareDatetime
    disclosure_statement: Prose = ""
    exclusions_explained: bool = False
    evidence_id: Id

    def acceptance(self) -> Acceptance:
        """The value that is kept."""
        return Acceptance(**{name: getattr(self, name) for name in Acceptance.model_fields})


class DeclineProposal(Body):
    """Why the client says no."""

    reason: Said


class ProposalView(View):
    """One edition of a proposal, with the comparison as it was when it was drafted."""

    id: str
    version: int
    branch: str
    number: str
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
    edition: int
    status: Status
    author_id: str
    scheme: Scheme
    offers: list[Offer]
    comparison: Comparison
    advice: Advice
    premium: Money
    tier: Tier | None
    reviewer_id: str
    remark: str
    sent_at: datetime | None
    answer_until_on: date | None
    document_ids: list[str]
    acceptance: Acceptance | None
    superseded_by: str


class ProposalLine(View):
    """A proposal in a list."""

    id: str
    version: int
    branch: str
    number: str
    enquiry_id: str
    client_id: str
    line_zh: str
    line_en: str
    edition: int
    status: Status
    premium: Money
    tier: Tier | None
    answer_until_on: date | None
