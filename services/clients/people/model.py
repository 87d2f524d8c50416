"""Copies of users, employees and delegations, and the tiers that roles stand for."""

from datetime import date
from enum import StrEnum

from chassis.model import Value


class Tier(StrEnum):
    """Tiers of the authority matrix, lowest first; a higher one may decide for a lower one."""

    STAFF = "staff"
    SUPERVISOR = "supervisor"
    BRANCH_HEAD = "branch_head"
    GENERAL_MANAGER = "general_manager"

    @property
    def rank(self) -> int:
        """0 for the lowest."""
        return list(Tier).index(self)


TIER_OF_ROLE = {
    "AB": Tier.STAFF,
    "AE": Tier.STAFF,
    "AM": Tier.STAFF,
    "AD": Tier.STAFF,
    "SUP": Tier.SUPERVISOR,
    "BM": Tier.BRANCH_HEAD,
    "GM": Tier.GENERAL_MANAGER,
}


class Post(Value):
    """Roles in a branch and all below it, from a date on, until a date (inclusive) or for good."""

    branch_id: str
    roles: tuple[str, ...]
    from_on: date
    until_on: date | None = None

    def holds(self, on: date) -> bool:
        """Whether the roles are held on a business date."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)


class User(Value):
    """A user: posts past, present and future; disabled ones cannot act."""

    id: str
    branch: str
    name: str
    enabled: bool = True
    posts: tuple[Post, ...] = ()


class Employee(Value):
    """An employee, his sign-in, and the employee he reports to."""

    id: str
    branch: str
    user_id: str | None = None
    supervisor_id: str | None = None


class Delegation(Value):
    """A user's authority in a branch and all below it, lent to another one; dates are inclusive (G-11)."""

    id: str
    branch: str
    giver_id: str
    taker_id: str
    branch_id: str
    from_on: date
    until_on: date
    ended_on: date | None = None

    def holds(self, on: date) -> bool:
        """Whether it has effect on a business date; the day on which it was ended has none."""
        return self.from_on <= on <= self.until_on and (self.ended_on is None or on < self.ended_on)
