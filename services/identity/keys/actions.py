"""Having a key to sign with, publishing all, and changing them in time."""

from datetime import datetime
from typing import Any

from joserfc.jwk import ECKey

from chassis.work import Work
from services.identity.keys import rules
from services.identity.keys.model import SigningKey
from services.identity.keys.store import SigningKeys


async def published(work: Work) -> list[dict[str, Any]]:
    """The public keys: of tokens that live, and of the key that signs next. Makes the first one. Rule: IDN-021."""
    return [key.public for key in await _some(work)]


async def signing_key(work: Work) -> ECKey:
    """The key that signs now, private part included. Rule: IDN-021."""
    return SigningKeys(work).opened(rules.signing(await _some(work), work.now))


async def renew(work: Work) -> None:
    """Make the next key when it is time, forget those whose tokens are dead. Rule: IDN-021."""
    store = SigningKeys(work)
    keys = await store.all()
    if (signs_from := rules.next_signs_from(keys, work.now)) is not None:
        await store.make(_next_number(keys), signs_from)
    await store.remove(rules.dead(keys, work.now))


async def rotate(work: Work, *, compromised: bool) -> datetime:
    """Another key now, whatever the schedule; gives the instant from which it signs.

    Published for an hour before it signs; if the old ones are `compromised` it signs at once and they are void.
    Rule: IDN-021.
    """
    store = SigningKeys(work)
    keys = await store.all()
    signs_from = work.now if compromised or not keys else work.now + rules.PUBLISHED_AHEAD
    await store.make(_next_number(keys), signs_from)
    if compromised:
        await store.remove(keys)
    return signs_from


async def _some(work: Work) -> list[SigningKey]:
    store = SigningKeys(work)
    if keys := await store.all():
        return keys
    await store.make(1, work.now)
    return await store.all()


def _next_number(keys: list[SigningKey]) -> int:
    return max((key.number for key in keys), default=0) + 1
