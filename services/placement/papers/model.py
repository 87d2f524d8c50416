"""What the papers of placement say. Fill one, pass `chassis.papers.data(paper)` with the paper's template to `freeze`.

Texts (labels, answers, clauses, reasons, names of lines and insurers) come in the paper's language; codes are enums and
are worded by the template. Shares are in basis points of 100 %. Dates are business dates; the last day is covered.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Self

from pydantic import model_validator

from chassis.model import Value
from chassis.papers import Correspondent, Entry, Head, Shown, Table
from contracts.money import Money


class SectionKey(StrEnum):
    """The sections of a market enquiry, in their order (P7)."""

    RISK = "risk"
    INFORMATION = "information"
    SECURITY = "security"
    SUBSCRIPTION = "subscription"
    FISCAL = "fiscal"
    REMUNERATION = "remuneration"


class Dimension(StrEnum):
    """What quotes are compared on (SD-14)."""

    PREMIUM = "premium"
    DEDUCTIBLE = "deductible"
    CLAUSES = "clauses"
    SOLVENCY = "solvency"
    CLAIMS_AUTHORITY = "claims_authority"
    SERVICE_PROMISE = "service_promise"
    ADJUSTERS = "adjusters"
    PAYMENT_EFFICIENCY = "payment_efficiency"


class Collection(StrEnum):
    """Who collects the premium: the broker into its client account, or the insurer (F4)."""

    BROKER = "broker"
    INSURER = "insurer"


class Outcome(StrEnum):
    """Why an insurer that was asked has no column in the comparison."""

    DECLINED = "declined"
    NO_RESPONSE = "no_response"
    EXPIRED = "expired"


class Section(Value):
    """One section of an enquiry: entries, then paragraphs, then schedules."""

    key: SectionKey
    entries: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


class ClauseText(Value):
    """A clause as it is asked for, offered or agreed. `text` may be empty when the code says enough."""

    code: str
    title: str
    text: str = ""


class Instalment(Value):
    """A part of the premium and the last day on which it is paid in time."""

    due_on: date
    amount: Money


class Payment(Value):
    """How the premium is paid."""

    collection: Collection
    instalments: tuple[Instalment, ...]


class Subjectivity(Value):
    """A condition to be met, until a date where one was set."""

    text: str
    due_on: date | None = None
    insurer: str = ""
    """Who set it; empty for the whole panel."""
    met: bool = False


class PlacementPaper(Value):
    """What all four papers say: whose risk, which line, which period."""

    head: Head
    line: str
    insured: tuple[str, ...]
    """All insured, the first named one first."""
    starts_on: date
    ends_on: date


class EnquiryPaper(PlacementPaper):
    """Market enquiry (询价书): one edition for all insurers asked; it names none of them to the others."""

    closes_at: datetime
    """Aware; the last instant at which a quote is in time."""
    changes: tuple[str, ...] = ()
    """What differs from the edition before."""
    sections: tuple[Section, ...]
    clauses: tuple[ClauseText, ...] = ()


class Offer(Value):
    """A column of the comparison: one insurer's quote."""

    insurer: str
    premium: Money
    valid_until_on: date
    recommended: bool = False


class Cell(Value):
    """One insurer's value in one dimension. `restrictive` is highlighted (SD-15); `best` is marked."""

    value: Shown
    note: str = ""
    best: bool = False
    restrictive: bool = False


class ComparisonRow(Value):
    """One dimension, with a cell for each offer, in the offers' order."""

    dimension: Dimension
    cells: tuple[Cell, ...]


class Restriction(Value):
    """A restrictive condition that the client must know of (SD-15), with what it means for him."""

    insurer: str
    text: str
    advice: str = ""


class Shortfall(Value):
    """Where an offer stays behind what was asked for (P11)."""

    insurer: str
    subject: str
    requested: Shown
    offered: Shown


class Unanswered(Value):
    """An insurer that was asked and has no valid offer."""

    insurer: str
    outcome: Outcome
    reason: str = ""


class RecommendedLine(Value):
    """An insurer that is recommended, with its share (10000 for a sole insurer) and its part of the premium."""

    insurer: str
    share_bp: int
    lead: bool
    premium: Money


class ProposalPaper(PlacementPaper):
    """Proposal (保险建议书): comparison, advice with reasons, and everything the client must be told before he decides.

    Refuses a comparison that lacks one of the eight dimensions or a cell.
    """

    answer_until_on: date
    requested: tuple[Entry, ...]
    """The scheme that was asked for."""
    offers: tuple[Offer, ...]
    comparison: tuple[ComparisonRow, ...]
    unanswered: tuple[Unanswered, ...] = ()
    recommendation: tuple[RecommendedLine, ...]
    reasons: tuple[str, ...]
    restrictions: tuple[Restriction, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    exclusions: tuple[str, ...] = ()
    """What is not covered and must be explained (保险法 第17条)."""
    related_parties: str
    remuneration: str
    suitability: str = ""
    """For natural persons."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if [row.dimension for row in self.comparison] != list(Dimension):
            raise ValueError("the comparison has the eight dimensions, in their order")
        if any(len(row.cells) != len(self.offers) for row in self.comparison):
            raise ValueError("each dimension has one cell for each offer")
        return self


class PanelLine(Value):
    """An insurer of the panel with its share and its part of the premium."""

    insurer: str
    share_bp: int
    lead: bool
    premium: Money


class PlacingInstructionPaper(PlacementPaper):
    """Placing instruction (出单通知) to one insurer or to the panel, on an accepted edition of a proposal."""

    addressee: str
    """The insurer, or the panel's names."""
    proposal_number: str
    proposal_edition: int
    accepted_on: date
    panel: tuple[PanelLine, ...]
    premium: Money
    payment: Payment
    terms: tuple[Entry, ...]
    clauses: tuple[ClauseText, ...] = ()
    subjectivities: tuple[Subjectivity, ...] = ()
    reply_by_on: date | None = None
    """Until when the insurer's written line is asked for."""
    policy_due_on: date | None = None


class BoundLine(PanelLine):
    """A share that is bound: the insurer's reference and the day of its written acceptance."""

    reference: str = ""
    accepted_on: date


class CoverConfirmationPaper(PlacementPaper):
    """Cover confirmation (承保确认书) to the client: refuses shares that do not total exactly 100 %."""

    instruction_number: str
    lines: tuple[BoundLine, ...]
    premium: Money
    payment: Payment
    terms: tuple[Entry, ...]
    clauses: tuple[ClauseText, ...] = ()
    subjectivities: tuple[Subjectivity, ...] = ()
    claims_contact: Correspondent

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(line.share_bp for line in self.lines) != 10_000:
            raise ValueError("the bound shares total exactly 100 %")
        return self
