"""A quote (报价): what one insurer answers to a market enquiry.

    Requested ─▶ Acknowledged ─▶ Quoted ⇄ Clarifying
        └──────────────▶────────────┘
    Quoted ─▶ Shortlisted ─▶ Selected ─▶ Bound
    ends: Declined, NoResponse, Expired, Rejected, NotTakenUp, Bound

An amended enquiry puts a quote on the older edition back to Clarifying: its terms must be given again. Expired is an
end with one exception: a client's decision that was made in time, and reached the broker after the expiry was noted,
still selects the quote.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from chassis.model import Aggregate, Value
from contracts.money import Money
from contracts.shared import LineFamily
from services.placement.clauses.model import ClauseUsed
from services.placement.enquiries.model import Deductible, Limit

Name = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=2000)]
Said = Annotated[str, Field(min_length=1, max_length=2000)]


class Status(StrEnum):
    """Where a quote stands."""

    REQUESTED = "requested"
    ACKNOWLEDGED = "acknowledged"
    QUOTED = "quoted"
    CLARIFYING = "clarifying"
    SHORTLISTED = "shortlisted"
    SELECTED = "selected"
    BOUND = "bound"
    DECLINED = "declined"
    NO_RESPONSE = "no_response"
    EXPIRED = "expired"
    REJECTED = "rejected"
    NOT_TAKEN_UP = "not_taken_up"


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.REQUESTED: frozenset(
        {Status.REQUESTED, Status.ACKNOWLEDGED, Status.QUOTED, Status.DECLINED, Status.NO_RESPONSE}
    ),
    Status.ACKNOWLEDGED: frozenset({Status.ACKNOWLEDGED, Status.QUOTED, Status.DECLINED, Status.NO_RESPONSE}),
    Status.QUOTED: frozenset({Status.QUOTED, Status.CLARIFYING, Status.SHORTLISTED, Status.EXPIRED}),
    Status.CLARIFYING: frozenset({Status.CLARIFYING, Status.QUOTED, Status.EXPIRED}),
    Status.SHORTLISTED: frozenset({Status.SELECTED, Status.REJECTED, Status.EXPIRED}),
    Status.SELECTED: frozenset({Status.BOUND, Status.NOT_TAKEN_UP}),
    Status.EXPIRED: frozenset({Status.SELECTED}),
    Status.BOUND: frozenset(),
    Status.DECLINED: frozenset(),
    Status.NO_RESPONSE: frozenset(),
    Status.REJECTED: frozenset(),
    Status.NOT_TAKEN_UP: frozenset(),
}

UNANSWERED = frozenset({Status.REQUESTED, Status.ACKNOWLEDGED})
ASKABLE = frozenset({Status.REQUESTED, Status.ACKNOWLEDGED, Status.QUOTED, Status.CLARIFYING})
"""Those that an amendment of the enquiry reaches; an insurer whose quote has ended is asked anew."""
ON_VALIDITY = frozenset({Status.QUOTED, Status.CLARIFYING, Status.SHORTLISTED})
"""Those whose terms lapse with their validity."""
COMPARED = ON_VALIDITY | {Status.SELECTED, Status.BOUND, Status.REJECTED, Status.NOT_TAKEN_UP}


class Clause(ClauseUsed):
    """A clause of an offer; `restrictive` when the broker flagged it as narrowing the cover (SD-15)."""

    restrictive: bool = False


class NamedClause(Value):
    """A clause of the library that an offer names: in an edition (None: the newest), flagged as restrictive or not."""

    clause_id: str
    edition: int | None
    restrictive: bool


class Scheme(Value):
    """What the client asked for, as far as an offer can fall short of it."""

    limits: tuple[Limit, ...] = ()
    deductible: Deductible | None = None
    clauses: tuple[ClauseUsed, ...] = ()
    currency: str = "CNY"


class Subjectivity(Value):
    """A condition that the insurer attaches (附加条件), to be met before or after binding; `due_on` if set."""

    text: Said
    before_binding: bool
    due_on: date | None = None


class RestrictionKind(StrEnum):
    """Why a condition was flagged."""

    CLAUSE = "clause"
    EXCLUSION = "exclusion"
    WARRANTY = "warranty"
    SUBJECTIVITY = "subjectivity"


class Restriction(Value):
    """A restrictive condition that the client must be told of (SD-15); `text_en` is empty where it has no English."""

    kind: RestrictionKind
    text: str
    text_en: str = ""


class ShortfallKind(StrEnum):
    """In what an offer stays behind the scheme."""

    LIMIT = "limit"
    DEDUCTIBLE = "deductible"
    DEDUCTIBLE_RATE = "deductible_rate"
    CLAUSE = "clause"


class Shortfall(Value):
    """Where an offer stays behind what was asked for (P11). Rates are in basis points; None is "nothing"."""

    kind: ShortfallKind
    subject: str
    subject_en: str = ""
    requested: Money | int | str | None
    offered: Money | int | str | None


class Standing(Value):
    """What the broker knows of the insurer beyond its price, with the source (SD-14, dimensions 4 to 8).

    `solvency_bp` is the comprehensive solvency ratio in basis points (22850 is 228.50 %); scores go from 1 to 5;
    `payment_days` are natural days from agreement to payment.
    """

    solvency_bp: int
    solvency_as_of_on: date
    claims_authority: Money
    service_promise: Text
    service_score: int
    adjusters_note: Text = ""
    adjusters_score: int
    payment_days: int
    source: Said
    evidence_id: str = ""


class Offered(Value):
    """What an insurer offers. `rate_ppm` is parts per million of the sum insured; validity is inclusive."""

    premium: Money
    rate_ppm: int | None = None
    limits: tuple[Limit, ...]
    deductible: Deductible
    clauses: tuple[Clause, ...] = ()
    subjectivities: tuple[Subjectivity, ...] = ()
    valid_until_on: date
    evidence_id: str


class Terms(Offered):
    """One revision of an insurer's offer; it never changes. `edition` is that of the enquiry which it answers."""

    revision: int
    edition: int
    recorded_by: str
    recorded_at: datetime
    restrictions: tuple[Restriction, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()


class Quote(Aggregate):
    """An insurer's answer to an enquiry. `edition` is the enquiry's that the insurer was sent last."""

    enquiry_id: str
    client_id: str
    project_id: str | None = None
    line_family: LineFamily
    insurer_id: str
    insurer_name: str
    edition: int
    sent_at: datetime
    closes_at: datetime
    """The last instant at which terms are in time."""
    status: Status = Status.REQUESTED
    acknowledged_at: datetime | None = None
    terms: Terms | None = None
    earlier: tuple[Terms, ...] = ()
    """Revisions before the present one, oldest first."""
    standing: Standing | None = None
    question: str = ""
    """What the insurer was last asked to clarify."""
    verified_by: str = ""
    verified_at: datetime | None = None
    reason: str = ""
    """Why it was declined or not taken up."""
    proposal_id: str = ""
    """The proposal whose acceptance selected it."""
    share_bp: int | None = None
    """The bound share."""

    @property
    def awaited(self) -> bool:
        """Whether the edition sent last is not answered yet: nothing came, or only terms on an older edition."""
        outdated = self.terms is not None and self.terms.edition < self.edition
        return self.status in UNANSWERED or (self.status is Status.CLARIFYING and outdated)


@dataclass(frozen=True, slots=True)
class Outline:
    """A quote as a list shows it, spelt as it is kept; `restrictive`: how many restrictive conditions it has."""

    id: str
    version: int
    branch: str
    enquiry_id: str
    insurer_id: str
    insurer_name: str
    status: str
    closes_at: datetime
    premium: dict[str, Any] | None
    valid_until_on: str | None
    restrictive: int
