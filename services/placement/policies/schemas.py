"""Policies over HTTP. Dates are business dates; shares and rates basis points."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from chassis.http import Body, View
from contracts.money import Money
from contracts.shared import LineFamily
from services.placement.gates.insured import Insured
from services.placement.papers.model import Collection
from services.placement.placings.model import Instalment
from services.placement.policies.model import (
    AcceptedDifference,
    Check,
    Cover,
    Finding,
    Mark,
    Policy,
    PolicyDocument,
    Status,
)

Id = Annotated[str, Field(min_length=1, max_length=64)]
Number = Annotated[str, Field(pattern=r"^\S(.{0,58}\S)?$", description="As printed on the document")]


class ReceivePolicy(Body):
    """The document as it came from the insurer, uploaded before, and its number."""

    file_id: Id
    number: Number
    received_on: date


class ItemFinding(Body):
    """The checker's answer on one item of the checklist."""

    key: Annotated[str, Field(min_length=1, max_length=120)]
    agrees: bool
    note: Annotated[str, Field(max_length=2000, description="What the document says, where it differs")] = ""


class ConcludeCheck(Body):
    """An answer for every item of the checklist."""

    findings: Annotated[list[ItemFinding], Field(max_length=2000)]

    def told(self) -> list[Finding]:
        """The values that are kept."""
        return [Finding(**finding.model_dump()) for finding in self.findings]


class AcceptDifference(Body):
    """The client's written acceptance of what differs: who signed, when, its paper."""

    contact_id: Id
    decided_at: AwareDatetime
    evidence_id: Id

    def accepted(self) -> AcceptedDifference:
        """The value that is kept."""
        return AcceptedDifference(**self.model_dump())


class RecordDelivery(Body):
    """The day on which it reached the client, and the proof."""

    on: date
    evidence_id: Id


class VoidPolicy(Body):
    """Why it was never on risk or is rescinded."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class PolicyView(View):
    """A policy with its checks. `on_risk` says whether cover runs today, with or without the paper."""

    id: str
    version: int
    branch: str
    placing_id: str
    proposal_id: str
    client_id: str
    project_id: str | None
    line_family: LineFamily
    line: str
    line_zh: str
    line_en: str
    cover: Cover
    lead_insurer_id: str
    collection: Collection
    instalments: list[Instalment]
    applied_on: date
    bound_at: datetime
    owner_id: str
    placers: list[str]
    status: Status
    on_risk: bool
    versions: int
    chased_at: datetime | None
    documents: list[PolicyDocument]
    checks: list[Check]
    accepted_difference: AcceptedDifference | None
    delivered: Mark | None
    manual: Mark | None
    renewal_notice: Mark | None
    year_report: Mark | None
    reason: str

    @classmethod
    def told(cls, policy: Policy, today: date) -> "PolicyView":
        """The view on a business date."""
        fields = {name: getattr(policy, name) for name in cls.model_fields if name != "on_risk"}
        return cls(**fields, on_risk=policy.on_risk(today))


class PolicyRow(View):
    """A policy in the register: insurers, insured, number, product, premium, period (Art 44)."""

    id: str
    version: int
    branch: str
    client_id: str
    line_family: LineFamily
    line_zh: str
    line_en: str
    number: str | None
    insured: list[Insured]
    insurers: list[str]
    premium: Money
    collection: Collection
    applied_on: date
    starts_on: date
    ends_on: date
    status: Status
    on_risk: bool

    @classmethod
    def told(cls, policy: Policy, today: date) -> "PolicyRow":
        """The row on a business date."""
        cover = policy.cover
        own = {name: getattr(policy, name) for name in cls.model_fields if name in Policy.model_fields}
        of_cover = {name: getattr(cover, name) for name in ("number", "insured", "premium", "starts_on", "ends_on")}
        insurers = [line.insurer_name for line in cover.lines]
        return cls(**own, **of_cover, insurers=insurers, on_risk=policy.on_risk(today))


class VersionView(View):
    """The cover as it stands from a business date on; it never changes."""

    id: str
    policy_id: str
    number: int
    effective_on: date
    made_at: datetime
    made_by: str
    cause: str
    void: bool
    cover: Cover
