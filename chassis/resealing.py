"""Field keys in rotation: what older keys sealed is sealed anew with the current one, while the service runs.

Reaches all that the service keeps: fields of documents, waiting events, event log, parked messages, bytes of files.
Promises: a value is replaced only where it still is what was read, so that nobody's change is lost; a file is
there at every moment, in its old bytes or the new ones; in bounded batches; broken off anywhere, the next run does the
rest. No new version and no event: what a document says does not change, only how it is kept, and an ETag in somebody's
hand stays good. When a run finds nothing more to do, an older key may leave the key file as soon as Kafka's retention
has passed over what it sealed there. Does not reach backups, nor fingerprints, which have a key of their own: theirs is
no cipher, gives nothing back, and a change of it would let the same number be taken twice while both are in use.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from bson.binary import Binary
from bson.codec_options import CodecOptions
from gridfs.asynchronous import AsyncGridFSBucket
from pymongo.asynchronous.collection import AsyncCollection

from chassis.database import Database, Document
from chassis.sealing import SUBTYPE, Keyring

BATCH = 200
BATCH_OF_MESSAGES = 20
"""Papers travel in events: up to 4 MiB each."""
PASSES = 5
MESSAGES = {"event_log": "seq", "parked": "_id"}
"""Collections of messages, with the field whose order new ones join at the end."""
NOT_OURS = ("blobs.", "system.")
NOT_FIELDS = ("_id", "once", "outbox")
ABANDONED = timedelta(hours=1)
_SEALED = re.compile(r'(?<=")[\w-]{1,64}\.[\w=-]{38,}(?=")', re.ASCII)
"""A sealed text inside JSON."""

Tell = Callable[[str, int], None]


@dataclass
class Resealed:
    """What became of it: values changed in all, and those that somebody else changed in the same moment, in the last
    pass."""

    changed: int = 0
    left: int = 0


async def reseal(db: Database, tell: Tell | None = None) -> Resealed:
    """Seal anew whatever an older key sealed, pass after pass until one finds nothing; `tell` hears of each batch."""
    total = Resealed()
    for _ in range(PASSES):
        changed, total.left = await _pass(db, tell)
        total.changed += changed
        if changed == total.left == 0:
            break
    return total


async def _pass(db: Database, tell: Tell | None) -> tuple[int, int]:
    """The event log comes last: what waits today will stand there tomorrow."""
    names = sorted(name for name in await db.database.list_collection_names() if not name.startswith(NOT_OURS))
    done = [await _collection(db, name, tell) for name in names if name not in MESSAGES]
    if "files" in names:
        done.append(await _files(db, tell))
    done += [await _messages(db, name, tell) for name in reversed(MESSAGES) if name in names]
    return sum(changed for changed, _ in done), sum(left for _, left in done)


def _raw(db: Database, name: str) -> AsyncCollection[Document]:
    return db[name].with_options(codec_options=CodecOptions(tz_aware=True))


async def _collection(db: Database, name: str, tell: Tell | None) -> tuple[int, int]:
    raw = _raw(db, name)
    changed = left = 0
    last: Document = {}
    while True:
        batch = await raw.find(last, dict.fromkeys(NOT_FIELDS[1:], 0)).sort("_id", 1).limit(BATCH).to_list()
        for document in batch:
            old, new = _renewed_fields(document, db.keyring)
            if new:
                done = await raw.update_one({"_id": document["_id"], **old}, {"$set": new})
                changed += done.modified_count
                left += 1 - done.matched_count
            if "outbox_at" in document:
                changed += await _waiting(raw, document["_id"], db.keyring)
        if tell and batch:
            tell(name, changed)
        if len(batch) < BATCH:
            return changed, left
        last = {"_id": {"$gt": batch[-1]["_id"]}}


async def _waiting(raw: AsyncCollection[Document], thing: Any, ring: Keyring) -> int:
    """The events that a document carries; one that the relay has taken meanwhile is met in the event log."""
    changed = 0
    document = await raw.find_one({"_id": thing}, {"outbox": 1}) or {}
    for event in document.get("outbox", ()):
        if (new := _renewed_json(event["data"], ring)) != event["data"]:
            same = [{"event.id": event["id"]}]
            done = await raw.update_one({"_id": thing}, {"$set": {"outbox.$[event].data": new}}, array_filters=same)
            changed += done.modified_count
    return changed


async def _messages(db: Database, name: str, tell: Tell | None) -> tuple[int, int]:
    raw, order = _raw(db, name), MESSAGES[name]
    changed, last = 0, {}
    while True:
        batch = await raw.find(last, {"value": 1, order: 1}).sort(order, 1).limit(BATCH_OF_MESSAGES).to_list()
        for message in batch:
            if (new := _renewed_json(message["value"], db.keyring)) != message["value"]:
                changed += (await raw.update_one({"_id": message["_id"]}, {"$set": {"value": new}})).modified_count
        if tell and batch:
            tell(name, changed)
        if len(batch) < BATCH_OF_MESSAGES:
            return changed, 0
        last = {order: {"$gt": batch[-1][order]}}


async def _files(db: Database, tell: Tell | None) -> tuple[int, int]:
    """New bytes first, then the record that points to them, then the old bytes go: readers find one or the other."""
    files, bucket, ring = _raw(db, "files"), AsyncGridFSBucket(db.database, "blobs"), db.keyring
    changed = left = 0
    async for record in files.find({}, {"blob": 1}).sort("_id", 1).batch_size(BATCH):
        first = await db["blobs.chunks"].find_one({"files_id": record["blob"], "n": 0}, {"data": 1})
        if first is None or not ring.is_older(bytes(first["data"][:80]).partition(b".")[0].decode(errors="replace")):
            continue
        stream = await bucket.open_download_stream(record["blob"])
        blob = ObjectId()
        await bucket.upload_from_stream_with_id(
            blob, record["_id"], ring.seal_bytes(ring.open_bytes(await stream.read()))
        )
        done = await files.update_one({"_id": record["_id"], "blob": record["blob"]}, {"$set": {"blob": blob}})
        await bucket.delete(record["blob"] if done.matched_count else blob)
        changed += done.matched_count
        left += 1 - done.matched_count
        if tell:
            tell("files", changed)
    return changed + await _abandoned(db, bucket), left


async def _abandoned(db: Database, bucket: AsyncGridFSBucket) -> int:
    """Bytes that no record points to, left by a process that died between the two writes, go after an hour."""
    gone = 0
    aged = {"uploadDate": {"$lt": datetime.now(UTC) - ABANDONED}}
    async for blob in db["blobs.files"].find(aged, {"_id": 1}).batch_size(BATCH):
        if await db["files"].count_documents({"blob": blob["_id"]}, limit=1) == 0:
            await bucket.delete(blob["_id"])
            gone += 1
    return gone


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


def _renewed_json(value: Any, ring: Keyring) -> Any:
    """A message's JSON, text or bytes, with its sealed texts renewed and everything else as it is."""
    if isinstance(value, bytes):
        text = value.decode(errors="surrogateescape")
        return _renewed_json(text, ring).encode(errors="surrogateescape")
    return _SEALED.sub(lambda found: ring.renewed(found[0]), value) if isinstance(value, str) else value
