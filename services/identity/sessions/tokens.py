"""Access tokens as chassis/tokens.py reads them, and refresh tokens."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from joserfc import jwt
from joserfc.jwk import ECKey

from services.identity.users.model import User


@dataclass(frozen=True)
class Issuing:
    """Whose tokens these are and for whom, as the settings say."""

    issuer: str
    audience: str


def access_token(
    user: User,
    grants: Mapping[str, frozenset[str]],
    session_id: str,
    issuing: Issuing,
    issued_at: datetime,
    expires_at: datetime,
    key: ECKey,
) -> str:
    """A signed ES256 token: who, his branch, scopes by branch, until when; `sid` is the session that it comes from."""
    claims = {
        "iss": issuing.issuer,
        "aud": issuing.audience,
        "sub": user.id,
        "name": user.name,
        "branch": user.branch,
        "grants": [{"branch": branch, "scopes": sorted(scopes)} for branch, scopes in sorted(grants.items())],
        "sid": session_id,
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key, algorithms=["ES256"])


def refresh_token(session_id: str) -> str:
    """A new refresh token: the session's id and 256 random bits."""
    return f"{session_id}.{secrets.token_urlsafe(32)}"


def session_of(token: str) -> str:
    """The id of the session that a refresh token claims to belong to."""
    return token.partition(".")[0]


def hash_of(token: str) -> str:
    """How a refresh token is kept; random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
