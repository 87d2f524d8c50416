"""Poison messages of every kind: each is parked or handled as it must be, the partition goes on, other aggregates feel
nothing, and what is mended can be redriven."""

from dataclasses import dataclass
from typing import Any

import pytest

from chassis.parking import MOST_BYTES, Parking
from chassis.worker import Worker
from contracts import wire
from tests.support.bus import POSTED, a_label, a_posting, send, send_unreadable
from tests.support.service import RunningService
from tests.support.waiting import eventually

Running = tuple[RunningService, Worker]
NEXT = POSTED.replace(".v1", ".v2")


def without(headers: wire.Headers, name: str) -> wire.Headers:
    return [(told, text) for told, text in headers if told != name]


def but(headers: wire.Headers, name: str, text: bytes) -> wire.Headers:
    return [(told, text if told == name else before) for told, before in headers]


@dataclass(frozen=True)
class Poison:
    """A message about the aggregate `name`, and the reason for which it is parked."""

    name: str
    headers: wire.Headers
    value: bytes | None
    reason: str


def poison(name: str, reason: str, value: bytes | None = b"", headers: wire.Headers | None = None) -> Poison:
    told = a_posting(name) if headers is None else headers
    return Poison(name, told, a_label(name, name) if value == b"" else value, reason)


POISONS = [
    poison("bad-json", "not JSON", b"{not json"),
    poison("not-utf-8", "not JSON", b'{"parcel_id": "\xff\xfe"}'),
    poison("empty", "not JSON", b" "),
    poison("no-value", "not JSON", None),
    poison("deep", "not JSON", b"[" * 200_000),
    poison("a-list", "valid", b"[]"),
    poison("a-field-gone", "label: Field required", b'{"parcel_id": "a-field-gone"}'),
    poison("half-a-character", "surrogates not allowed", b'{"parcel_id": "half-a-character", "label": "\\ud800"}'),
    poison("oversized-rubbish", "not JSON", b"x" * 3_900_000),
    poison("no-headers", "specversion", headers=[]),
    poison("no-id", "id: Field required", headers=without(a_posting("no-id"), "ce_id")),
    poison("odd-header", "ce_actor is not UTF-8", headers=but(a_posting("odd-header"), "ce_actor", b"\xff\xfe")),
    poison("twice", "twice and differs", headers=[*a_posting("twice"), ("ce_id", b"another")]),
    poison("no-number", "aggregateversion", headers=but(a_posting("no-number"), "ce_aggregateversion", b"two")),
    poison("beyond-64-bits", "8-byte", headers=but(a_posting("beyond-64-bits"), "ce_aggregateversion", b"9" * 25)),
]


async def labelled(service: RunningService, *keys: str, **fields: Any) -> bool:
    return await service.host.db["copy_parcels"].count_documents({"_id": {"$in": keys}, **fields}) == len(keys)


async def ready(worker: Worker) -> bool:
    return worker.ready


async def parked(service: RunningService, count: int) -> list[dict[str, Any]]:
    found = await service.host.db["parked"].find({}).sort([("key", 1), ("offset", 1)]).to_list()
    assert len(found) == count, [(document["key"], document["error"][:80]) for document in found]
    return found


@pytest.mark.usefixtures("impatient")
async def test_poison_of_every_kind_is_parked_and_blocks_its_own_aggregate_only_until_it_is_mended_and_redriven(
    sample_worker: Running,
):
    service, worker = sample_worker
    await eventually(lambda: ready(worker), "the worker")
    healthy = [f"healthy-{n}" for n in range(20)]  # of both partitions
    await send(service, *((told.name, told.value, told.headers) for told in POISONS))
    await send(service, *((told.name, a_label(told.name, "second"), a_posting(told.name, 2)) for told in POISONS))
    await send(service, *((key, a_label(key, key), a_posting(key)) for key in healthy))
    await eventually(lambda: labelled(service, *healthy), "the other aggregates go on")

    found = await eventually(lambda: parked(service, 2 * len(POISONS)), "the poison and what came behind it")
    assert found is not None
    reasons = {document["key"]: document["error"] for document in found if not document["again"]}
    assert set(reasons) == {told.name for told in POISONS}
    assert [told.name for told in POISONS if told.reason not in reasons[told.name]] == []
    assert await service.host.db["copy_parcels"].count_documents({"label": "second"}) == 0

    for told in POISONS:
        mended = {"headers": a_posting(told.name), "value": a_label(told.name, "first")}
        await service.host.db["parked"].update_one({"key": told.name, "again": False}, {"$set": mended})
    assert await worker.parking.redrive(worker.deliveries.deliver) == (2 * len(POISONS), 0)
    assert await labelled(service, *(told.name for told in POISONS), label="second", v=2)


