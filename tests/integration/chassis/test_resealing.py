"""A field key is rotated while the service works."""

import secrets
from typing import Any

from bson.binary import Binary

from chassis import resealing
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
    assert (await reseal(sample.host.db)).changed == 3
    for was, thing in zip(before, made, strict=True):
        now = await raw(sample, "parcels", thing)
        sealed = bytes(now["phone"]).decode()
        assert (sealed[:3], ring.open(sealed)) == ("k2.", "13800001234")
        assert {name: value for name, value in now.items() if name != "phone"} == {
            name: value for name, value in was.items() if name != "phone"
        }, "version, outbox and everything else stay"
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
    assert [n for name, n in told if name == "parcels"] == [3, 6, 8]
