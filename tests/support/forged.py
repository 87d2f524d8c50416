"""Tokens that must open nothing, each as somebody might try to make it."""

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from tests.support.service import SIGNING, MovableClock, a_token

ANOTHER = ECKey.generate_key("P-256", {"kid": "test", "alg": "ES256", "use": "sig"}, private=True)
"""A key of somebody else's, under our key's id."""


@dataclass(frozen=True)
class Grounds:
    """What a forger has to work with: our public key, and what a good token says."""

    user: str
    branch: str
    scopes: list[str]
    clock: MovableClock

    def good(self, **claims: Any) -> str:
        """A token as identity would sign it, with other claims."""
        return a_token(self.user, {self.branch: self.scopes}, self.clock, **claims)

    def claims(self) -> dict[str, Any]:
        """What a good token says."""
        return _read(self.good().split(".")[1])


def _read(part: str) -> dict[str, Any]:
    return json.loads(base64.urlsafe_b64decode(part + "=="))


def _part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _signed(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


def _unsigned(grounds: Grounds, algorithm: str) -> str:
    return f"{_part({'alg': algorithm, 'kid': 'test'})}.{_part(grounds.claims())}."


def with_a_public_key_as_secret(grounds: Grounds, secret: bytes) -> str:
    """A token that is good for whoever takes the algorithm from the token: HS256, the secret is known to all."""
    head = f"{_part({'alg': 'HS256', 'kid': 'test'})}.{_part(grounds.claims())}"
    return f"{head}.{_part(hmac.digest(secret, head.encode(), 'sha256'))}"


def _changed(grounds: Grounds) -> str:
    header, _, signature = grounds.good().split(".")
    claims = grounds.claims()
    claims["sub"] = "somebody else"
    return f"{header}.{_part(claims)}.{signature}"


def _without(grounds: Grounds, claim: str) -> str:
    claims = grounds.claims()
    del claims[claim]
    return _signed({"alg": "ES256", "kid": "test"}, claims, SIGNING)


def _signature_of_zeros(grounds: Grounds) -> str:
    head, _, _ = grounds.good().rpartition(".")
    return f"{head}.{_part(bytes(64))}"


def _brings_its_key(grounds: Grounds) -> str:
    header = {"alg": "ES256", "kid": "test", "jwk": ANOTHER.as_dict(private=False)}
    return _signed(header, grounds.claims(), ANOTHER)


def _now(grounds: Grounds) -> int:
    return int(grounds.clock().timestamp())


KINDS: dict[str, Callable[[Grounds], str]] = {
    "none": lambda _: "",
    "no bearer": lambda grounds: f"Basic {grounds.good()}",
    "no token after the word": lambda _: "Bearer ",
    "no token at all": lambda _: "Bearer a.b.c",
    "expired": lambda grounds: f"Bearer {grounds.good(exp=_now(grounds) - 1)}",
    "expires this second": lambda grounds: f"Bearer {grounds.good(exp=_now(grounds))}",
    "not valid yet": lambda grounds: f"Bearer {grounds.good(nbf=_now(grounds) + 60)}",
    "foreign key": lambda grounds: f"Bearer {_signed({'alg': 'ES256', 'kid': 'test'}, grounds.claims(), ANOTHER)}",
    "foreign key under an id of its own": lambda grounds: (
        f"Bearer {_signed({'alg': 'ES256', 'kid': 'other'}, grounds.claims(), ANOTHER)}"
    ),
    "brings its key along": lambda grounds: f"Bearer {_brings_its_key(grounds)}",
    "wrong audience": lambda grounds: f"Bearer {grounds.good(aud='somebody')}",
    "wrong issuer": lambda grounds: f"Bearer {grounds.good(iss='somebody')}",
    "alg none": lambda grounds: f"Bearer {_unsigned(grounds, 'none')}",
    "alg nOnE": lambda grounds: f"Bearer {_unsigned(grounds, 'nOnE')}",
    "signature left out": lambda grounds: f"Bearer {grounds.good().rpartition('.')[0]}.",
    "signature of zeros": lambda grounds: f"Bearer {_signature_of_zeros(grounds)}",
    "HS256 with our public key (PEM)": lambda grounds: (
        f"Bearer {with_a_public_key_as_secret(grounds, SIGNING.as_pem(private=False))}"
    ),
    "HS256 with our public key (JWK)": lambda grounds: (
        f"Bearer {with_a_public_key_as_secret(grounds, json.dumps(SIGNING.as_dict(private=False)).encode())}"
    ),
    "changed after signing": lambda grounds: f"Bearer {_changed(grounds)}",
    **{
        f"without {claim}": lambda grounds, claim=claim: f"Bearer {_without(grounds, claim)}"
        for claim in ("sub", "exp", "grants")
    },
}
"""The Authorization header of each kind."""
