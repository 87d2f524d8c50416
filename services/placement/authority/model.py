"""Authority: tiers, and the matrix that says from which amount on which tier decides.

A matrix: drafted ──(changed)──▶ drafted ──▶ active (for good; a later one takes over on its own first day)
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from chassis.model import Aggregate, Value
from contracts.money import Money
from contracts.shared import LineFamily

ANY_LINE = "*"
Family = LineFamily | Literal["*"]


class Tier(StrEnum):
    """Who decides, from the lowest to the highest; tiers compare by rank."""

    STAFF = "staff"
    SUPERVISOR = "supervisor"
    BRANCH_HEAD = "branch_head"
    GENERAL_MANAGER = "general_manager"

    @property
    def rank(self) -> int:
        """0 for the lowest."""
        return list(Tier).index(self)

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return ("业务人员", "业务主管", "分支机构负责人", "总经理")[self.rank]

    def __lt__(self, other: str) -> bool:
        return self.rank < Tier(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Tier(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Tier(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Tier(other).rank


TIER_OF_ROLE = {
    "AB": Tier.STAFF,
    "AE": Tier.STAFF,
    "AM": Tier.STAFF,
    "SUP": Tier.SUPERVISOR,
    "BM": Tier.BRANCH_HEAD,
    "GM": Tier.GENERAL_MANAGER,
}


class Kind(StrEnum):
    """What amounts a matrix is about."""

    PREMIUM = "premium"
    CLAIM = "claim"
    EXPENSE = "expense"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"premium": "保费", "claim": "理赔", "expense": "费用"}[self.value]


class Row(Value):
    """A tier for amounts above `above` (exclusive; null: from zero on) up to `up_to` (inclusive; null: without end).

    Amounts are in yuan. `line_family` "*" stands for all families that have no rows of their own.
    """

    line_family: Family
    above: Money | None
    up_to: Money | None
    tier: Tier


class Status(StrEnum):
    """Whether a matrix decides."""

    DRAFTED = "drafted"
    ACTIVE = "active"


MOVES: dict[Status, frozenset[Status]] = {
    Status.DRAFTED: frozenset({Status.DRAFTED, Status.ACTIVE}),
    Status.ACTIVE: frozenset(),
}


class Matrix(Aggregate):
    """An authority matrix; it decides from `from_on` on, until the day on which a later one begins."""

    kind: Kind
    rows: list[Row]
    note: str = ""
    status: Status = Status.DRAFTED
    maker_id: str
    checker_id: str | None = None
    from_on: date | None = None
    activated_at: datetime | None = None
