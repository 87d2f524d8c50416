"""What every service gets from the platform: numbers, audit, papers, lists, bounds, health."""

import asyncio
from pathlib import Path

import httpx
import pytest

from chassis import audit
from chassis.app import create_app
from chassis.documents import Documents, freeze
from chassis.faults import is_away
from chassis.files import Files
from chassis.numbering import next_number
from chassis.service import Host
from chassis.store import together
from chassis.work import Work
from contracts.placement.enquiries import PlacementDocumentIssued
from tests.support.service import KEYRING, LocalKeys, RunningService
from tests.support.waiting import eventually

PARCEL = {"value": {"amount": "12.50"}}
TEMPLATE = Path(__file__).parent / "papers/note.typ"


async def test_numbers_have_no_holes_and_no_doubles_also_when_work_is_given_up(sample: RunningService):
    async def draw(inside: Work) -> int:
        return await next_number(inside, "notes 2026")

    async def give_up(inside: Work) -> int:
        await draw(inside)
        raise ValueError

    work = sample.host.system_work()
    first = await together(work, draw)
    with pytest.raises(ValueError):
        await together(work, give_up)
    rest = await asyncio.gather(*(together(work, draw) for _ in range(5)))
    assert sorted([first, *rest]) == [1, 2, 3, 4, 5, 6]
    with pytest.raises(RuntimeError):
        await next_number(work, "notes 2026")


@pytest.mark.rule("SYS-012")
async def test_who_reads_in_clear_is_on_record_before_the_answer(sample: RunningService):
    work = sample.host.system_work(correlation="r1")
    await audit.record(work, "parcels.phone", "p1")
    [kept] = await sample.host.db["audit"].find({}).to_list()
    assert (kept["actor"], kept["what"], kept["about"], kept["correlation"]) == (
        "system:sample",
        "parcels.phone",
        "p1",
        "r1",
    )


async def test_a_paper_is_frozen_once_and_served_byte_for_byte(sample: RunningService):
    about = {"kind": "note", "about_kind": "parcel", "about_id": "p1", "title": "通知", "branch": "hq"}
    work = sample.host.system_work(key="k")
    frozen = await freeze(work, template=TEMPLATE, data={"name": "甲"}, **about)
    again = await freeze(work, template=TEMPLATE, data={"name": "乙"}, **about)
    assert (again.id, again.sha256) == (frozen.id, frozen.sha256)

    async def issue(inside: Work) -> None:
        await Documents(inside).issue(frozen, [], PlacementDocumentIssued)

    await together(work, issue)
    content = await Files(work).read(frozen.id)
    assert content.startswith(b"%PDF-")
    assert (await Documents(work).get(frozen.id)).sha256 == frozen.sha256
    [event] = await sample.events("documents")
    assert (event["data"]["sha256"], event["data"]["kind"]) == (frozen.sha256, "note")


@pytest.mark.rule("SYS-006")
@pytest.mark.parametrize("sort", ["note", "-note", "sent_at", "-sent_at", "label", "-id", "id"])
async def test_a_list_shows_everything_once_also_where_the_field_is_empty(sample: RunningService, sort: str):
    ann = sample.user("ann")
    notes = [None, "b", None, "a", "b", None, "c"]
    for n, note in enumerate(notes):
        sent = {"sent_at": f"2026-03-0{n + 1}T01:00:00Z"} if n % 2 else {}
        await ann.post("/parcels", {**PARCEL, "label": f"l{n}", "note": note, **sent})
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        told = {"limit": 2, "sort": sort} | ({"cursor": cursor} if cursor else {})
        page = (await ann.get("/parcels", params=told)).json()
        seen += [item["label"] for item in page["items"]]
        cursor = page["next"]
    assert sorted(seen) == [f"l{n}" for n in range(len(notes))]


@pytest.mark.rule("SYS-006")
@pytest.mark.parametrize(
    "forged", ["WyItbGFiZWwiLDFlOTk5LCJ4Il0", "WyItbGFiZWwiLDEwMDAwMDAwMDAwMDAwMDAwMDAwMDAwLCJ4Il0", "e30"]
)
async def test_a_forged_cursor_never_fails_inside(sample: RunningService, forged: str):
    answer = await sample.user("ann").get("/parcels", params={"sort": "-label", "cursor": forged})
    assert answer.status_code in (200, 422), answer.text


async def test_a_body_that_is_too_long_is_refused_as_a_problem(sample: RunningService):
    answer = await sample.user("ann").post("/parcels", {**PARCEL, "label": "x" * sample.host.settings.max_body_bytes})
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:baoqiao:problem:too-large")


async def test_health_and_metrics_are_told(sample: RunningService):
    await sample.user("ann").get("/parcels")
    assert (await sample.http.get("/livez")).json() == {"status": "alive"}
    assert (await sample.http.get("/readyz")).status_code == 503, "not before the indexes stand"
    told = (await sample.http.get("/metrics")).text
    assert 'baoqiao_request_seconds_count{method="GET",route="/parcels",service="sample",status="200"}' in told


class Surprised(Host):
    """A host that meets an election as the driver did not foresee it, once; then all is well."""

    def __init__(self, like: Host) -> None:
        super().__init__(like.service, like.settings, keys=LocalKeys(), keyring=KEYRING)
        self.met = False

    async def prepare(self) -> None:
        if not self.met:
            self.met = True
            raise RuntimeError("Lock is not acquired.")
        await super().prepare()


async def test_an_api_becomes_ready_whatever_the_driver_made_of_an_election(sample: RunningService):
    host = Surprised(sample.host)
    app = create_app(host)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://service")

    async def ready() -> bool:
        return (await http.get("/readyz")).status_code == 200

    async with http, app.router.lifespan_context(app):
        await eventually(ready, "the indexes at the second try")
    assert host.met


async def test_a_fault_of_ours_is_no_outage(sample: RunningService):
    with pytest.raises(Exception, match="unknown top level operator") as refused:
        await sample.host.db["parcels"].find_one({"$nonsense": 1})
    assert not is_away(refused.value)
