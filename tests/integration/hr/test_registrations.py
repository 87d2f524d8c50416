"""Practitioner registrations over HTTP: one each, confirmed by others, following the employee to the end."""

from datetime import date

import pytest

from contracts.hr import EmployeeChanged, EmployeeLeft, EmployeeTransferred
from tests.support.hr import PRACTITIONER, SCOPE, Hr, a_request


def what(answer):
    return answer.status_code, answer.json()["type"].rpartition(":")[2], answer.json()["rule"]["id"]


@pytest.mark.rule("HRM-012")
async def test_a_registration_records_scope_and_both_criteria_and_is_told(hr: Hr):
    boss, ann = await hr.employee(), await hr.employee(user_id="ann")
    made = await hr.registered(ann, boss)
    assert (made["status"], made["number"], made["user_id"]) == ("registered", f"023{'*' * 19}0001", "ann")
    assert made["criteria"]["professional_knowledge"]["confirmed_by"] == boss["id"]
    [event] = await hr.service.events("registrations")
    assert event["data"]["kinds_of_work"] == ["scheme"]
    assert event["data"]["number_masked"] == made["number"]
    assert PRACTITIONER not in str(event)
    answer = await hr.officer().post("/registrations", a_request(boss["id"], boss["id"], number="0" * 26))
    assert what(answer) == (422, "criteria-unconfirmed", "HRM-012")
    assert len(answer.json()["errors"]) == 2


@pytest.mark.rule("HRM-011")
async def test_an_employee_has_one_live_registration_and_may_have_another_after_it(hr: Hr):
    boss, ann = await hr.employee(), await hr.employee()
    made = await hr.registered(ann, boss)
    again = a_request(ann["id"], boss["id"], number="1" * 26)
    assert what(await hr.officer().post("/registrations", again)) == (409, "already-registered", "HRM-011")
    ended = await hr.officer().post(f"/registrations/{made['id']}/cancellation", {"reason": "换证"}, match=1)
    assert (ended.json()["status"], ended.json()["cancelled_on"]) == ("cancelled", "2026-03-02")
    assert (await hr.officer().post("/registrations", again)).status_code == 201
    await hr.officer().post(f"/employees/{boss['id']}/departure", {"last_on": "2026-12-31"}, match=1)
    late = a_request(boss["id"], ann["id"], number="2" * 26)
    assert what(await hr.officer().post("/registrations", late)) == (409, "not-employed", "HRM-011")


@pytest.mark.rule("HRM-010")
async def test_a_practitioner_number_has_26_digits_and_is_one_persons_for_ever(hr: Hr):
    boss, ann = await hr.employee(), await hr.employee()
    short = a_request(ann["id"], boss["id"], number=PRACTITIONER[:-1])
    assert what(await hr.officer().post("/registrations", short)) == (422, "number-malformed", "HRM-010")
    made = await hr.registered(ann, boss, number="０２３１ 0000 0000 0000 2018 1000 01")
    await hr.officer().post(f"/registrations/{made['id']}/cancellation", {"reason": "换证"}, match=1)
    other = a_request(boss["id"], ann["id"])
    assert what(await hr.officer().post("/registrations", other)) == (409, "practitioner-number-taken", "HRM-010")
    assert (await hr.registered(ann, boss))["status"] == "registered"


@pytest.mark.rule("HRM-004")
async def test_nobody_decides_on_his_own_registration(hr: Hr):
    boss, own = await hr.employee(), await hr.employee(user_id="officer")
    request = a_request(own["id"], boss["id"])
    assert what(await hr.officer().post("/registrations", request)) == (403, "own-registration", "HRM-004")
    made = (await hr.officer(user="colleague").post("/registrations", request)).json()
    path = f"/registrations/{made['id']}"
    tried = [
        await hr.officer().post(f"{path}/scope", SCOPE | {"line_families": ["motor"]}, match=1),
        await hr.officer().post(f"{path}/suspension", {"reason": "测试"}, match=1),
        await hr.officer().post(f"{path}/reinstatement", match=1),
        await hr.officer().post(f"{path}/cancellation", {"reason": "测试"}, match=1),
    ]
    assert {what(answer) for answer in tried} == {(403, "own-registration", "HRM-004")}


@pytest.mark.rule("HRM-013")
async def test_scope_suspension_and_reinstatement_are_told(hr: Hr):
    boss, ann = await hr.employee(), await hr.employee()
    made = await hr.registered(ann, boss)
    path = f"/registrations/{made['id']}"
    wider = {"kinds_of_work": ["scheme", "claims", "scheme"], "line_families": ["property", "motor"]}
    changed = await hr.officer().post(f"{path}/scope", wider, match=1)
    assert changed.json()["scope"] == {"kinds_of_work": ["claims", "scheme"], "line_families": ["motor", "property"]}
    assert (await hr.officer().post(f"{path}/scope", wider, match=2)).json()["version"] == 2
    held = await hr.officer().post(f"{path}/suspension", {"reason": "调查中"}, match=2)
    assert (held.json()["status"], held.json()["reason"]) == ("suspended", "调查中")
    assert what(await hr.officer().post(f"{path}/suspension", {"reason": "再次"}, match=3)) == (
        409,
        "illegal-move",
        "SYS-001",
    )
    back = await hr.officer().post(f"{path}/reinstatement", match=3)
    assert (back.json()["status"], back.json()["reason"]) == ("registered", "")
    told = [event["type"].split(".")[-2] for event in await hr.service.events("registrations")]
    assert told == [
        "practitioner_registered",
        "practitioner_scope_changed",
        "practitioner_suspended",
        "practitioner_reinstated",
    ]


