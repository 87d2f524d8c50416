"""Signing keys: each signs until the next one does, and stays published until its tokens are dead."""

from datetime import datetime
from typing import Any

from chassis.model import Value


class SigningKey(Value):
    """One ES256 key. `number` counts from 1; the private JWK is sealed."""

    number: int
    kid: str
    public: dict[str, Any]
    sealed_private: str
    signs_from: datetime
