"""A copy built anew while the service works."""

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

import pytest
from pymongo.asynchronous.collection import AsyncCollection

from chassis.copies import Copy
from chassis.rebuilding import ASIDE, Aside, CannotRebuild, Elsewhere, Rebuilt, fed, goes_on, rebuild
from chassis.serve import service_named
from chassis.worker import Worker
from contracts.catalogue import facts
from contracts.facts import Envelope
from contracts.publish import SAMPLES
from contracts.wire import fact_of
from tests.support.bus import a_label, a_posting, send
from tests.support.service import HQ, RunningService, running
from tests.support.waiting import eventually

Running = tuple[RunningService, Worker]
PARCEL = {"value": {"amount": "12.50"}}


async def post(service: RunningService, label: str) -> str:
    answer = await service.user("ann").post("/parcels", {**PARCEL, "label": label})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def post_until(stop: asyncio.Event, service: RunningService) -> int:
    count = 0
    while not stop.is_set():
        await post(service, f"meanwhile {count}")
        count += 1
    return count


async def labels(collection: AsyncCollection[dict[str, Any]]) -> dict[str, str]:
    return {document["_id"]: document["label"] for document in await collection.find({}).to_list()}


async def copied(service: RunningService) -> bool:
    db = service.host.db
    return await labels(db["copy_parcels"]) == await labels(db["parcels"])


async def test_a_copy_dropped_while_commands_keep_coming_is_rebuilt_and_equals_its_originals(sample_worker: Running):
    service, worker = sample_worker
    for n in range(30):
        await post(service, f"before {n}")
    await eventually(lambda: copied(service), "the copies before")
    stop = asyncio.Event()
    posting = asyncio.create_task(post_until(stop, service))
    await service.host.db["copy_parcels"].drop()
    rebuilt = await rebuild(service.host, "copy_parcels")
    stop.set()
    assert await posting > 0
    assert rebuilt.documents >= 30
    assert (rebuilt.incomplete, rebuilt.unknown) == (0, 0)
    await eventually(lambda: copied(service), "every copy, those of meanwhile too")
    assert await worker.parking.count() == 0
    left = await service.host.db.database.list_collection_names(filter={"name": {"$regex": "^rebuilding"}})
    assert left == []


async def test_a_damaged_copy_is_mended_and_no_reader_sees_a_hole(sample_worker: Running):
    service, _ = sample_worker
    for n in range(20):
        await post(service, f"a {n}")
    await eventually(lambda: copied(service), "the copies")
    copies = service.host.db["copy_parcels"]
    await copies.update_many({}, {"$set": {"label": "damaged"}})
    least, done = 20, asyncio.Event()

    async def look() -> None:
        nonlocal least
        while not done.is_set():
            least = min(least, await copies.count_documents({}))

    looking = asyncio.create_task(look())
    rebuilt = await rebuild(service.host, "copy_parcels")
    done.set()
    await looking
    assert rebuilt == Rebuilt(20, 0, 0)
    assert least == 20
    assert await copied(service)


async def test_what_makes_other_effects_than_the_copy_does_not_run_again(sample_worker: Running):
    service, _ = sample_worker
    await post(service, "return me")
    await eventually(lambda: copied(service), "the copies")
    parcels = service.host.db["parcels"]
    await parcels.delete_one({"label": "back"})  # so that no once-only guard can hide a second run
    assert (await rebuild(service.host, "copy_parcels")).documents == 2
    assert await parcels.count_documents({}) == 1
    assert set(await service.host.db.database.list_collection_names()) >= {"copy_parcels", "parcels"}


async def test_an_aggregate_that_lacks_an_event_is_told_and_left_until_a_replay_brings_it(sample_worker: Running):
    service, worker = sample_worker

    async def ready() -> bool:
        return worker.ready

    await eventually(ready, "the worker")
    late = [("p", a_label("p", f"version {n}"), a_posting("p", n)) for n in (2, 3)]
    await send(service, *late, ("q", a_label("q", "whole"), a_posting("q")))

    async def both() -> bool:
        return await service.host.db["copy_parcels"].count_documents({"v": {"$in": [1, 3]}}) == 2

    await eventually(both, "what is left of them")
    assert await rebuild(service.host, "copy_parcels") == Rebuilt(1, 1, 0)
    await send(service, ("p", a_label("p", "version 1"), a_posting("p", 1)), *late)
    assert await rebuild(service.host, "copy_parcels") == Rebuilt(2, 0, 0)
    await service.host.db["copy_parcels"].insert_one({"_id": "stray", "v": 1, "branch": "hq", "label": "stray"})
    assert await rebuild(service.host, "copy_parcels") == Rebuilt(2, 0, 1)


