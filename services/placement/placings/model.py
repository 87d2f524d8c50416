"""A placing instruction (出单通知) to a panel of insurers, on one accepted proposal.

    Draft ─▶ Issued ─▶ PartlyBound ─▶ Bound
    ends: Bound, Refused, Withdrawn

Issued may go straight to Bound when a sole insurer writes the whole. Withdrawn only before anything is bound.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from chassis.model import Aggregate, Value
from contracts.money import Money
from contracts.shared import LineFamily
from services.placement.gates.insured import Insured
from services.placement.papers.model import Collection
from services.placement.quotes.model import Terms

WHOLE_BP = 10_000


class Status(StrEnum):
    """Where an instruction stands."""

    DRAFT = "draft"
    ISSUED = "issued"
    PARTLY_BOUND = "partly_bound"
    BOUND = "bound"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.DRAFT, Status.ISSUED, Status.WITHDRAWN}),
    Status.ISSUED: frozenset({Status.ISSUED, Status.PARTLY_BOUND, Status.BOUND, Status.REFUSED, Status.WITHDRAWN}),
    Status.PARTLY_BOUND: frozenset({Status.PARTLY_BOUND, Status.BOUND, Status.REFUSED}),
    Status.BOUND: frozenset(),
    Status.REFUSED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}

LIVE = frozenset({Status.DRAFT, Status.ISSUED, Status.PARTLY_BOUND, Status.BOUND})
"""An accepted proposal has at most one instruction in these states."""


class Seat(Value):
    """An insurer of the panel and the share in basis points that it is asked to write.

    `quote_id` is its selected quote; empty for one that follows the leader's terms without a quote of its own.
    """

    insurer_id: str
    insurer_name: str
    share_bp: int
    lead: bool
    quote_id: str = ""


class Instalment(Value):
    """A part of the premium by weight, and the last day on which it is paid in time."""

    due_on: date
    weight: int


class WrittenLine(Value):
    """An insurer's written acceptance of a share in basis points; never changed, a later one takes its place.

    `signed_down` marks a line that was reduced so that all total 100 % (P20).
    """

    insurer_id: str
    share_bp: int
    reference: str
    accepted_on: date
    evidence_id: str
    recorded_by: str
    recorded_at: datetime
    signed_down: bool = False


class RefusedLine(Value):
    """An insurer of the panel that refused, with its reason."""

    insurer_id: str
    reason: str
    recorded_at: datetime


class Instruction(Value):
    """What can be changed in a draft: panel, payment, who serves the policy, until when lines are asked for."""

    panel: tuple[Seat, ...]
    collection: Collection
    instalments: tuple[Instalment, ...]
    owner_id: str
    reply_by_on: date | None = None


class Placing(Aggregate):
    """An instruction with the terms that the client accepted: those of the leading insurer's quote."""

    number: str
    proposal_id: str
    proposal_number: str
    proposal_edition: int
    accepted_at: datetime
    enquiry_id: str
    client_id: str
    project_id: str | None = None
    line_family: LineFamily
    line: str
    line_zh: str
    line_en: str
    insured: tuple[Insured, ...]
    starts_on: date
    ends_on: date
    terms: Terms
    instruction: Instruction
    status: Status = Status.DRAFT
    makers: tuple[str, ...]
    """Everybody who wrote or issued it; none of them may check the policy."""
    issued_at: datetime | None = None
    document_ids: tuple[str, ...] = ()
    lines: tuple[WrittenLine, ...] = ()
    refused: tuple[RefusedLine, ...] = ()
    bound_at: datetime | None = None
    reason: str = ""
    """Why it was refused or withdrawn."""

    @property
    def premium(self) -> Money:
        """The premium for 100 %."""
        return self.terms.premium

    def called(self, language: str) -> str:
        """The line's name."""
        return self.line_en if language == "en" else self.line_zh

    def seat(self, insurer_id: str) -> Seat | None:
        """The insurer's seat on the panel, or None."""
        return next((seat for seat in self.instruction.panel if seat.insurer_id == insurer_id), None)

    def current_lines(self) -> tuple[WrittenLine, ...]:
        """The last written line of each insurer, in the panel's order."""
        last = {line.insurer_id: line for line in self.lines}
        return tuple(last[seat.insurer_id] for seat in self.instruction.panel if seat.insurer_id in last)

    @property
    def lead(self) -> Seat:
        """The seat of the insurer whose terms these are."""
        return next(seat for seat in self.instruction.panel if seat.lead)

    def led(self) -> bool:
        """Whether the insurer whose terms these are has written a line."""
        return any(line.insurer_id == self.lead.insurer_id for line in self.lines)

    def total_bp(self) -> int:
        """What the written lines total, in basis points."""
        return sum(line.share_bp for line in self.current_lines())

    def unsettled(self) -> tuple[Seat, ...]:
        """The seats whose insurer has neither written a line nor refused."""
        settled = {line.insurer_id for line in self.lines} | {refused.insurer_id for refused in self.refused}
        return tuple(seat for seat in self.instruction.panel if seat.insurer_id not in settled)

    def premium_parts(self) -> tuple[Money, ...]:
        """The premium by the written lines, in their order; the parts add up to the whole."""
        return tuple(self.premium.split([line.share_bp for line in self.current_lines()]))
