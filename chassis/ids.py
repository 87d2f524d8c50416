"""Ids: sortable when new, derived when an effect must exist only once."""

import hashlib
import uuid

import uuid_utils


def new_id() -> str:
    """A new UUIDv7 as text: unique, and sortable by the millisecond of its making."""
    return str(uuid_utils.uuid7())


def derived_id(*parts: str) -> str:
    """The same id for the same parts, always: the guard of effects that create a document.

    A UUIDv8 of the parts' SHA-256; parts are length-prefixed, so that ("a", "bc") and ("ab", "c") differ.
    """
    digest = hashlib.sha256(b"".join(f"{len(part.encode())}:{part}".encode() for part in parts)).digest()
    raw = int.from_bytes(digest[:16], "big")
    raw = (raw & ~(0xF << 76)) | (0x8 << 76)
    raw = (raw & ~(0x3 << 62)) | (0x2 << 62)
    return str(uuid.UUID(int=raw))
