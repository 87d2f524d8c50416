"""Market enquiries (询价书): drafted, reviewed, consented to, issued to insurers, amended, closed.

drafting ⇄ internal_review ──▶ client_consent ──▶ ready ──▶ issued ──(amended)──▶ issued ──▶ closed ──▶ converted
                                                                                               └──▶ failed
any of them before converted ──▶ withdrawn
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chassis.model import Aggregate, Value
from contracts.money import Money
from contracts.shared import LineFamily
from services.placement.authority.model import Tier
from services.placement.clauses.model import ClauseUsed
from services.placement.gates.insured import Insured

MOST_WORDS = 4000
MOST_INSURED = 50
MOST_SITUATIONS = 200
Short = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[str, Field(max_length=MOST_WORDS)]


class Status(StrEnum):
    """How far an enquiry has come."""

    DRAFTING = "drafting"
    INTERNAL_REVIEW = "internal_review"
    CLIENT_CONSENT = "client_consent"
    READY = "ready"
    ISSUED = "issued"
    CLOSED = "closed"
    CONVERTED = "converted"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


MOVES: dict[Status, frozenset[Status]] = {
    Status.DRAFTING: frozenset({Status.DRAFTING, Status.INTERNAL_REVIEW, Status.WITHDRAWN}),
    Status.INTERNAL_REVIEW: frozenset({Status.DRAFTING, Status.CLIENT_CONSENT, Status.WITHDRAWN}),
    Status.CLIENT_CONSENT: frozenset({Status.READY, Status.WITHDRAWN}),
    Status.READY: frozenset({Status.ISSUED, Status.WITHDRAWN}),
    Status.ISSUED: frozenset({Status.ISSUED, Status.CLOSED, Status.WITHDRAWN}),
    Status.CLOSED: frozenset({Status.CONVERTED, Status.FAILED, Status.WITHDRAWN}),
    Status.CONVERTED: frozenset(),
    Status.FAILED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}
COUNTED = [status for status in Status if status not in (Status.DRAFTING, Status.FAILED, Status.WITHDRAWN)]
"""Enquiries whose premium counts for the tier of another one in the same project."""


class CloseReason(StrEnum):
    """Why an enquiry closed."""

    CLOSING_TIME = "closing_time"
    ALL_ANSWERED = "all_answered"


class Limit(Value):
    """A sum insured or limit that is asked for, by the interest that it stands for."""

    subject: Short
    amount: Money


class Deductible(Value):
    """What the insured is ready to bear of each loss: an amount, basis points of the loss, or the higher of both."""

    amount: Money | None = None
    rate_bp: Annotated[int, Field(ge=0, le=10_000)] | None = None
    note: Words = ""


class Told(Value):
    """A question and its answer, as the client gave it, in both languages."""

    zh: Short
    en: Short
    answer_zh: Words
    answer_en: Words


class Risk(Value):
    """What is to be insured, where, from when to when (last day of cover), for how much."""

    insured: Annotated[list[Insured], Field(max_length=MOST_INSURED)] = []
    business: Words = ""
    situation: Annotated[list[Short], Field(max_length=MOST_SITUATIONS)] = []
    starts_on: date | None = None
    ends_on: date | None = None
    limits: Annotated[list[Limit], Field(max_length=100)] = []
    deductible: Deductible | None = None
    told: Annotated[list[Told], Field(max_length=300)] = []
    notes: Words = ""


class Information(Value):
    """What insurers need to judge the risk, true and complete (Art 47)."""

    told: Annotated[list[Told], Field(max_length=300)] = []
    notes: Words = ""


class Security(Value):
    """What is asked of insurers: the least comprehensive solvency ratio in basis points, co-insurance or not."""

    minimum_solvency_bp: Annotated[int, Field(ge=0, le=100_000)] | None = None
    co_insurance: bool = True
    told: Annotated[list[Told], Field(max_length=300)] = []
    notes: Words = ""


class Subscription(Value):
    """How terms are to be given: for how many natural days a quote is to be valid, how shares are written."""

    valid_days: Annotated[int, Field(ge=1, le=365)] | None = None
    notes: Words = ""
    told: Annotated[list[Told], Field(max_length=300)] = []


class Fiscal(Value):
    """In which currency, and how the premium is to be paid."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"
    payment: Words = ""
    told: Annotated[list[Told], Field(max_length=300)] = []


class Remuneration(Value):
    """How the broker is paid: brokerage in basis points of the premium where it is named, and the statement on it."""

    brokerage_bp: Annotated[int, Field(ge=0, le=10_000)] | None = None
    statement: Words = ""
    told: Annotated[list[Told], Field(max_length=300)] = []


class Content(Value):
    """What an edition of an enquiry says."""

    risk: Risk = Risk()
    information: Information = Information()
    security: Security = Security()
    subscription: Subscription = Subscription()
    fiscal: Fiscal = Fiscal()
    remuneration: Remuneration = Remuneration()
    clauses: list[ClauseUsed] = []
    schedule_ids: list[str] = []


class Consent(Value):
    """The client's written consent: who signed, when, and the file that shows it."""

    contact_id: str
    consented_at: datetime
    file_id: str
    recorded_by: str


class Review(Value):
    """The decision of the tier."""

    reviewer_id: str
    tier: Tier
    decided_at: datetime
    approved: bool
    reason: str = ""


class Counted(Value):
    """The amount in yuan that chose the tier, and the recorded exchange rates by which foreign premiums counted."""

    amount: Money
    rate_ids: list[str] = []


class Edition(Value):
    """An edition as it was issued; it never changes. `changes` tell what differs from the one before."""

    number: int
    content: Content
    insurer_ids: list[str]
    closes_at: datetime
    issued_at: datetime
    issued_by: str
    document_id: str
    consent: Consent
    changes: list[str] = []


class Amendment(Value):
    """What an amendment makes of an enquiry; the closing instant stays where none is named."""

    content: Content
    changes: list[str]
    closes_at: datetime | None = None
    consent: Consent | None = None


class Enquiry(Aggregate):
    """A market enquiry. `makers` wrote in it and never review it; `handler_id` is the broker who answers for it.

    `counted` chose the tier: its premium with those of the same client and project.
    """

    number: str
    client_id: str
    project_id: str | None
    questionnaire_id: str
    line: str
    line_family: LineFamily
    line_zh: str
    line_en: str
    handler_id: str
    makers: list[str]
    content: Content
    premium_estimate: Money | None = None
    status: Status = Status.DRAFTING
    tier: Tier | None = None
    counted: Counted | None = None
    reviews: list[Review] = []
    consent: Consent | None = None
    edition: int = 0
    editions: list[Edition] = []
    insurer_ids: list[str] = []
    closes_at: datetime | None = None
    close_reason: CloseReason | None = None
    proposal_id: str | None = None
    given_up_for: str = ""

    @property
    def starts_on(self) -> date | None:
        """First day of cover asked for."""
        return self.content.risk.starts_on

    @property
    def ends_on(self) -> date | None:
        """Last day of cover asked for."""
        return self.content.risk.ends_on

    def called(self, language: str) -> str:
        """The line's name."""
        return self.line_en if language == "en" else self.line_zh
