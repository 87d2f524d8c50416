"""The relay loses and doubles nothing, whatever breaks between its steps: send, log, clear."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from chassis import relay as relays
from chassis.jobs import Job
from chassis.kafka import Message
from chassis.leases import Lease
from chassis.relay import LeaseLost, Relay, replay, topic_of
from chassis.work import Work
from chassis.worker import Worker
from contracts.facts import FACTS
from tests.support.sample import service as sample_service
from tests.support.service import KEYRING, LocalKeys, RunningService
from tests.support.waiting import eventually

PARCEL = {"value": {"amount": "12.50"}}


class Bus:
    """Kafka as the relay sees it: keeps what was acknowledged, and breaks when told."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str, int]] = []
        self.breaks_after: int | None = None

    async def publish(self, messages: Sequence[Message], check: Callable[[], None]) -> None:
        for message in messages:
            check()
            if self.breaks_after is not None and len(self.got) >= self.breaks_after:
                raise ConnectionError
            version = int(dict(message.headers)["ce_aggregateversion"])
            self.got.append((message.topic.partition("_")[2], message.key.decode(), version))

    def versions(self, key: str) -> list[int]:
        """The versions of one aggregate in the order in which they came, repeats left out."""
        return list(dict.fromkeys(version for _, sent_key, version in self.got if sent_key == key))


async def a_relay(service: RunningService, bus: Bus, holder: str = "w1") -> Relay:
    lease = Lease(service.host.db, "worker", holder)
    assert await lease.hold()
    return Relay(service.host.db, "sample", service.host.settings.namespace, ["parcels"], bus, lease)


async def a_delivered_parcel(service: RunningService, label: str) -> str:
    """A parcel with two events that wait."""
    ann = service.user("ann")
    made = (await ann.post("/parcels", {**PARCEL, "label": label})).json()
    await ann.post(f"/parcels/{made['id']}/delivery", match=1)
    return made["id"]


async def logged(service: RunningService, key: str) -> list[int]:
    """The versions of one aggregate as the event log replays them."""
    found = await service.host.db["event_log"].find({"key": key}).sort("seq", 1).to_list()
    return [entry["v"] for entry in found]


async def pending(service: RunningService) -> int:
    return await service.host.db["parcels"].count_documents({"outbox_at": {"$exists": True}})


@pytest.mark.parametrize("step", ["send", "log", "log half", "clear", "clear half"])
async def test_a_crash_between_two_steps_loses_and_doubles_nothing(
    sample: RunningService, monkeypatch: pytest.MonkeyPatch, step: str
):
    parcels = [await a_delivered_parcel(sample, label) for label in "abc"]
    bus = Bus()
    broken = await a_relay(sample, bus)
    break_at(monkeypatch, broken, bus, sample, step)
    with pytest.raises((ConnectionError, AutoReconnect)):
        await broken.sweep()
    monkeypatch.undo()
    bus.breaks_after = None

    await (await a_relay(sample, bus)).sweep()
    assert await pending(sample) == 0
    for parcel in parcels:
        assert bus.versions(parcel) == [1, 2]
        assert await logged(sample, parcel) == [1, 2]


def break_at(monkeypatch: pytest.MonkeyPatch, relay: Relay, bus: Bus, service: RunningService, step: str) -> None:
    async def broken(*_: Any) -> None:
        raise AutoReconnect("the connection broke")

    async def log_half(entries: list[dict[str, Any]]) -> None:
        await service.host.db["event_log"].insert_many(entries[:3])
        await broken()

    async def clear_half(collection: str, documents: list[dict[str, Any]]) -> None:
        await Relay._clear(relay, collection, documents[:1])
        await broken()

    if step == "send":
        bus.breaks_after = 3
    else:
        act = {"log": broken, "log half": log_half, "clear": broken, "clear half": clear_half}[step]
        monkeypatch.setattr(relay, f"_{step.partition(' ')[0]}", act)


async def test_a_relay_whose_lease_ran_out_sends_and_logs_nothing_more(sample: RunningService):
    parcel = await a_delivered_parcel(sample, "a")
    bus, next_bus = Bus(), Bus()
    stalled = await a_relay(sample, bus)

    async def stall(messages: Sequence[Message], check: Callable[[], None]) -> None:
        await Bus.publish(bus, messages[:1], check)
        await stalled._lease.give_up()
        await Bus.publish(bus, messages[1:], check)

    bus.publish = stall
    with pytest.raises(LeaseLost):
        await stalled.sweep()
    assert bus.versions(parcel) == [1]
    assert await logged(sample, parcel) == []
    assert await stalled.sweep() == 0
    await (await a_relay(sample, next_bus, "w2")).sweep()
    assert (next_bus.versions(parcel), await logged(sample, parcel)) == ([1, 2], [1, 2])


