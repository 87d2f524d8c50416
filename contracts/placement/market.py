"""Insurers, authority, question sets, clauses."""

from datetime import date

from ..facts import Fact, Part
from ..money import Money
from ..shared import LineFamily


class InsurerLicence(Part):
    """What an insurer may write: line families in regions (two-digit province codes, or "*"), until a date."""

    line_families: list[LineFamily]
    regions: list[str]
    until_on: date | None


class InsurerCard(Part):
    """What others need of an insurer."""

    insurer_id: str
    code: str
    name: str
    licences: list[InsurerLicence]
    issue_days: int | None = None
    """Working days within which it issues a policy, by the cooperation agreement."""


class InsurerAdded(Fact, topic="placement.insurers"):
    """An insurer is on the panel."""

    card: InsurerCard


class InsurerChanged(Fact, topic="placement.insurers"):
    """The card is now this."""

    card: InsurerCard


class AuthorityMatrixDrafted(Fact, topic="placement.authority_matrices"):
    """A matrix is being prepared."""

    matrix_id: str
    kind: str


class AuthorityRow(Part):
    """A tier for amounts above `above` (exclusive; null: from zero on) up to `up_to` (inclusive; null: without end)."""

    line_family: str
    """A line family, or "*" for all that have no rows of their own."""
    above: Money | None
    up_to: Money | None
    tier: str
    """staff, supervisor, branch_head or general_manager"""


class AuthorityMatrixActivated(Fact, topic="placement.authority_matrices"):
    """The matrix decides from a date on; it has no hole and no overlap."""

    matrix_id: str
    kind: str
    """premium, claim or expense"""
    from_on: date
    rows: list[AuthorityRow]


class QuestionSetDrafted(Fact, topic="placement.question_sets"):
    """A question set is being written or was changed."""

    question_set_id: str
    line: str


class QuestionSetPublished(Fact, topic="placement.question_sets"):
    """An edition can be sent; it never changes."""

    question_set_id: str
    line: str
    edition: int


class ClauseAdded(Fact, topic="placement.clauses"):
    """A wording is in the library."""

    clause_id: str
    code: str
    kind: str
    """extension, exclusion, condition, warranty or wording"""


class ClauseChanged(Fact, topic="placement.clauses"):
    """A new edition of a wording; earlier uses keep theirs."""

    clause_id: str
    edition: int


class ExchangeRateRecorded(Fact, topic="placement.exchange_rates"):
    """What one unit of a currency is worth in yuan on a date (decimal text), by a named source (G-12)."""

    rate_id: str
    currency: str
    on: date
    rate: str
    source: str


class AuthorityDelegated(Fact, topic="placement.delegations"):
    """A user lent his authority in a branch to another one, from a date until a date, inclusive (G-11)."""

    delegation_id: str
    giver_id: str
    taker_id: str
    branch_id: str
    from_on: date
    until_on: date


class AuthorityDelegationEnded(Fact, topic="placement.delegations"):
    """It has no effect from a date on."""

    delegation_id: str
    ended_on: date
