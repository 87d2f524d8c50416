"""A proposal (保险建议书): one edition of the broker's advice to the client.

    Draft ⇄ InternalReview ─▶ Approved ─▶ Sent ⇄ Discussing
    Sent ─▶ Accepted | Declined | Expired | Superseded

Each edition is a proposal of its own; making the next one supersedes the one before, also one that is approved and not
yet sent, or one that expired unanswered. Expired is an end with one exception: an acceptance that the client decided in
time and that reached the broker after the expiry was noted.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chassis.model import Aggregate, Value
from contracts.money import Money
from contracts.shared import LineFamily
from services.placement.authority.model import Tier
from services.placement.gates.insured import Insured
from services.placement.quotes.comparison import Comparison
from services.placement.quotes.model import Scheme, Terms


class Status(StrEnum):
    """Where a proposal stands."""

    DRAFT = "draft"
    INTERNAL_REVIEW = "internal_review"
    APPROVED = "approved"
    SENT = "sent"
    DISCUSSING = "discussing"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.DRAFT, Status.INTERNAL_REVIEW}),
    Status.INTERNAL_REVIEW: frozenset({Status.DRAFT, Status.APPROVED}),
    Status.APPROVED: frozenset({Status.SENT, Status.SUPERSEDED}),
    Status.SENT: frozenset({Status.DISCUSSING, Status.ACCEPTED, Status.DECLINED, Status.EXPIRED, Status.SUPERSEDED}),
    Status.DISCUSSING: frozenset({Status.SENT, Status.DECLINED, Status.EXPIRED, Status.SUPERSEDED}),
    Status.EXPIRED: frozenset({Status.ACCEPTED, Status.SUPERSEDED}),
    Status.ACCEPTED: frozenset(),
    Status.DECLINED: frozenset(),
    Status.SUPERSEDED: frozenset(),
}

WITH_THE_CLIENT = frozenset({Status.SENT, Status.DISCUSSING})


class Offer(Value):
    """A shortlisted quote as the proposal shows it; its terms are those of the moment of drafting."""

    quote_id: str
    insurer_id: str
    insurer_name: str
    terms: Terms


class RecommendedLine(Value):
    """A quote that is recommended with its share in basis points (10,000 for a sole insurer)."""

    quote_id: Annotated[str, Field(max_length=64)]
    share_bp: int
    lead: bool


class Advice(Value):
    """What the author writes. `related_parties` says which links there are, or that there are none (K8)."""

    recommendation: tuple[RecommendedLine, ...] = ()
    reasons: tuple[str, ...] = ()
    shortfall_advice: str = ""
    """What the restrictive conditions and shortfalls of the recommended quotes mean for the client."""
    related_parties: str = ""
    remuneration: str = ""
    """How the broker is paid, and by whom."""
    suitability: str = ""
    """Why the cover suits a natural person's needs and means."""


class Acceptance(Value):
    """The client's written acceptance. `quote_ids` name the insurers, the leading one first."""

    edition: int
    quote_ids: tuple[str, ...]
    contact_id: str
    decided_at: datetime
    disclosure_statement: str
    """The client's words that it understood and performed the duty of disclosure (SD-17)."""
    exclusions_explained: bool
    evidence_id: str


class Proposal(Aggregate):
    """One edition. `premium` is the highest that the client can choose; it decides the tier."""

    number: str
    """The same for all editions."""
    enquiry_id: str
    client_id: str
    project_id: str | None = None
    line_family: LineFamily
    line: str
    line_zh: str
    line_en: str
    insured: tuple[Insured, ...] = ()
    starts_on: date
    ends_on: date
    edition: int
    status: Status = Status.DRAFT
    author_id: str
    makers: tuple[str, ...]
    """Everybody who wrote in it; none of them may review it."""
    scheme: Scheme
    offers: tuple[Offer, ...]
    comparison: Comparison
    advice: Advice
    premium: Money
    tier: Tier | None = None
    reviewer_id: str = ""
    remark: str = ""
    """Why the reviewer sent it back, what the client asked, or why it declined."""
    sent_at: datetime | None = None
    answer_until_on: date | None = None
    document_ids: tuple[str, ...] = ()
    acceptance: Acceptance | None = None
    superseded_by: str = ""

    def recommended(self) -> tuple[Offer, ...]:
        """The offers that are recommended."""
        named = {line.quote_id for line in self.advice.recommendation}
        return tuple(offer for offer in self.offers if offer.quote_id in named)

    def called(self, language: str) -> str:
        """The line's name."""
        return self.line_en if language == "en" else self.line_zh

    def offer(self, quote_id: str) -> Offer | None:
        """The offer of a quote, or None."""
        return next((offer for offer in self.offers if offer.quote_id == quote_id), None)