async def test_a_message_under_a_wrong_key_is_parked_for_its_subject_and_the_key_s_own_goes_on(sample_worker: Running):
    service, worker = sample_worker
    await eventually(lambda: ready(worker), "the worker")
    await send(
        service,
        ("other", a_label("mine", "first"), a_posting("mine")),
        (None, a_label("keyless", "first"), a_posting("keyless")),
        ("other", a_label("other", "other"), a_posting("other")),
    )
    await eventually(lambda: labelled(service, "other"), "what lies under its own key")
    found = await eventually(lambda: parked(service, 2), "the two that do not")
    assert found is not None
    assert {(document["key"], document["error"]) for document in found} == {
        ("keyless", "the key is not the aggregate that the message is about"),
        ("mine", "the key is not the aggregate that the message is about"),
    }
    await send(service, ("mine", a_label("mine", "second"), a_posting("mine", 2)))
    await eventually(lambda: parked(service, 3), "the next of the same aggregate, behind it")
    assert await worker.parking.redrive(worker.deliveries.deliver) == (3, 0)
    assert await labelled(service, "mine", label="second", v=2)


@pytest.mark.usefixtures("impatient")
async def test_a_fact_told_only_in_a_newer_version_waits_for_newer_code_and_one_told_in_both_does_not(
    sample_worker: Running,
):
    service, worker = sample_worker
    await eventually(lambda: ready(worker), "the worker")
    await send(
        service,
        ("only-v2", a_label("only-v2", "of v2"), a_posting("only-v2", 1, type=NEXT)),
        ("both", a_label("both", "of v1"), a_posting("both", 1, alsoas=NEXT)),
        ("both", b"{}", a_posting("both", 2, type=NEXT, alsoas=POSTED)),
        ("both", a_label("both", "of v1, later"), a_posting("both", 3)),
        ("other", b"{}", a_posting("other", 1, type="baoqiao.sample.parcels.parcel_weighed.v1")),
    )
    await eventually(lambda: labelled(service, "both", label="of v1, later", v=3), "what was told in both")
    [waits] = await eventually(lambda: parked(service, 1), "what was told in v2 only") or []
    assert (waits["key"], waits["again"]) == ("only-v2", True)

    deliver = worker.deliveries.deliver  # newer code, that reads v2

    async def reads_both(headers: Any, value: bytes | None, key: str | None = None) -> bool:
        return await deliver(but(list(headers), "ce_type", POSTED.encode()), value, key)

    worker.deliveries.deliver = reads_both
    await eventually(lambda: labelled(service, "only-v2", label="of v2"), "handled without a hand")


async def test_fields_of_a_future_version_and_headers_that_are_told_twice_alike_are_no_poison(sample_worker: Running):
    service, worker = sample_worker
    await eventually(lambda: ready(worker), "the worker")
    await send(
        service,
        ("grown", a_label("grown", "x", weight_g=5, parts=[{"new": 1}]), a_posting("grown")),
        ("alike", a_label("alike", "x"), [*a_posting("alike"), ("ce_id", b"e-alike-1")]),
        ("large", a_label("large", "x", paper="p" * 3_900_000), a_posting("large")),
    )
    await eventually(lambda: labelled(service, "grown", "alike", "large"), "all three")
    assert await worker.parking.count() == 0


async def test_a_header_whose_name_cannot_be_read_is_passed_and_its_place_is_parked(sample_worker: Running):
    service, worker = sample_worker
    await eventually(lambda: ready(worker), "the worker")
    before, after = [[f"{when}-{n}" for n in range(10)] for when in ("before", "after")]  # of both partitions
    await send(service, *((key, a_label(key, key), a_posting(key)) for key in before))
    await send_unreadable(service)
    await send(service, *((key, a_label(key, key), a_posting(key)) for key in after))
    await eventually(lambda: labelled(service, *before, *after), "what lies around it")
    [kept] = await parked(service, 1)
    assert "sample.parcels/0/" in kept["_id"]
    assert "not UTF-8" in kept["error"]


async def test_a_message_that_no_document_can_keep_is_parked_without_its_value_and_never_stops_the_partition(
    sample: RunningService,
):
    parking = Parking(sample.host.db, "sample")
    place = ("foreign.topic", 0, 7, "huge")
    await parking.park(*place, a_posting("huge"), b"x" * (MOST_BYTES + 1), "not JSON", again=False)
    [kept] = await parked(sample, 1)
    assert (kept["_id"], kept["value"]) == ("foreign.topic/0/7", None)
    assert "lies on Kafka only; not JSON" in kept["error"]
    assert await parking.redrive(sample.deliveries.deliver) == (0, 1), "and is not taken for handled"


async def test_a_message_is_not_taken_for_another_one_that_lay_at_its_place_before_kafka_was_lost(
    sample: RunningService,
):
    parking, heard = Parking(sample.host.db, "sample"), list[bytes | None]()

    async def park(offset: int, value: bytes) -> None:
        await parking.park("foreign.topic", 0, offset, "one", [("ce_id", value)], value, "for a test", again=False)

    async def deliver(_: Any, value: bytes | None) -> None:
        heard.append(value)

    for offset, value in ((7, b"a"), (9, b"b"), (7, b"c"), (8, b"d"), (9, b"e")):  # Kafka began anew before c
        for _ in range(2):  # and delivers at least once
            await park(offset, value)
    assert await parking.redrive(deliver) == (5, 0)
    assert heard == [b"a", b"b", b"c", b"d", b"e"]
