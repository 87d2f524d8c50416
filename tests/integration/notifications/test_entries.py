"""Entries by hand: letters on their clock, evidence, downgrading; and the calendar's gap."""

import pytest

from contracts.notifications import CalendarYearLoaded
from tests.support.notifications import Notifications, a_policy, facts_named, shanghai
from tests.support.service import HQ, Caller

LETTER = {
    "kind": "letter",
    "branch": HQ,
    "owner_id": "ann",
    "title": "询问理赔进度",
    "client_id": "cli-1",
    "started_at": "2026-03-02T08:00:00+08:00",
}
YEAR = {
    "branch": HQ,
    "year": 2027,
    "holidays": ["2027-01-01", "2027-05-01", "2027-10-01"],
    "make_up_days": ["2027-01-03"],
    "source": "国务院办公厅通知",
}


@pytest.fixture
async def ann(notifications: Notifications) -> Caller:
    """Ann at headquarters, with a client."""
    await notifications.has_user("ann", "AE")
    await notifications.has_client()
    return notifications.service.user("ann", HQ, "obligations:read", "obligations:write")


@pytest.mark.rule("NTF-004")
async def test_a_letter_is_to_be_answered_within_three_working_days(ann: Caller):
    answer = await ann.post("/obligations", LETTER)
    assert answer.status_code == 201, answer.text
    letter = answer.json()
    assert (letter["due_on"], letter["rule"]["id"], letter["rule"]["source"]) == ("2026-03-05", "NTF-004", "SD-05")
    assert letter["what"]["zh"] == "回复客户信函:询问理赔进度 华宇精密"
    assert letter["about_kind"] == "letter"


@pytest.mark.rule("NTF-005")
async def test_an_urgent_letter_is_due_today_and_its_reminder_breaks_the_quiet_hours(
    notifications: Notifications, ann: Caller
):
    notifications.service.clock.at = shanghai("2026-03-02 21:00")
    letter = (await ann.post("/obligations", LETTER | {"urgent": True})).json()
    assert (letter["due_on"], letter["urgent"]) == ("2026-03-02", True)
    await notifications.move_to("2026-03-02 21:01")
    [mail] = await notifications.traced(channel="email")
    assert (mail["kind"], mail["urgent"], mail["send_after"]) == ("reminder", True, "2026-03-02T13:01:00Z")


@pytest.mark.rule("NTF-006")
async def test_its_handler_downgrades_it_and_nobody_else(notifications: Notifications, ann: Caller):
    letter = (await ann.post("/obligations", LETTER | {"urgent": True})).json()
    path, why = f"/obligations/{letter['id']}/downgrade", {"reason": "节日问候"}
    refused = await notifications.service.user("bob").post(path, why, match=1)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (403, "NTF-006")
    done = await ann.post(path, why, match=1)
    assert (done.status_code, done.json()["due_on"], done.json()["urgent"]) == (200, "2026-03-05", False)
    again = await ann.post(path, why, match=2)
    assert (again.status_code, again.json()["type"]) == (409, "urn:baoqiao:problem:not-urgent-letter")


@pytest.mark.rule("NTF-007")
async def test_a_letter_is_marked_as_answered_with_evidence(notifications: Notifications, ann: Caller):
    letter = (await ann.post("/obligations", LETTER)).json()
    path = f"/obligations/{letter['id']}/completion"
    assert (await ann.post(path, {}, match=1)).status_code == 422
    missing = await ann.post(path, {"evidence": "复函", "file_id": "nowhere"}, match=1)
    assert (missing.status_code, missing.json()["rule"]["id"]) == (404, "SYS-010")
    form = {"files": {"file": ("reply.eml", b"From: a", "message/rfc822")}, "data": {"branch": HQ}}
    file = await ann.post("/files", **form)
    assert file.status_code == 201, file.text
    told = {"evidence": "复函 2026-17", "file_id": file.json()["id"], "met_at": "2026-03-02T08:30:00+08:00"}
    done = await ann.post(path, told, match=1)
    assert done.status_code == 200, done.text
    assert (done.json()["status"], done.json()["evidence"], done.json()["met_by"]) == ("met", "复函 2026-17", "ann")
    twice = await ann.post(path, told, match=2)
    assert (twice.status_code, twice.json()["rule"]["id"]) == (409, "SYS-001")


@pytest.mark.rule("NTF-007")
async def test_what_an_event_ends_is_not_marked_by_hand(notifications: Notifications, ann: Caller):
    await notifications.service.receives(a_policy(), "pol-1")
    [chase] = await notifications.diary(rule_id="NTF-010")
    for noun, body in (("completion", {"evidence": "x"}), ("cancellation", {"reason": "x"})):
        refused = await ann.post(f"/obligations/{chase['id']}/{noun}", body, match=1)
        assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "NTF-007")
        assert refused.json()["next"]


