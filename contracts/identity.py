"""What identity tells: branches and users."""

from datetime import date

from .facts import Fact, Part
from .personal import EmailAddress


class BranchOpened(Fact, topic="identity.branches"):
    """A branch exists from a date on, below a parent; the first one is headquarters and has none."""

    branch_id: str
    code: str
    name: str
    kind: str
    """headquarters, provincial, branch, sub_branch or office"""
    region: str
    """Province of the branch (GB/T 2260 two-digit code)."""
    parent_id: str | None
    from_on: date


class BranchMoved(Fact, topic="identity.branches"):
    """From a date on the branch lies below another parent."""

    branch_id: str
    parent_id: str
    from_on: date


class BranchChanged(Fact, topic="identity.branches"):
    """Name or region are now these."""

    branch_id: str
    name: str
    region: str


class BranchClosed(Fact, topic="identity.branches"):
    """The branch takes no new business after a date; its records stay."""

    branch_id: str
    closed_on: date


class Assignment(Part):
    """Roles in a branch and all below it, from a date on, until a date (inclusive) or for good."""

    branch_id: str
    roles: list[str]
    from_on: date
    until_on: date | None = None


class UserAdded(Fact, topic="identity.users"):
    """A user exists. The staff name travels in clear: documents and reminders name who is responsible."""

    user_id: str
    name: str
    email: EmailAddress
    language: str
    assignments: list[Assignment]


class UserChanged(Fact, topic="identity.users"):
    """Name, address or language are now these."""

    user_id: str
    name: str
    email: EmailAddress
    language: str


class UserAssigned(Fact, topic="identity.users"):
    """All assignments, past and future, are now these."""

    user_id: str
    assignments: list[Assignment]


class UserDisabled(Fact, topic="identity.users"):
    """The user may no longer sign in."""

    user_id: str


class UserEnabled(Fact, topic="identity.users"):
    """The user may sign in again."""

    user_id: str


class UserSecretChanged(Fact, topic="identity.users"):
    """The password was changed or reset; the event tells nothing of it."""

    user_id: str


class RoleDefined(Fact, topic="identity.roles"):
    """A role carries these scopes from now on."""

    role_id: str
    name: str
    scopes: list[str]
