"""Schedules over HTTP: checked, taken in once, read by page."""

from typing import Any

import pytest

from chassis.sheets import to_xlsx
from services.placement.gates.actions import the_client
from services.placement.schedules.actions import the_schedules
from services.placement.schedules.store import ScheduleNotFound
from tests.support.placement import has_schedule, knows_client, knows_ready_client
from tests.support.service import RunningService

HEADER = ("省份", "标的地址", "占用性质", "房屋建筑物", "机器设备", "存货", "合计")
ROWS = [("广东省", f"深圳市澜桥大道{n}号", "办公", 1000 * n, "", "", "") for n in range(1, 6)]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def upload(rows: list[tuple[Any, ...]], kind: str = "locations", **more: str) -> dict[str, Any]:
    """A location schedule as a browser sends it."""
    return {"files": {"file": ("标的.xlsx", to_xlsx("标的", HEADER, rows), XLSX)}, "data": {"kind": kind} | more}


@pytest.mark.rule("PLC-023")
async def test_the_check_tells_what_the_real_run_then_does(placement: RunningService):
    await knows_ready_client(placement)
    ann = placement.user("ann")
    rows = [*ROWS, ("火星", "甲路1号", "", 1, "", "", "")]
    checked = (await ann.post("/schedules/checks", **upload(rows))).json()
    assert (await ann.get("/schedules")).json()["items"] == []
    added = await ann.post("/schedules", **upload(rows, client_id="cli-1"))
    assert (added.status_code, added.json()["report"]) == (201, checked)
    assert (checked["taken"], checked["refused"], checked["faults"][0]["row"]) == (5, 1, 7)
    assert (added.json()["rows"], added.json()["regions"]) == (5, ["44"])
    assert {total["column"]: total["amount"]["amount"] for total in added.json()["totals"]}["total"] == "15000.00"
    [fact] = await placement.events("schedules", added.json()["id"])
    assert (fact["data"]["rows"], fact["data"]["total"]["amount"]) == (5, "15000.00")


@pytest.mark.rule("PLC-024")
async def test_the_same_file_again_adds_nothing(placement: RunningService):
    await knows_ready_client(placement)
    ann = placement.user("ann")
    first = await ann.post("/schedules", **upload(ROWS, client_id="cli-1"))
    content = (await ann.get(f"/files/{first.json()['file_id']}/content")).content
    files = {"file": ("标的.xlsx", content, XLSX)}
    again = await ann.post("/schedules", files=files, data={"kind": "locations", "client_id": "cli-1"})
    assert again.json() == first.json()
    assert await placement.host.db["schedule_rows"].count_documents({}) == 5
    assert len((await ann.get("/schedules", params={"client_id": "cli-1"})).json()["items"]) == 1


async def test_rows_are_read_page_by_page_in_the_order_of_the_file(placement: RunningService):
    await knows_ready_client(placement)
    ann = placement.user("ann")
    schedule_id = (await ann.post("/schedules", **upload(ROWS, client_id="cli-1"))).json()["id"]
    first = (await ann.get(f"/schedules/{schedule_id}/rows", params={"limit": 3})).json()
    rest = (await ann.get(f"/schedules/{schedule_id}/rows", params={"limit": 3, "cursor": first["next"]})).json()
    assert [row["n"] for row in first["items"] + rest["items"]] == [1, 2, 3, 4, 5]
    assert (rest["next"], rest["items"][0]["location"]["address"]) == (None, "深圳市澜桥大道4号")


@pytest.mark.rule("PLC-006")
async def test_a_schedule_is_seen_only_in_its_branch_and_used_only_for_its_client(placement: RunningService):
    await placement.knows_branch("gd")
    await placement.knows_branch("zj")
    await knows_ready_client(placement, branch="gd")
    await knows_client(placement, "cli-2", branch="gd")
    schedule_id = await has_schedule(placement)
    assert (await placement.user("zoe", "zj").get(f"/schedules/{schedule_id}/rows")).status_code == 404
    work = placement.host.system_work()
    assert [s.id for s in await the_schedules([schedule_id], await the_client("cli-1", work), work)] == [schedule_id]
    with pytest.raises(ScheduleNotFound):
        await the_schedules([schedule_id], await the_client("cli-2", work), work)


@pytest.mark.rule("PLC-023")
async def test_a_file_that_gives_nothing_is_refused_with_the_reasons(placement: RunningService):
    await knows_ready_client(placement)
    ann = placement.user("ann")
    empty = await ann.post("/schedules", **upload([("火星", "甲路1号", "", 1, "", "", "")], client_id="cli-1"))
    assert (empty.status_code, empty.json()["rule"]["id"]) == (422, "PLC-023")
    assert empty.json()["errors"][0]["pointer"] == "标的!2 A 省份"
    other = await ann.post("/schedules/checks", **upload(ROWS, "vehicles"))
    assert (other.status_code, other.json()["type"]) == (422, "urn:baoqiao:problem:no-schedule-found")
