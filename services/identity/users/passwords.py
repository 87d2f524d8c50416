"""Argon2id. Hashing is slow on purpose: it runs beside the event loop, two at a time, for each takes its memory."""

import asyncio
import secrets

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

MEMORY_KIB = 19_456
AT_ONCE = 2

_HASHER = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=MEMORY_KIB, parallelism=1),))
_NOBODYS = _HASHER.hash(secrets.token_hex())
slots = asyncio.Semaphore(AT_ONCE)
"""Held while a password is tried, from the look at the failures so far to the counting of this one."""


async def hashed(password: str) -> str:
    """The hash as it is kept."""
    async with slots:
        return await asyncio.to_thread(_HASHER.hash, password)


async def verified(password: str, kept: str) -> bool:
    """Whether the password is the one; without a kept hash it takes as long and is False. Call inside `slots`."""
    right = await asyncio.to_thread(_HASHER.verify, password, kept or _NOBODYS)
    return right and kept != ""
