"""When keys sign, when the next one is made, when old ones go."""

from datetime import datetime, timedelta
from itertools import pairwise

from services.identity.keys.model import SigningKey

SIGNS_FOR = timedelta(days=30)
PUBLISHED_AHEAD = timedelta(hours=1)
"""Long enough for every copy of the key set to be renewed: services keep it for five minutes, the gateway for less."""
KEPT_AFTER = timedelta(hours=1)
"""Longer than an access token lives (sessions/rules.py), with a margin for clocks that differ."""


def signing(keys: list[SigningKey], now: datetime) -> SigningKey:
    """The youngest key that signs by now; the oldest when none does yet: clocks differ a little. Rule: IDN-021."""
    begun = [key for key in keys if key.signs_from <= now]
    return max(begun, key=lambda key: key.number) if begun else min(keys, key=lambda key: key.number)


def next_signs_from(keys: list[SigningKey], now: datetime) -> datetime | None:
    """When a next key, to be made and published now, would sign; None while none is due. Rule: IDN-021."""
    if not keys:
        return now
    due_at = max(keys, key=lambda key: key.number).signs_from + SIGNS_FOR
    return max(due_at, now + PUBLISHED_AHEAD) if now >= due_at - PUBLISHED_AHEAD else None


def dead(keys: list[SigningKey], now: datetime) -> list[SigningKey]:
    """The keys whose successor has signed for so long that none of their tokens lives. Rule: IDN-021."""
    begun = sorted((key for key in keys if key.signs_from <= now), key=lambda key: key.number)
    return [old for old, younger in pairwise(begun) if younger.signs_from + KEPT_AFTER <= now]
