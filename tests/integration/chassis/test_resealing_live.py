"""Field keys are rotated under load, broken off and resumed; then the old key is thrown away."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

import bson
import pytest

from chassis import resealing
from chassis.database import Database
from chassis.delivery import Deliveries
from chassis.parking import Parking
from chassis.resealing import reseal
from chassis.sealing import Keyring
from chassis.worker import Worker
from contracts import wire
from contracts.facts import Envelope
from tests.support.sample import ParcelPosted
from tests.support.service import KEYRING, RunningService
from tests.support.waiting import eventually

PARCEL = {"value": {"amount": "12.50"}, "phone": "13800001234"}
PDF = b"%PDF-1.7 a paper that names somebody"
NEW = {"k2": secrets.token_bytes(32)}
WRITERS, EACH = 4, 12


class BrokenOff(Exception):
    """The operator's command ended in the middle."""


@pytest.fixture
async def restart(sample_worker: tuple[RunningService, Worker]) -> AsyncIterator[Any]:
    """Gives a function that lets the service go on with another keyring, as a restart does."""
    host, first, opened = sample_worker[0].host, sample_worker[0].host.db, list[Database]()

    def act(ring: Keyring) -> None:
        host.db = Database(host.service.name, host.settings, ring)
        opened.append(host.db)

    yield act
    host.db = first
    for database in opened:
        await database.close()


def rings() -> tuple[Keyring, Keyring]:
    """The ring during rotation, and the one from which the old key is gone."""
    both, alone = (Keyring("k2", NEW, KEYRING._hash_key) for _ in range(2))
    both._ciphers |= KEYRING._ciphers
    return both, alone


async def work(service: RunningService, writer: int) -> list[str]:
    """One front-end: posts parcels with a phone number, delivers them, keeps a file now and then."""
    ann, made = service.user("ann"), list[str]()
    for n in range(EACH):
        posted = await ann.post("/parcels", {**PARCEL, "label": f"{writer}-{n}"})
        assert posted.status_code == 201, posted.text
        made.append(posted.json()["id"])
        delivered = await ann.post(f"/parcels/{made[-1]}/delivery", match=1)
        assert delivered.status_code == 200, delivered.text
    return made


async def has_file(service: RunningService) -> str:
    sent = {"file": ("证据.pdf", PDF, "application/pdf")}
    answer = await service.user("ann").post("/files", files=sent, data={"branch": "hq"})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def has_parked(service: RunningService) -> None:
    """A message with a phone number is parked, as it came from the bus."""
    posted = ParcelPosted(parcel_id="parked", label="parked", phone=PARCEL["phone"])
    value = posted.model_dump_json(context={"sealer": KEYRING.sealed}).encode()
    envelope = Envelope(
        id="e1", source="/baoqiao/sample", type=posted.type, subject="parked", time=service.clock(), aggregateversion=1,
        branch="hq", actor="ann", correlationid="c",
    )  # fmt: skip
    parking, place = Parking(service.host.db, "sample"), ("sample.parcels", 0, 7, "parked")
    await parking.park(*place, wire.headers_of(envelope), value, "for a test", again=False)


async def with_the_old_key(service: RunningService) -> dict[str, int]:
    """How many documents of each collection hold something that the old key sealed."""
    database, found = service.host.db.client[service.host.db.name], dict[str, int]()
    for name in await database.list_collection_names():
        async for document in database[name].find():
            if b"k1." in bson.encode(document):
                found[name] = found.get(name, 0) + 1
    return found


async def test_the_old_key_can_be_thrown_away_after_a_rotation_under_load(
    sample_worker: tuple[RunningService, Worker], restart: Any, monkeypatch: pytest.MonkeyPatch
):
    service, _ = sample_worker
    both, alone = rings()
    file_id, before = await has_file(service), await work(service, 9)
    await has_parked(service)
    assert set(await with_the_old_key(service)) >= {"parcels", "parked", "blobs.chunks"}

    monkeypatch.setattr(resealing, "BATCH", 5)
    monkeypatch.setattr(resealing, "BATCH_OF_MESSAGES", 5)
    writers = [asyncio.create_task(work(service, writer)) for writer in range(WRITERS)]
    restart(both)

    def stop(name: str, changed: int) -> None:
        if name == "parcels" and changed:
            raise BrokenOff

    with pytest.raises(BrokenOff):
        await reseal(service.host.db, stop)
    first = await reseal(service.host.db)
    assert first.changed
    made = [*before, *(parcel for parcels in await asyncio.gather(*writers) for parcel in parcels)]

    async def all_told() -> bool:
        copies = service.host.db["copy_parcels"]
        return await copies.count_documents({"_id": {"$in": made}}) == len(made) and await nothing_waits(service)

    await eventually(all_told, "every parcel's copy", within=60)
    last = await reseal(service.host.db)
    assert (last.left, await with_the_old_key(service)) == (0, {})

    restart(alone)
    for parcel_id in made:
        parcel, copy = [
            await service.host.db[name].find_one({"_id": parcel_id}) for name in ("parcels", "copy_parcels")
        ]
        assert parcel is not None and copy is not None
        assert (parcel["phone"].reveal(), parcel["v"], parcel["status"]) == (PARCEL["phone"], 2, "delivered")
        assert copy["phone"].reveal() == PARCEL["phone"]
    assert (await service.user("bob").get(f"/files/{file_id}/content")).content == PDF
    log = await service.host.db["event_log"].find({"headers": ["ce_type", ParcelPosted.type]}).to_list()
    told = [ParcelPosted.model_validate_json(entry["value"], context={"opener": alone.open}) for entry in log]
    phones = {fact.parcel_id: fact.phone.reveal() for fact in told if fact.phone}
    assert phones == dict.fromkeys(made, PARCEL["phone"])
    assert await Parking(service.host.db, "sample").redrive(Deliveries(service.host).deliver) == (1, 0)


async def nothing_waits(service: RunningService) -> bool:
    return await service.host.db["parcels"].count_documents({"outbox_at": {"$exists": True}}) == 0
