"""Field keys in rotation: what older keys sealed is sealed anew with the current one, while the service runs.

Promises: a value is replaced only where it still is what was read, so that nobody's change is lost; in bounded batches;
again from the start without harm. No new version and no event: what a document says does not change, only how it is
kept, and an ETag in somebody's hand stays good. Does not reach events (outbox and event log) nor the bytes of files,
which keep the key ids that they were made with, nor backups, nor fingerprints, which have a key of their own: an old
key may leave the key file only when none of those need be read any more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bson.binary import Binary
from bson.codec_options import CodecOptions

from chassis.database import Database, Document
from chassis.sealing import SUBTYPE, Keyring

BATCH = 200
PASSES = 3
NOT_OURS = ("event_log", "blobs.", "system.")
NOT_FIELDS = ("_id", "outbox", "once")


@dataclass
class Resealed:
    """What became of it, in documents: changed, and changed by somebody else in the same moment in every pass."""

    changed: int = 0
    left: int = 0


async def reseal(db: Database, tell: Callable[[str, int], None] | None = None) -> Resealed:
    """Seal anew whatever an older key sealed, in every collection of the service; `tell` hears of each batch."""
    total = Resealed()
    for name in sorted(await db.database.list_collection_names()):
        if name.startswith(NOT_OURS):
            continue
        left = 0
        for _ in range(PASSES):
            changed, left = await _collection(db, name, tell)
            total.changed += changed
            if left == 0:
                break
        total.left += left
    return total


async def _collection(db: Database, name: str, tell: Callable[[str, int], None] | None) -> tuple[int, int]:
    raw = db[name].with_options(codec_options=CodecOptions(tz_aware=True))
    changed = left = 0
    last: Document = {}
    while True:
        batch = await raw.find(last, dict.fromkeys(NOT_FIELDS[1:], 0)).sort("_id", 1).limit(BATCH).to_list()
        for document in batch:
            old, new = _renewed_fields(document, db.keyring)
            if not new:
                continue
            done = await raw.update_one({"_id": document["_id"], **old}, {"$set": new})
            changed += done.modified_count
            left += 1 - done.matched_count
        if tell and batch:
            tell(name, changed)
        if len(batch) < BATCH:
            return changed, left
        last = {"_id": {"$gt": batch[-1]["_id"]}}


def _renewed_fields(document: Document, ring: Keyring) -> tuple[Document, Document]:
    """The top-level fields that hold something sealed with an older key, as they are and as they shall be."""
    old: Document = {}
    new: Document = {}
    for name, value in document.items():
        if name not in NOT_FIELDS and (renewed := _renewed(value, ring)) != value:
            old[name], new[name] = {"$eq": value}, renewed
    return old, new


def _renewed(value: Any, ring: Keyring) -> Any:
    if isinstance(value, Binary) and value.subtype == SUBTYPE:
        return Binary(ring.renewed(bytes(value).decode()).encode(), SUBTYPE)
    if isinstance(value, str):
        return ring.renewed(value)
    if isinstance(value, dict):
        return {name: _renewed(inner, ring) for name, inner in value.items()}
    if isinstance(value, list):
        return [_renewed(inner, ring) for inner in value]
    return value
