"""What a user's posts allow on a date."""

from collections.abc import Iterable
from datetime import date

from services.clients.people.model import TIER_OF_ROLE, Post, Tier, User


def posts_on(user: User, on: date) -> list[Post]:
    """The posts that the user holds on a business date; none for a disabled one."""
    return [post for post in user.posts if post.holds(on)] if user.enabled else []


def highest_tier(posts: Iterable[Post]) -> Tier | None:
    """The highest tier among the roles of some posts; None when no role stands for one."""
    tiers = [TIER_OF_ROLE[role] for post in posts for role in post.roles if role in TIER_OF_ROLE]
    return max(tiers, key=lambda tier: tier.rank, default=None)
