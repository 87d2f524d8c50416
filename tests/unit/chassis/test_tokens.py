"""A token is valid as long as it says, and as long as the key that signed it."""

from datetime import UTC, datetime

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from chassis.tokens import NotSignedIn, Tokens

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Published:
    """The keys that identity tells of."""

    def __init__(self, *keys: ECKey) -> None:
        self.now = KeySet(list(keys))

    async def key_set(self, *, fresh: bool = False) -> KeySet:
        return self.now


def a_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "alg": "ES256", "use": "sig"}, private=True)


def a_token(key: ECKey, user: str) -> str:
    claims = {"iss": "us", "aud": "us", "sub": user, "name": user, "branch": "hq", "grants": []}
    return "Bearer " + jwt.encode({"alg": "ES256", "kid": key.kid}, claims | {"exp": NOW.timestamp() + 900}, key)


async def test_a_token_of_a_key_that_is_void_is_void_although_it_was_seen_before():
    stolen, new = a_key("k1"), a_key("k2")
    published = Published(stolen)
    tokens = Tokens(published, "us", "us")
    forged = a_token(stolen, "mallory")
    assert (await tokens.caller(forged, NOW)).id == "mallory"
    published.now = KeySet([new])
    assert (await tokens.caller(a_token(new, "ann"), NOW)).id == "ann"
    with pytest.raises(NotSignedIn, match="not signed by a key of ours"):
        await tokens.caller(forged, NOW)
