"""Policies: from bound to the end."""

from datetime import date, datetime

from ..facts import Fact, Part
from ..money import Money
from ..shared import LineFamily


class Line(Part):
    """An insurer's share of a policy, in basis points, and its part of the premium."""

    insurer_id: str
    insurer_name: str
    share_bp: int
    lead: bool
    premium: Money


class InstalmentPlan(Part):
    """When and how the premium is due: equal parts, or parts by weight; dates are business dates."""

    due_on: list[date]
    weights: list[int]


class PolicyBound(Fact, topic="placement.policies"):
    """Cover is placed. `collection` says who collects: broker (client account) or insurer (F4)."""

    policy_id: str
    placing_id: str
    client_id: str
    project_id: str | None
    line_family: LineFamily
    line: str
    insured_name: str | None
    """A company's name; null for a natural person."""
    lines: list[Line]
    premium: Money
    collection: str
    instalments: InstalmentPlan
    starts_on: date
    ends_on: date
    """Last day of cover."""
    bound_at: datetime
    owner_id: str
    """The user who serves the policy; reminders go to him."""
    policy_due_on: date | None = None
    """When the insurer is to have issued it, by the cooperation agreement."""
    issue_days: int | None = None
    """Working days within which the leading insurer issues it, by its cooperation agreement."""


class PolicyIssueChased(Fact, topic="placement.policies"):
    """The insurer was asked for the policy document."""

    policy_id: str
    client_id: str


class PolicyReceived(Fact, topic="placement.policies"):
    """The document arrived, with its number."""

    policy_id: str
    client_id: str
    number: str


class PolicyCheckStarted(Fact, topic="placement.policies"):
    """Somebody other than the placer compares it with the accepted proposal."""

    policy_id: str
    checker_id: str


class PolicyDiscrepancyFound(Fact, topic="placement.policies"):
    """It differs; sent back to the insurer."""

    policy_id: str
    client_id: str
    items: list[str]


class PolicyVerified(Fact, topic="placement.policies"):
    """Everything agrees, or the client accepted the difference in writing."""

    policy_id: str
    client_id: str
    checker_id: str


class PolicyInForce(Fact, topic="placement.policies"):
    """Checked and past inception."""

    policy_id: str
    client_id: str
    number: str
    starts_on: date
    ends_on: date


class PolicyDelivered(Fact, topic="placement.policies"):
    """The client signed for the document."""

    policy_id: str
    client_id: str
    delivered_on: date


class InsuranceManualDelivered(Fact, topic="placement.policies"):
    """The client has the insurance manual (SD-04)."""

    policy_id: str
    client_id: str
    delivered_on: date


class RenewalNoticeSent(Fact, topic="placement.policies"):
    """The client was told of the coming expiry (SD-02)."""

    policy_id: str
    client_id: str
    sent_on: date


class PolicyYearReportSent(Fact, topic="placement.policies"):
    """The client has the report on the year (SD-03)."""

    policy_id: str
    client_id: str
    sent_on: date


class PolicyExpired(Fact, topic="placement.policies"):
    """The last day of cover is over."""

    policy_id: str
    client_id: str


class PolicyVoided(Fact, topic="placement.policies"):
    """Never on risk, or rescinded."""

    policy_id: str
    client_id: str
    reason: str
