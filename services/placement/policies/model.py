"""A policy (保险单): from bound to its end.

    Bound ─▶ PolicyAwaited ─▶ PolicyReceived ─▶ Checking ─▶ Verified ─▶ InForce ─▶ Expired
    Checking ─▶ Discrepant ─▶ PolicyAwaited (corrected) | Verified, InForce (the client accepts the difference)
    any before the end ─▶ Void

A document that comes before it was chased goes from Bound straight to PolicyReceived. Verified waits for the inception.
Cover runs from inception, not from the paper: whether the policy is on risk is computed from its dates alone.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from chassis.model import Aggregate, Value
from contracts.money import Money
from contracts.shared import LineFamily
from services.placement.enquiries.model import Deductible, Limit
from services.placement.gates.insured import Insured, Sealed
from services.placement.papers.model import Collection
from services.placement.placings.model import Instalment
from services.placement.quotes.model import Clause


class Status(StrEnum):
    """Where a policy stands."""

    BOUND = "bound"
    POLICY_AWAITED = "policy_awaited"
    POLICY_RECEIVED = "policy_received"
    CHECKING = "checking"
    DISCREPANT = "discrepant"
    VERIFIED = "verified"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    VOID = "void"


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.BOUND: frozenset({Status.BOUND, Status.POLICY_AWAITED, Status.POLICY_RECEIVED, Status.VOID}),
    Status.POLICY_AWAITED: frozenset({Status.POLICY_AWAITED, Status.POLICY_RECEIVED, Status.VOID}),
    Status.POLICY_RECEIVED: frozenset({Status.POLICY_RECEIVED, Status.CHECKING, Status.VOID}),
    Status.CHECKING: frozenset({Status.CHECKING, Status.DISCREPANT, Status.VERIFIED, Status.IN_FORCE, Status.VOID}),
    Status.DISCREPANT: frozenset(
        {Status.DISCREPANT, Status.POLICY_AWAITED, Status.VERIFIED, Status.IN_FORCE, Status.VOID}
    ),
    Status.VERIFIED: frozenset({Status.VERIFIED, Status.IN_FORCE, Status.VOID}),
    Status.IN_FORCE: frozenset({Status.IN_FORCE, Status.EXPIRED, Status.VOID}),
    Status.EXPIRED: frozenset(),
    Status.VOID: frozenset(),
}

OPEN = frozenset(status for status in Status if status not in (Status.EXPIRED, Status.VOID))
CHECKED = frozenset({Status.VERIFIED, Status.IN_FORCE})


class PolicyLine(Value):
    """An insurer's share in basis points and its part of the premium."""

    insurer_id: str
    insurer_name: str
    share_bp: int
    lead: bool
    premium: Money


class Cover(Value):
    """What is insured, on which terms: the content of a version. Dates are inclusive business dates."""

    number: str | None = None
    """The policy number; None until the document has come."""
    insured: tuple[Insured, ...]
    lines: tuple[PolicyLine, ...]
    premium: Money
    limits: tuple[Limit, ...]
    deductible: Deductible
    clauses: tuple[Clause, ...]
    conditions: tuple[str, ...]
    """The insurers' subjectivities (特别约定)."""
    starts_on: date
    ends_on: date
    differences: tuple[str, ...] = ()
    """Where the document differs from the accepted proposal, with the client's written consent."""


class Version(Value):
    """The cover as it stands from a business date on; kept for ever, never changed (Y2)."""

    id: str
    policy_id: str
    branch: str
    number: int
    """1 is the cover as bound."""
    effective_on: date
    made_at: datetime
    made_by: str
    cause: str
    """bound, verified, difference_accepted or voided"""
    void: bool = False
    cover: Cover


class PolicyDocument(Value):
    """A document that came from the insurer."""

    file_id: str
    number: str
    received_on: date
    recorded_by: str


class ItemKind(StrEnum):
    """What an item of the checklist compares."""

    INSURED = "insured"
    INSURER = "insurer"
    STARTS_ON = "starts_on"
    ENDS_ON = "ends_on"
    PREMIUM = "premium"
    LIMIT = "limit"
    DEDUCTIBLE = "deductible"
    DEDUCTIBLE_RATE = "deductible_rate"
    CLAUSE = "clause"
    EXCLUSION = "exclusion"
    SPECIAL_CONDITION = "special_condition"
    NOTHING_ELSE = "nothing_else"
    """The document says nothing against the client that the accepted proposal does not."""


class Item(Value):
    """One thing to compare. `key` names it in answers; rates and shares are in basis points."""

    key: str
    kind: ItemKind
    subject: str
    expected: Money | int | str | Sealed | None


class Finding(Value):
    """The checker's answer on one item; what differs has a note of what the document says."""

    key: str
    agrees: bool
    note: str = ""


class Check(Value):
    """One comparison of a document with the accepted proposal, clause by clause (Y3)."""

    checker_id: str
    started_at: datetime
    items: tuple[Item, ...]
    findings: tuple[Finding, ...] = ()
    concluded_at: datetime | None = None

    def differing(self) -> tuple[Item, ...]:
        """The items that differ."""
        keys = {finding.key for finding in self.findings if not finding.agrees}
        return tuple(item for item in self.items if item.key in keys)


class AcceptedDifference(Value):
    """The client's written acceptance of what differs."""

    contact_id: str
    decided_at: datetime
    evidence_id: str


class Mark(Value):
    """That something reached the client on a business date, with its proof."""

    on: date
    evidence_id: str
    recorded_by: str
    recorded_at: datetime


class Policy(Aggregate):
    """A policy of the register; the archive facts of the broker rule, Art 44 (1), are all here (Y1)."""

    placing_id: str
    proposal_id: str
    client_id: str
    project_id: str | None = None
    line_family: LineFamily
    line: str
    line_zh: str
    line_en: str
    cover: Cover
    lead_insurer_id: str
    collection: Collection
    instalments: tuple[Instalment, ...]
    applied_on: date
    """When the placing instruction went out (投保日期)."""
    bound_at: datetime
    owner_id: str
    """Who serves the policy; reminders go to him."""
    placers: tuple[str, ...]
    """Who wrote or issued the instruction; none of them may check the policy (G-06)."""
    status: Status = Status.BOUND
    versions: int = 1
    chased_at: datetime | None = None
    documents: tuple[PolicyDocument, ...] = ()
    checks: tuple[Check, ...] = ()
    accepted_difference: AcceptedDifference | None = None
    delivered: Mark | None = None
    manual: Mark | None = None
    renewal_notice: Mark | None = None
    year_report: Mark | None = None
    reason: str = ""
    """Why it is void."""

    def on_risk(self, on: date) -> bool:
        """Whether cover runs on a business date, with or without the paper. Rule: PLC-095."""
        return self.status is not Status.VOID and self.cover.starts_on <= on <= self.cover.ends_on