@pytest.mark.rule("NTF-009")
async def test_an_entry_may_be_taken_back_and_all_its_faults_are_told(notifications: Notifications, ann: Caller):
    entry = {"kind": "entry", "branch": HQ, "owner_id": "ann", "title": "拜访客户", "due_on": "2026-03-04"}
    made = (await ann.post("/obligations", entry)).json()
    gone = await ann.post(f"/obligations/{made['id']}/cancellation", {"reason": "改期"}, match=1)
    assert (gone.json()["status"], gone.json()["reason"]) == ("cancelled", "改期")
    wrong = await ann.post("/obligations", entry | {"due_on": "2026-03-01", "urgent": True, "days": 5})
    assert {fault["pointer"] for fault in wrong.json()["errors"]} == {"/due_on", "/urgent", "/days"}
    nobody = await ann.post("/obligations", entry | {"owner_id": "zoe"})
    assert [fault["pointer"] for fault in nobody.json()["errors"]] == ["/owner_id"]


async def test_a_repeated_entry_is_made_once(notifications: Notifications, ann: Caller):
    first = await ann.post("/obligations", LETTER, key="k")
    second = await ann.post("/obligations", LETTER, key="k")
    assert first.json()["id"] == second.json()["id"]
    assert second.headers["idempotent-replayed"] == "true"


async def test_a_diary_of_another_branch_is_closed(notifications: Notifications, ann: Caller):
    letter = (await ann.post("/obligations", LETTER)).json()
    stranger = notifications.service.user("eve", "gd")
    assert (await stranger.get(f"/obligations/{letter['id']}")).status_code == 404
    body = {"evidence": "x"}
    assert (await stranger.post(f"/obligations/{letter['id']}/completion", body, match=1)).status_code == 404
    assert (await stranger.post("/obligations", LETTER)).status_code == 404
    reader = notifications.service.user("eve", HQ, "obligations:read")
    assert (await reader.post("/obligations", LETTER)).status_code == 403


@pytest.mark.rule("NTF-002")
async def test_a_due_date_beyond_the_calendar_is_a_named_gap_until_the_year_is_loaded(
    notifications: Notifications, ann: Caller
):
    notifications.service.clock.at = shanghai("2026-12-30 10:00")
    letter = (await ann.post("/obligations", LETTER | {"started_at": "2026-12-30T09:00:00+08:00"})).json()
    assert letter["due_at"] is None
    assert letter["gap"] == {
        "year": 2027,
        "zh": "尚未载入 2027 年的日历数据,无法计算",
        "en": "It cannot be computed until calendar data for 2027 is loaded",
    }
    refused = await ann.service.user("ann").get("/calendars/deadline", params={"from_on": "2026-12-30", "amount": 3})
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "NTF-002")

    loaded = await notifications.service.user("admin", HQ, "calendars:write").post("/calendars", YEAR)
    assert loaded.status_code == 201, loaded.text
    await notifications.settle()
    [letter] = await notifications.diary()
    assert (letter["due_on"], letter["gap"]) == ("2027-01-04", None)
    events = await notifications.service.events("obligations")
    assert facts_named(events) == ["ObligationTriggered", "ObligationDueComputed"]
    told = await ann.service.user("ann").get("/calendars/deadline", params={"from_on": "2026-12-30", "amount": 3})
    assert told.json()["due_on"] == "2027-01-04"


@pytest.mark.rule("NTF-002")
async def test_the_nightly_run_fills_gaps_too(notifications: Notifications, ann: Caller):
    notifications.service.clock.at = shanghai("2026-12-30 10:00")
    await ann.post("/obligations", LETTER | {"started_at": "2026-12-30T09:00:00+08:00"})
    await notifications.service.user("admin").post("/calendars", YEAR)
    await notifications.service.run_job("compute_missing_due_dates")
    [letter] = await notifications.diary()
    assert letter["due_on"] == "2027-01-04"
    await notifications.settle()
    assert (await notifications.diary())[0]["version"] == 2


@pytest.mark.rule("NTF-003")
async def test_a_year_is_loaded_once_checked_and_may_be_corrected(notifications: Notifications):
    admin = notifications.service.user("admin")
    wrong = await admin.post("/calendars", YEAR | {"make_up_days": ["2027-03-03"], "holidays": ["2027-01-01"]})
    assert wrong.status_code == 422
    assert {fault["pointer"] for fault in wrong.json()["errors"]} == {"/make_up_days/0", "/holidays"}
    year = (await admin.post("/calendars", YEAR)).json()
    again = await admin.post("/calendars", YEAR)
    assert (again.status_code, again.json()["type"]) == (409, "urn:baoqiao:problem:year-loaded")
    corrected = await admin.patch(f"/calendars/{year['id']}", {"make_up_days": ["2027-01-09"]}, match=1)
    assert corrected.json()["make_up_days"] == ["2027-01-09"]
    assert (await admin.get("/calendars")).json()["items"][0]["version"] == 2
    assert facts_named(await notifications.service.events("calendars")) == [CalendarYearLoaded.__name__] * 2


@pytest.mark.rule("NTF-001")
async def test_a_deadline_can_be_asked_for(notifications: Notifications):
    reader = notifications.service.user("ann", HQ, "calendars:read")
    for unit, amount, due in (
        ("working_days", 5, "2026-05-11"),
        ("natural_days", 5, "2026-05-05"),
        ("months", -2, "2026-02-28"),
    ):
        query = {"from_on": "2026-04-30", "amount": amount, "unit": unit}
        assert (await reader.get("/calendars/deadline", params=query)).json()["due_on"] == due
