"""The machine's clock is put back, on api and worker: nothing is lost, nothing is done twice.

What must not depend on it does not: leases run on MongoDB's clock and the process' monotonic one (test_leases),
messages carry the broker's time (test_late_readers), the order of events is that of versions.
"""

import asyncio
from typing import Any

from chassis.ids import new_id
from chassis.jobs import Jobs
from chassis.service import Host, Service
from chassis.work import Work
from chassis.worker import Worker
from tests.support.service import KEYRING, LocalKeys, RunningService, a_token
from tests.support.waiting import eventually

Running = tuple[RunningService, Worker]
PARCEL = {"value": {"amount": "12.50"}}


async def copied(service: RunningService, *labels: str) -> bool:
    return await service.host.db["copy_parcels"].count_documents({"label": {"$in": labels}}) == len(labels)


async def test_commands_and_events_go_on_in_order_and_repeats_are_recognised(sample_worker: Running):
    service, worker = sample_worker
    ann = service.user("ann")
    made = (await ann.post("/parcels", {**PARCEL, "label": "return me"}, key="k")).json()
    await eventually(lambda: copied(service, "return me", "back"), "the copies before")
    service.clock.move(hours=-2)
    again = await ann.post("/parcels", {**PARCEL, "label": "return me"}, key="k")
    assert (again.json()["id"], again.headers["idempotent-replayed"]) == (made["id"], "true")
    assert (await ann.post(f"/parcels/{made['id']}/delivery", match=1, key="d")).json()["version"] == 2
    await ann.post("/parcels", {**PARCEL, "label": "later, by an earlier clock"})
    await eventually(lambda: copied(service, "later, by an earlier clock"), "the copy after")

    async def published() -> list[dict[str, Any]]:
        found = await service.host.db["event_log"].find({"key": made["id"]}).sort("seq", 1).to_list()
        return found if len(found) == 2 else []

    assert [entry["v"] for entry in await eventually(published, "both events") or []] == [1, 2]
    assert await service.host.db["parcels"].count_documents({"outbox_at": {"$exists": True}}) == 0
    assert await service.host.db["parcels"].count_documents({}) == 3
    assert await worker.parking.count() == 0


async def test_a_token_signed_before_is_good_after_and_no_longer_than_it_says(sample: RunningService):
    headers = {"Authorization": f"Bearer {a_token('ann', {'hq': ['*']}, sample.clock)}"}
    sample.clock.move(hours=-1)
    assert (await sample.http.get("/parcels", headers=headers)).status_code == 200
    sample.clock.move(hours=1, seconds=901)
    assert (await sample.http.get("/parcels", headers=headers)).status_code == 401


async def test_a_list_shows_everything_once_whatever_order_the_clock_gave_it(sample: RunningService):
    ann = sample.user("ann")
    made: set[str] = set()
    for n in range(6):
        sent = {"sent_at": sample.clock().isoformat(), **PARCEL, "label": f"a {n}"}
        made.add((await ann.post("/parcels", sent)).json()["id"])
        sample.clock.move(hours=-1)
    shown: list[str] = []
    path: str | None = "/parcels?limit=2&sort=sent_at"
    while path:
        page = (await ann.get(path)).json()
        shown += [parcel["id"] for parcel in page["items"]]
        path = f"/parcels?limit=2&sort=sent_at&cursor={page['next']}" if page["next"] else None
    assert (len(shown), set(shown)) == (6, made)
    assert len({new_id() for _ in range(1000)}) == 1000


async def test_a_job_of_every_few_seconds_runs_by_a_clock_that_cannot_go_back(sample: RunningService):
    runs, twice = 0, asyncio.Event()
    jobs = Jobs()

    @jobs.every(seconds=1)
    async def look(work: Work) -> None:
        nonlocal runs
        runs += 1
        if runs == 2:
            twice.set()

    service = Service("sample", "Sample", routers=[], stores=[], jobs=[jobs])
    host = Host(service, sample.host.settings, clock=sample.clock, keys=LocalKeys(), keyring=KEYRING)
    worker = Worker(host)
    await worker.start()
    try:
        assert worker._scheduler.get_jobs() == [], "nothing that reads the wall clock"
        await asyncio.wait_for(twice.wait(), 30)
    finally:
        await worker.stop()
        await host.db.close()