async def test_two_relays_at_once_log_every_event_once_and_in_order(
    sample: RunningService, monkeypatch: pytest.MonkeyPatch
):
    parcels = [await a_delivered_parcel(sample, label) for label in "ab"]
    old_bus, new_bus = Bus(), Bus()
    stopped = await a_relay(sample, old_bus)
    at_log, resumed = asyncio.Event(), asyncio.Event()
    log = stopped._log

    async def stalled(entries: list[dict[str, Any]]) -> None:
        at_log.set()  # SIGSTOP after Kafka's acknowledgement, for longer than the lease lasts
        await resumed.wait()
        await log(entries)

    monkeypatch.setattr(stopped, "_log", stalled)
    sweeping = asyncio.create_task(stopped.sweep())
    await at_log.wait()
    await sample.host.db["leases"].update_one({"_id": "worker"}, [{"$set": {"until": 0}}])
    second = await a_relay(sample, new_bus, "w2")
    break_at(monkeypatch, second, new_bus, sample, "log half")
    with pytest.raises(AutoReconnect):
        await second.sweep()
    stopped._lease._until = float("-inf")
    resumed.set()
    with pytest.raises(LeaseLost):
        await sweeping
    assert await logged(sample, parcels[1]) == [1], "an older epoch adds nothing between the entries of a newer one"

    monkeypatch.undo()
    await second.sweep()
    assert await pending(sample) == 0
    assert [await logged(sample, parcel) for parcel in parcels] == [[1, 2], [1, 2]]
    assert await sample.host.db["event_log"].count_documents({}) == 4
    for bus in (old_bus, new_bus):
        assert [bus.versions(parcel) for parcel in parcels] == [[1, 2], [1, 2]]


async def test_events_that_come_while_a_batch_is_sent_wait_for_the_next(sample: RunningService):
    ann = sample.user("ann")
    parcel = (await ann.post("/parcels", {**PARCEL, "label": "a"})).json()["id"]
    bus = Bus()
    relay = await a_relay(sample, bus)

    async def meanwhile(messages: Sequence[Message], check: Callable[[], None]) -> None:
        if not bus.got:
            await ann.post(f"/parcels/{parcel}/delivery", match=1)
        await Bus.publish(bus, messages, check)

    bus.publish = meanwhile
    assert await relay.sweep() == 2
    assert (bus.versions(parcel), await pending(sample)) == ([1, 2], 0)


