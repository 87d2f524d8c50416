"""Signing keys: made once, published before they sign, kept until their tokens are dead."""

import asyncio

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from services.identity.keys.actions import published, rotate
from tests.support.identity import PASSWORD, Identity


async def kids(identity: Identity) -> list[str]:
    return [key["kid"] for key in (await identity.http.get("/jwks")).json()["keys"]]


async def signing_kid(identity: Identity) -> str:
    answer = await identity.http.post("/sessions", json={"login": "admin", "password": PASSWORD})
    keys = KeySet.import_key_set((await identity.http.get("/jwks")).json())
    return jwt.decode(answer.json()["access_token"], keys, algorithms=["ES256"]).header["kid"]


@pytest.mark.rule("IDN-021")
async def test_the_first_key_is_made_once_however_many_ask(identity: Identity):
    seen = await asyncio.gather(*(published(identity.service.host.system_work()) for _ in range(8)))
    assert len({key["kid"] for keys in seen for key in keys}) == 1
    assert "d" not in seen[0][0]


@pytest.mark.rule("IDN-021")
async def test_a_key_is_published_before_it_signs_and_the_old_one_stays_until_its_tokens_are_dead(identity: Identity):
    [first] = await kids(identity)
    identity.clock.move(days=29, hours=23)
    await identity.service.run_job("renew_signing_keys")
    await identity.service.run_job("renew_signing_keys")
    both = await kids(identity)
    assert len(both) == 2
    assert await signing_kid(identity) == first
    identity.clock.move(hours=1)
    await identity.service.run_job("renew_signing_keys")
    assert await signing_kid(identity) == both[1]
    assert await kids(identity) == both
    identity.clock.move(hours=1)
    await identity.service.run_job("renew_signing_keys")
    assert await kids(identity) == both[1:]


@pytest.mark.rule("IDN-021")
async def test_compromised_keys_are_void_at_once(identity: Identity):
    [first] = await kids(identity)
    await rotate(identity.service.host.system_work(), compromised=True)
    [second] = await kids(identity)
    assert first != second
    assert await signing_kid(identity) == second