async def test_a_message_that_nobody_can_read_is_passed_over(sample_worker: Running):
    service, worker = sample_worker

    async def ready() -> bool:
        return worker.ready

    await eventually(ready, "the worker")
    await send(service, ("x", b"{", [("ce_specversion", b"7")]), ("q", a_label("q", "whole"), a_posting("q")))

    async def copied_beside() -> int:
        return await service.host.db["copy_parcels"].count_documents({"_id": "q"})

    await eventually(copied_beside, "the copy beside it")
    assert await rebuild(service.host, "copy_parcels") == Rebuilt(1, 0, 0)


class BrokenOff(Exception):
    """By whoever waits for a rebuild."""


@pytest.mark.parametrize("how", ["goes on", "anew", "other code"])
async def test_a_rebuild_that_is_broken_off_goes_on_where_it_stopped(
    sample_worker: Running, monkeypatch: pytest.MonkeyPatch, how: str
):
    service, worker = sample_worker

    async def ready() -> bool:
        return worker.ready

    await eventually(ready, "the worker")
    await send(service, ("p", a_label("p", "version 2"), a_posting("p", 2)))  # misses its first event
    for n in range(30):
        await post(service, f"a {n}")

    async def all_there() -> bool:
        return await service.host.db["copy_parcels"].count_documents({}) == 31

    await eventually(all_there, "the copies")
    await service.host.db["copy_parcels"].update_many({"_id": {"$ne": "p"}}, {"$set": {"label": "damaged"}})
    monkeypatch.setattr("chassis.rebuilding.BATCH", 10)
    first: list[int] = []

    def break_off(count: int) -> None:
        first.append(count)
        if count >= 10:
            raise BrokenOff

    with pytest.raises(BrokenOff):
        await rebuild(service.host, "copy_parcels", break_off)
    assert await service.host.db["copy_parcels"].count_documents({"label": "damaged"}) == 30
    assert await goes_on(service.host, "copy_parcels")
    if how == "other code":
        monkeypatch.setattr("chassis.rebuilding._code", lambda _: "of another version")
    second: list[int] = []
    assert await rebuild(service.host, "copy_parcels", second.append, anew=how == "anew") == Rebuilt(30, 1, 0)
    assert second[-1] == (31 - first[-1] if how == "goes on" else 31)
    assert not await goes_on(service.host, "copy_parcels")
    assert await labels(service.host.db["copy_parcels"]) == {
        **await labels(service.host.db["parcels"]),
        "p": "version 2",
    }
    left = await service.host.db.database.list_collection_names(filter={"name": {"$regex": "^rebuilding"}})
    assert left == []


async def test_a_copy_that_nothing_feeds_and_a_second_rebuild_at_once_are_refused(sample_worker: Running):
    service, _ = sample_worker
    with pytest.raises(CannotRebuild, match="copy_branches, copy_parcels"):
        await rebuild(service.host, "parcels")
    await post(service, "a")
    outcomes = await asyncio.gather(*(rebuild(service.host, "copy_parcels") for _ in range(2)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {CannotRebuild, Rebuilt}


async def handled_aside(service: RunningService, collection: str, type_name: str) -> int:
    """How many copies the first event of this type makes, when nothing but the copy can be reached."""
    fact = fact_of(type_name, (SAMPLES / f"{type_name}.1.json").read_bytes(), lambda sealed: sealed)
    attributes = {"id": "e", "source": "s", "subject": "s", "actor": "u", "correlationid": "c", "branch": HQ}
    envelope = Envelope(type=type_name, time=service.clock(), aggregateversion=1, **attributes)
    work = replace(service.deliveries.work_for(envelope), db=Aside(service.host.db, collection))
    for handler in service.deliveries.handlers(type_name):
        with contextlib.suppress(Elsewhere, ValueError):  # samples are not good enough for all that reads a copy
            await handler(fact, work)
    aside = service.host.db[f"{ASIDE}{collection}"]
    return (await aside.delete_many({"v": 1})).deleted_count


@pytest.mark.parametrize("name", ["clients", "placement", "finance", "hr", "notifications"])
async def test_every_fact_of_a_copy_s_topic_feeds_it_by_a_handler_that_needs_nothing_else(name: str, mongo_url: str):
    async with running(service_named(name), mongo_url) as service:
        of_service = [kind for kind in Copy.__subclasses__() if kind.__module__.startswith(f"services.{name}.")]
        assert of_service
        unfed = [
            (kind.collection, type_name)
            for kind in of_service
            for type_name, fact in facts().items()
            if fact.topic == fed(service.host)[kind.collection]
            and await handled_aside(service, kind.collection, type_name) != 1
        ]
        assert unfed == []