async def test_while_a_batch_is_on_its_way_the_next_is_read_and_nothing_is_sent_twice_or_out_of_order(
    sample: RunningService, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(relays, "BATCH", 2)
    ann = sample.user("ann")
    posted = [(await ann.post("/parcels", {**PARCEL, "label": f"a{n}"})).json()["id"] for n in range(12)]
    waiting, bus = list(reversed(posted)), Bus()
    relay = await a_relay(sample, bus)
    most_in_hand = 0

    async def meanwhile(messages: Sequence[Message], check: Callable[[], None]) -> None:
        nonlocal most_in_hand
        most_in_hand = max(most_in_hand, len(relay._in_hand))
        await Bus.publish(bus, messages, check)
        for parcel in [waiting.pop() for _ in range(min(2, len(waiting)))]:  # some are in this batch, some in others
            await ann.post(f"/parcels/{parcel}/delivery", match=1)

    bus.publish = meanwhile
    assert await relay.sweep() == 24
    assert most_in_hand > 1
    assert len(bus.got) == 24
    for parcel in posted:
        assert bus.versions(parcel) == await logged(sample, parcel) == [1, 2]
    assert await pending(sample) == 0


async def test_a_fact_that_only_a_newer_api_knows_is_published_all_the_same(sample: RunningService):
    parcel = await a_delivered_parcel(sample, "a")
    newer = "baoqiao.sample.parcels.parcel_weighed.v1"
    await sample.host.db["parcels"].update_one({"_id": parcel}, {"$set": {"outbox.1.type": newer}})
    bus = Bus()
    await (await a_relay(sample, bus)).sweep()
    assert bus.got[1] == ("sample.parcels", parcel, 2)


def test_the_topic_of_every_fact_stands_in_its_type():
    assert [topic_of(name) for name in FACTS] == [fact.topic for fact in FACTS.values()]


async def test_a_backlog_of_papers_is_published_in_bounded_batches(
    sample: RunningService, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(relays, "BATCH_CHARACTERS", 100)
    for label in "abcdef":
        await a_delivered_parcel(sample, label * 60)
    bus = Bus()
    relay = await a_relay(sample, bus)
    pending, all_read = await relay._pending("parcels", None)
    assert (len(pending), all_read) == (1, False)
    assert await relay.sweep() == 12


async def test_what_fits_into_one_batch_is_looked_for_once(sample: RunningService, monkeypatch: pytest.MonkeyPatch):
    await a_delivered_parcel(sample, "a")
    relay = await a_relay(sample, Bus())
    look, looks = relay._pending, 0

    async def counted(*asked: Any) -> Any:
        nonlocal looks
        looks += 1
        return await look(*asked)

    monkeypatch.setattr(relay, "_pending", counted)
    assert (await relay.sweep(), looks) == (2, 1)


@pytest.mark.parametrize("at_once", [250, 1])
async def test_replay_sends_the_log_in_the_order_of_each_aggregate(
    sample: RunningService, monkeypatch: pytest.MonkeyPatch, at_once: int
):
    parcels = [await a_delivered_parcel(sample, label) for label in "ab"]
    await (await a_relay(sample, Bus())).sweep()
    monkeypatch.setattr("chassis.relay.READ_AT_ONCE", at_once)
    again = Bus()
    assert await replay(sample.host.db, sample.host.settings.namespace, again) == 4
    assert [again.versions(parcel) for parcel in parcels] == [[1, 2], [1, 2]]
    places = list[tuple[int, int]]()

    async def sent(count: int, place: int) -> None:
        places.append((count, place))

    other = Bus()
    await sample.host.db["event_log"].update_one({"v": 2}, {"$set": {"topic": "sample.others"}})
    assert await replay(sample.host.db, sample.host.settings.namespace, other, "sample.others", sent=sent) == 1
    assert len(places) == 4 // min(at_once, 4), "it goes on where it stopped although the topic is rare"
    last = max([entry["seq"] async for entry in sample.host.db["event_log"].find()])
    assert places[-1] == (1, last)


@pytest.fixture
async def two_workers(sample: RunningService, kafka_bootstrap: str):
    """Two workers of the sample service on one database and group."""
    settings = sample.host.settings.model_copy(update={"kafka_bootstrap": kafka_bootstrap})
    hosts = [
        type(sample.host)(sample_service, settings, clock=sample.clock, keys=LocalKeys(), keyring=KEYRING)
        for _ in range(2)
    ]
    workers = [Worker(host) for host in hosts]
    await asyncio.gather(*(worker.start() for worker in workers))
    yield sample, workers
    await asyncio.gather(*(worker.stop() for worker in workers))
    for host in hosts:
        await host.db.close()


async def one_doorbell(service: RunningService) -> bool:
    """Whether just one cursor of MongoDB watches the service's database."""
    ours = {"ns": {"$regex": rf"^{service.host.db.name}\.\$cmd"}}
    asked = [{"$currentOp": {"idleCursors": True}}, {"$match": ours}]
    found = await (await service.host.db.client.admin.aggregate(asked)).to_list()
    waiting = {one["command"]["getMore"] for one in found if "getMore" in one.get("command", {})}
    idle = {one["cursor"]["cursorId"] for one in found if one["type"] == "idleCursor"}
    return len(waiting | idle) == 1


async def test_of_two_workers_one_relays_and_runs_jobs_and_the_other_takes_over(
    two_workers: tuple[RunningService, list[Worker]],
):
    service, workers = two_workers
    runs: list[str] = []

    async def count(work: Work) -> None:
        runs.append(work.service)

    async def copied(keys: list[str]) -> bool:
        return await service.host.db["copy_parcels"].count_documents({"_id": {"$in": keys}}) == len(keys)

    async def leading() -> Worker | None:
        return next((worker for worker in workers if worker.lease.held and worker.ready), None)

    ann = service.user("ann")
    first = [(await ann.post("/parcels", {**PARCEL, "label": f"a{n}"})).json()["id"] for n in range(20)]
    await eventually(lambda: copied(first), "the first copies")
    leader = await eventually(leading, "a worker with the lease")
    assert leader is not None
    await asyncio.gather(*(worker.run_job(Job("count", count)) for worker in workers))
    assert len(runs) == 1
    await eventually(lambda: one_doorbell(service), "one worker that watches")

    await leader.stop()
    [other] = [worker for worker in workers if worker is not leader]
    second = [(await ann.post("/parcels", {**PARCEL, "label": f"b{n}"})).json()["id"] for n in range(20)]
    await eventually(lambda: copied(second), "the copies after the take-over")
    assert other.lease.held
    await eventually(lambda: one_doorbell(service), "one worker that watches")
    entries = await service.host.db["event_log"].find({}).to_list()
    assert len(entries) == len({entry["key"] for entry in entries}) == 40
    assert other.lease.epoch > leader.lease.epoch


async def test_a_worker_that_ends_finishes_the_job_and_the_message_in_hand(
    sample_worker: tuple[RunningService, Worker],
):
    _, worker = sample_worker
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(work: Work) -> None:
        begun.set()
        await may_end.wait()
        ended.set()

    async def held() -> bool:
        return worker.lease.held

    await eventually(held, "the lease")
    running = asyncio.create_task(worker.run_job(Job("slow", slow)))
    await begun.wait()
    stopping = asyncio.create_task(worker.stop())
    await asyncio.sleep(0)
    may_end.set()
    await asyncio.gather(running, stopping)
    assert ended.is_set()
    await worker.run_job(Job("slow", slow))
    assert not worker.lease.held
