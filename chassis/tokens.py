"""Access tokens: ES256 against identity's JWKS, checked by every service itself, whatever the gateway did."""

import asyncio
import json
import time
import urllib.request
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.refusals import Refusal

KEPT = 4096
REFRESH_SECONDS = 300.0
RETRY_SECONDS = 5.0


class NotSignedIn(Refusal):
    """No token, or one that is not valid (any more)."""

    rule = "SYS-008"
    zh = "令牌缺失或无效:{why}"
    en = "The token is missing or not valid: {why}"
    todo_zh = "请用 POST /api/identity/sessions 登录,或用刷新令牌换取新令牌"
    todo_en = "Sign in with POST /api/identity/sessions, or exchange the refresh token"


class KeysOutOfReach(Refusal):
    """The public keys could not be had, so nobody can be recognised."""

    rule = "SYS-008"
    zh = "暂时无法取得验证公钥"
    en = "The public keys cannot be had for the moment"


@dataclass(frozen=True)
class Grant:
    """Scopes in one branch and all below it."""

    branch: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class Caller:
    """What a valid token says: subject, name to show, home branch, grants, and until when it says so (UNIX seconds)."""

    id: str
    name: str
    branch: str
    grants: tuple[Grant, ...]
    until: int

    @cached_property
    def scopes(self) -> frozenset[str]:
        """What was granted in any branch."""
        return frozenset(scope for grant in self.grants for scope in grant.scopes)

    def branches_for(self, scope: str) -> list[str]:
        """The branches in which the scope was granted; everything below each belongs to it."""
        return [grant.branch for grant in self.grants if scope in grant.scopes or "*" in grant.scopes]


class Keys(Protocol):
    """Where the public keys come from."""

    async def key_set(self, *, fresh: bool = False) -> KeySet: ...


class RemoteKeys:
    """JWKS by HTTP from identity: kept for five minutes, fetched again for an unknown key id at most every five
    seconds."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._kept: KeySet | None = None
        self._at = 0.0
        self._lock = asyncio.Lock()

    async def key_set(self, *, fresh: bool = False) -> KeySet:
        """The keys; an old set is better than none while identity cannot be reached."""
        async with self._lock:
            age = time.monotonic() - self._at
            if self._kept is None or age > REFRESH_SECONDS or (fresh and age > RETRY_SECONDS):
                try:
                    raw = await asyncio.to_thread(_fetched, self._url)
                    self._kept = KeySet.import_key_set(json.loads(raw))
                except (OSError, ValueError) as error:
                    if self._kept is None:
                        raise KeysOutOfReach from error
                self._at = time.monotonic()
        return self._kept


def _fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=3) as answer:  # noqa: S310 - an operator's setting, not a caller's
        return answer.read()


class Tokens:
    """Checks tokens; remembers the last few thousand valid ones, so that a signature is computed once.

    All are forgotten when the keys are fetched anew: what a key signed that is void by then is not valid any more.
    """

    def __init__(self, keys: Keys, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer, self._audience = issuer, audience
        self._known: OrderedDict[str, Caller] = OrderedDict()
        self._checked_by: KeySet | None = None

    async def caller(self, authorization: str | None, now: datetime) -> Caller:
        """The caller that `Authorization: Bearer …` names; raises NotSignedIn, or KeysOutOfReach."""
        kind, _, token = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise NotSignedIn(why="no bearer token")
        caller = self._known.get(token)
        if caller is None:
            caller = self._read(await self._claims(token), now)
            self._known[token] = caller
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        if caller.until <= now.timestamp():
            raise NotSignedIn(why="expired")
        return caller

    async def _claims(self, token: str) -> dict[str, Any]:
        for fresh in (False, True):
            keys = await self._keys.key_set(fresh=fresh)
            if keys is not self._checked_by:
                self._checked_by = keys
                self._known.clear()
            try:
                return jwt.decode(token, keys, algorithms=["ES256"]).claims
            except (JoseError, ValueError) as error:
                if fresh:
                    raise NotSignedIn(why="not signed by a key of ours") from error
        raise AssertionError("unreachable")

    def _read(self, claims: dict[str, Any], now: datetime) -> Caller:
        if claims.get("iss") != self._issuer or self._audience not in _listed(claims.get("aud")):
            raise NotSignedIn(why="meant for somebody else")
        if claims.get("nbf", 0) > now.timestamp():
            raise NotSignedIn(why="not valid yet")
        try:
            grants = tuple(Grant(grant["branch"], frozenset(grant["scopes"])) for grant in claims["grants"])
            return Caller(claims["sub"], claims["name"], claims["branch"], grants, int(claims["exp"]))
        except (KeyError, TypeError, ValueError) as error:
            raise NotSignedIn(why="claims are missing") from error


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
