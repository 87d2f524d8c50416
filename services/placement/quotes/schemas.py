"""Quotes over HTTP."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from chassis.http import Body, View
from contracts.money import Money
from contracts.shared import LineFamily
from services.placement.clauses.model import ClauseKind, Words
from services.placement.enquiries.model import Deductible, Limit
from services.placement.quotes.comparison import Column, Row, Silent
from services.placement.quotes.model import (
    Clause,
    Name,
    NamedClause,
    Offered,
    Said,
    Standing,
    Status,
    Subjectivity,
    Terms,
    Text,
)

Id = Annotated[str, Field(min_length=1, max_length=64)]


class OfferedClause(Body):
    """A clause of an offer: one of the library by `clause_id` (and edition), or its own kind and words."""

    clause_id: Id | None = None
    edition: Annotated[int, Field(ge=1)] | None = None
    code: Annotated[str, Field(max_length=40)] = ""
    kind: ClauseKind | None = None
    words: Words | None = None
    restrictive: bool = Field(default=False, description="It narrows the cover; the client will be told (SD-15)")

    @model_validator(mode="after")
    def _either(self) -> Self:
        own = self.kind is not None and self.words is not None
        if own == (self.clause_id is not None):
            raise ValueError("name a clause of the library, or give kind and words")
        return self

    def told(self) -> Clause | NamedClause:
        """The clause for the action."""
        if self.clause_id is not None:
            return NamedClause(clause_id=self.clause_id, edition=self.edition, restrictive=self.restrictive)
        assert self.kind is not None and self.words is not None
        return Clause(code=self.code, kind=self.kind, words=self.words, restrictive=self.restrictive)


class RecordTerms(Body):
    """What the insurer offers in writing. `evidence_id` is its paper, uploaded before."""

    premium: Money
    rate_ppm: int | None = Field(default=None, description="Premium rate in parts per million of the sum insured")
    limits: Annotated[list[Limit], Field(max_length=200)]
    deductible: Deductible = Deductible()
    clauses: Annotated[list[OfferedClause], Field(max_length=200)] = []
    subjectivities: Annotated[list[Subjectivity], Field(max_length=50)] = []
    valid_until_on: date = Field(description="Last day on which the offer can be accepted")
    evidence_id: Id

    def offered(self) -> Offered:
        """The offer without its clauses."""
        told = {name: getattr(self, name) for name in Offered.model_fields if name != "clauses"}
        return Offered(**told)


class AskClarification(Body):
    """What the insurer is asked."""

    question: Said


class DeclineQuote(Body):
    """Why the insurer declined, in its own words."""

    reason: Said


class RecordStanding(Body):
    """What is known of the insurer beyond its price, and from where (SD-14)."""

    solvency_bp: int = Field(description="Comprehensive solvency ratio in basis points: 22850 is 228.50 %")
    solvency_as_of_on: date
    claims_authority: Money = Field(description="Up to which amount the serving branch settles claims itself")
    service_promise: Text
    service_score: int = Field(description="1 (weak) to 5 (strong)")
    adjusters_note: Text = ""
    adjusters_score: int = Field(description="1 (weak) to 5 (strong)")
    payment_days: int = Field(description="Natural days from agreement to payment, as experienced")
    source: Name
    evidence_id: Annotated[str, Field(max_length=64)] = ""

    def standing(self) -> Standing:
        """The value that is kept."""
        return Standing(**{name: getattr(self, name) for name in Standing.model_fields})


class VerifyQuote(Body):
    """The revision that was compared with the insurer's paper."""

    revision: Annotated[int, Field(ge=1)]


class LeaveQuote(Body):
    """Why the client does not take the selected quote up."""

    reason: Said


class QuoteView(View):
    """A quote with all its revisions, its restrictive conditions and its shortfalls."""

    id: str
    version: int
    branch: str
    enquiry_id: str
    client_id: str
    project_id: str | None
    line_family: LineFamily
    insurer_id: str
    insurer_name: str
    edition: int
    sent_at: datetime
    closes_at: datetime
    status: Status
    acknowledged_at: datetime | None
    terms: Terms | None
    earlier: list[Terms]
    standing: Standing | None
    question: str
    verified_by: str
    verified_at: datetime | None
    reason: str
    proposal_id: str
    share_bp: int | None


class QuoteLine(View):
    """A quote in a list."""

    id: str
    version: int
    branch: str
    enquiry_id: str
    insurer_id: str
    insurer_name: str
    status: Status
    closes_at: datetime
    premium: Money | None = None
    valid_until_on: date | None = None
    restrictive: int = 0


class ComparisonView(View):
    """The matrix of all offers of an enquiry: eight dimensions, best values marked, restrictive conditions flagged.

    `silent` are those who declined, did not answer or lapsed; `pending` those who may still answer.
    """

    id: str
    columns: list[Column]
    rows: list[Row]
    silent: list[Silent]
    pending: list[str]