@pytest.mark.rule("HRM-014")
@pytest.mark.parametrize("suspended", [False, True])
async def test_the_registration_of_who_leaves_is_cancelled_on_the_day_after_his_last(hr: Hr, suspended: bool):
    boss, ann = await hr.employee(), await hr.employee()
    made = await hr.registered(ann, boss)
    path = f"/registrations/{made['id']}"
    if suspended:
        await hr.officer().post(f"{path}/suspension", {"reason": "调查中"}, match=1)
    await hr.officer().post(f"/employees/{ann['id']}/departure", {"last_on": "2026-03-03"}, match=1)
    left = EmployeeLeft(employee_id=ann["id"], last_on=date(2026, 3, 3))
    event_id = await hr.service.receives(left, ann["id"], 2)
    hr.clock.move(days=1)
    await hr.service.run_job("cancel_registrations_of_leavers")
    assert (await hr.officer().get(path)).json()["status"] == ("suspended" if suspended else "registered")
    hr.clock.move(days=1)
    await hr.service.run_job("cancel_registrations_of_leavers")
    ended = (await hr.officer().get(path)).json()
    assert (ended["status"], ended["cancelled_on"]) == ("cancelled", "2026-03-04")
    await hr.service.receives(left, ann["id"], 2, event_id=event_id)
    await hr.service.run_job("cancel_registrations_of_leavers")
    assert (await hr.officer().get(path)).json() == ended
    assert await hr.service.host.db["leavers"].count_documents({}) == 0


@pytest.mark.rule("HRM-014")
async def test_a_registration_is_not_cancelled_ahead_or_before_it_began(hr: Hr):
    boss, ann = await hr.employee(), await hr.employee()
    made = await hr.registered(ann, boss)
    path = f"/registrations/{made['id']}"
    for on in ("2025-12-31", "2026-03-03"):
        answer = await hr.officer().post(f"{path}/cancellation", {"reason": "测试", "cancelled_on": on}, match=1)
        assert what(answer) == (422, "cancelled-out-of-time", "HRM-014")
    await hr.officer().post(f"{path}/cancellation", {"reason": "测试", "cancelled_on": "2026-02-01"}, match=1)
    assert what(await hr.officer().post(f"{path}/scope", SCOPE, match=2)) == (409, "registration-ended", "HRM-014")


@pytest.mark.rule("HRM-001")
async def test_a_registration_follows_its_employee_to_another_branch_and_sign_in(hr: Hr):
    boss, ann = await hr.employee(), await hr.employee("gd")
    made = await hr.registered(ann, boss)
    path = f"/employees/{ann['id']}"
    await hr.officer().post(f"{path}/transfer", {"branch_id": "zj", "from_on": "2026-03-02"}, match=1)
    moved = EmployeeTransferred(employee_id=ann["id"], branch_id="zj", from_on=date(2026, 3, 2))
    event_id = await hr.service.receives(moved, ann["id"], 2, branch="zj")
    await hr.service.receives(moved, ann["id"], 2, branch="zj", event_id=event_id)
    await hr.officer().patch(path, {"user_id": "ann"}, match=2)
    named = EmployeeChanged(employee_id=ann["id"], name="x", user_id="ann", supervisor_id=None, position="x")
    await hr.service.receives(named, ann["id"], 3, branch="zj")
    seen = {
        branch: (await hr.officer(branch).get(f"/registrations/{made['id']}")).status_code for branch in ("gd", "zj")
    }
    assert seen == {"gd": 404, "zj": 200}
    events = await hr.service.events("registrations")
    assert [(event["v"], event["branch"], event["data"]["user_id"]) for event in events] == [
        (1, "gd", None),
        (2, "zj", None),
        (3, "zj", "ann"),
    ]


@pytest.mark.rule("HRM-001")
async def test_another_branch_neither_sees_nor_registers(hr: Hr):
    boss, ann = await hr.employee(), await hr.employee("gd")
    made = await hr.registered(ann, boss)
    other, path = hr.officer("zj"), f"/registrations/{made['id']}"
    tried = [
        await other.get(path),
        await other.get(f"{path}/number"),
        await other.post(f"{path}/suspension", {"reason": "测试"}, match=1),
    ]
    assert {what(answer) for answer in tried} == {(404, "registration-not-found", "HRM-001")}
    assert (await other.get("/registrations")).json()["items"] == []
    answer = await other.post("/registrations", a_request(boss["id"], ann["id"], number="3" * 26))
    assert what(answer) == (404, "employee-not-found", "HRM-001")


@pytest.mark.rule("SYS-012")
async def test_a_practitioner_number_in_clear_leaves_a_record(hr: Hr):
    boss, ann = await hr.employee(), await hr.employee()
    made = await hr.registered(ann, boss)
    answer = await hr.officer().get(f"/registrations/{made['id']}/number")
    assert answer.json()["number"] == PRACTITIONER
    [record] = await hr.service.host.db["audit"].find({}).to_list()
    assert (record["what"], record["about"]) == ("registrations.number", made["id"])
