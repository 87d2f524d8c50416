"""A field key is rotated while the service works."""

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from bson.binary import Binary
from gridfs.asynchronous import AsyncGridFSBucket

from chassis import resealing
from chassis.files import Files
from chassis.resealing import reseal
from chassis.sealing import SUBTYPE, Keyring
from tests.support.service import RunningService

PARCEL = {"value": {"amount": "12.50"}, "phone": "13800001234"}


def rotated(service: RunningService) -> Keyring:
    """The service's keyring with a new current key; what it sealed stays readable."""
    old = service.host.db.keyring
    ring = Keyring("k2", {"k2": secrets.token_bytes(32)}, secrets.token_bytes(32))
    ring._ciphers |= old._ciphers
    service.host.db.keyring = ring
    return ring


async def raw(service: RunningService, collection: str, thing: str) -> dict[str, Any]:
    found = await service.host.db.client[service.host.db.name][collection].find_one({"_id": thing})
    assert found is not None
    return found


async def test_what_an_older_key_sealed_is_sealed_anew_without_a_version_or_an_event(sample: RunningService):
    ann = sample.user("ann")
    made = [(await ann.post("/parcels", {**PARCEL, "label": label})).json()["id"] for label in "abc"]
    before = [await raw(sample, "parcels", thing) for thing in made]
    assert all(bytes(document["phone"]).startswith(b"k1.") for document in before)

    ring = rotated(sample)
    assert (await reseal(sample.host.db)).changed == 6, "three documents, and the event that waits in each"
    for was, thing in zip(before, made, strict=True):
        now = await raw(sample, "parcels", thing)
        sealed = bytes(now["phone"]).decode()
        assert (sealed[:3], ring.open(sealed)) == ("k2.", "13800001234")
        for document in (was, now):
            document.pop("phone")
            [event] = document["outbox"]
            told = json.loads(event.pop("data"))
            assert ring.open(told.pop("phone")) == "13800001234"
            event["told"] = told
        assert now == was, "version, event and everything else stay"
    assert (await reseal(sample.host.db)).changed == 0


async def test_values_at_any_depth_and_sealed_text_are_reached_and_other_text_is_left_alone(sample: RunningService):
    ring = sample.host.db.keyring
    deep = Binary(ring.seal("deep").encode(), SUBTYPE)
    document = {
        "_id": "x",
        "people": [{"name": {"zh": deep}}, {"name": None}],
        "text": ring.seal("key"),
        "like": "k1.not sealed",
        "raw": b"k1.x",
    }
    await sample.host.db.client[sample.host.db.name]["anything"].insert_one(document)
    new = rotated(sample)
    assert (await reseal(sample.host.db)).changed == 1
    now = await raw(sample, "anything", "x")
    assert new.open(bytes(now["people"][0]["name"]["zh"]).decode()) == "deep"
    assert (now["text"].partition(".")[0], new.open(now["text"])) == ("k2", "key")
    assert (now["people"][1], now["like"], now["raw"]) == (document["people"][1], document["like"], document["raw"])


async def test_a_change_that_somebody_makes_meanwhile_is_not_lost(sample: RunningService):
    made = (await sample.user("ann").post("/parcels", {**PARCEL, "label": "a"})).json()["id"]
    read = await raw(sample, "parcels", made)
    ring = rotated(sample)
    documents = sample.host.db.client[sample.host.db.name]["parcels"]
    theirs = Binary(ring.seal("13900009999").encode(), SUBTYPE)
    await documents.update_one({"_id": made}, {"$set": {"phone": theirs}})
    old, new = resealing._renewed_fields(read, ring)
    assert set(new) == {"phone"}
    assert (await documents.update_one({"_id": made, **old}, {"$set": new})).matched_count == 0
    assert (await raw(sample, "parcels", made))["phone"] == theirs


async def test_it_goes_through_large_collections_in_batches(sample: RunningService, monkeypatch: Any):
    monkeypatch.setattr(resealing, "BATCH", 3)
    ann = sample.user("ann")
    for n in range(8):
        await ann.post("/parcels", {**PARCEL, "label": str(n)})
    rotated(sample)
    told: list[tuple[str, int]] = []
    await reseal(sample.host.db, lambda name, n: told.append((name, n)))
    assert [n for name, n in told if name == "parcels" and n] == [6, 12, 16]


async def test_sealed_texts_in_a_messages_json_are_renewed_and_everything_else_stays_byte_for_byte(
    sample: RunningService,
):
    ring = sample.host.db.keyring
    rest = b'"n": 1.10, "like": "k1.' + b"A" * 60 + b'", "other": "k7.' + b"A" * 60 + b'", "bad": "\xff"}'
    value = b'{"name": "' + ring.seal("deep").encode() + b'",' + rest
    parked = {"_id": "t/0/1", "topic": "t", "key": "a", "value": value}
    await sample.host.db["parked"].insert_many([parked, {**parked, "_id": "t/0/2", "value": None}])
    new = rotated(sample)
    assert (await reseal(sample.host.db)).changed == 1
    now = (await raw(sample, "parked", "t/0/1"))["value"]
    assert now.endswith(b'",' + rest)
    assert new.open(now.split(b'"')[3].decode()) == "deep" and now.split(b'"')[3].startswith(b"k2.")


async def test_a_file_is_there_at_every_moment_and_what_a_dead_process_left_goes(sample: RunningService):
    ann = sample.user("ann")
    sent = {"file": ("a.pdf", b"%PDF-1.7 bytes", "application/pdf")}
    file_id = (await ann.post("/files", files=sent, data={"branch": "hq"})).json()["id"]
    bucket = AsyncGridFSBucket(sample.host.db.database, "blobs")
    left = await bucket.upload_from_stream("left", sample.host.db.keyring.seal_bytes(b"left"))
    hours_ago = {"$set": {"uploadDate": datetime.now(UTC) - timedelta(hours=2)}}
    await sample.host.db["blobs.files"].update_one({"_id": left}, hours_ago)
    record = await raw(sample, "files", file_id)

    class Before(Files):
        """A reader who looked the record up in the moment before it changed."""

        looked = False

        async def _find(self, file_id: str) -> Any:
            self.looked, first = True, not self.looked
            return record if first else await super()._find(file_id)

    rotated(sample)
    assert (await reseal(sample.host.db)).changed == 2
    assert [blob["_id"] async for blob in sample.host.db["blobs.files"].find()] == [
        (await raw(sample, "files", file_id))["blob"]
    ]
    assert await Before(sample.host.system_work()).read(file_id) == b"%PDF-1.7 bytes"
