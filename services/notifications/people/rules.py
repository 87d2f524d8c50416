"""Who answers to whom."""

from collections.abc import Iterable, Sequence
from datetime import date

from services.notifications.people.model import User

SUPERVISOR, BRANCH_HEAD, GENERAL_MANAGER = "SUP", "BM", "GM"


def nearest_holder(role: str, users: Iterable[User], branches: Sequence[str], on: date, but: str = "") -> User | None:
    """The user who holds a role in the first of `branches` in which anybody does; of several the lowest id.

    Passes over users who may not sign in, and over the user `but`, for nobody is his own superior.
    """
    able = sorted((user for user in users if user.enabled and user.id != but), key=lambda user: user.id)
    for branch in branches:
        for user in able:
            if any(post.branch_id == branch and post.holds(role, on) for post in user.assignments):
                return user
    return None
