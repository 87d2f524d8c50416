"""Employees over HTTP: one record each, branches with history, nobody's own."""

import pytest

from tests.support.hr import NUMBERS, Hr


def what(answer):
    return answer.status_code, answer.json()["type"].rpartition(":")[2], answer.json()["rule"]["id"]


async def test_an_employee_is_hired_with_numbers_masked_and_sealed(hr: Hr):
    employee = await hr.employee(phone="136-0000-5351", user_id="ann")
    assert (employee["identity_number"], employee["phone"]) == ("420***********7100", "136****5351")
    assert employee["places"] == [{"branch_id": "gd", "from_on": "2020-01-01"}]
    [event] = await hr.service.events("employees")
    assert (event["type"], event["branch"]) == ("baoqiao.hr.employees.employee_hired.v1", "gd")
    raw = await hr.service.host.db.client[hr.service.host.db.name]["employees"].find_one({})
    assert raw is not None
    assert NUMBERS[0] not in str(raw)
    assert NUMBERS[0] not in str(event)


@pytest.mark.rule("HRM-002")
async def test_wrong_numbers_are_all_named_at_once(hr: Hr):
    told = {"number": "E1", "name": "x", "branch_id": "gd", "from_on": "2026-01-01", "position": "x"}
    answer = await hr.officer().post("/employees", told | {"identity_number": "420100199306117101", "phone": "12"})
    assert what(answer) == (422, "personal-data-faulty", "HRM-002")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/identity_number", "/phone"]


@pytest.mark.rule("HRM-003")
async def test_number_sign_in_and_identity_number_are_one_employees(hr: Hr):
    first = await hr.employee(user_id="ann")
    told = {
        "number": "E9",
        "name": "x",
        "branch_id": "zj",
        "from_on": "2026-01-01",
        "position": "x",
        "identity_number": NUMBERS[4],
    }
    tried = {
        "number-taken": {"number": first["number"]},
        "user-taken": {"user_id": "ann"},
        "already-employed": {"identity_number": "４２０１００ 19930611 7100"},
    }
    for refusal, other in tried.items():
        assert what(await hr.officer().post("/employees", told | other)) == (409, refusal, "HRM-003")
    assert what(await hr.officer().post("/employees", told | {"user_id": "nobody"})) == (404, "user-unknown", "HRM-003")
    left = await hr.officer().post(f"/employees/{first['id']}/departure", {"last_on": "2026-03-01"}, match=1)
    assert (left.json()["status"], left.json()["last_on"]) == ("left", "2026-03-01")
    again = told | {"user_id": "ann", "identity_number": NUMBERS[0]}
    assert (await hr.officer().post("/employees", again)).status_code == 201


@pytest.mark.rule("HRM-001")
async def test_another_branch_sees_nothing_of_an_employee_and_cannot_change_him(hr: Hr):
    employee = await hr.employee("gd")
    other, path = hr.officer("zj"), f"/employees/{employee['id']}"
    tried = [
        await other.get(path),
        await other.get(f"{path}/personal_data"),
        await other.patch(path, {"position": "x"}, match=1),
        await other.post(f"{path}/transfer", {"branch_id": "zj", "from_on": "2026-03-02"}, match=1),
        await other.post(f"{path}/departure", {"last_on": "2026-03-02"}, match=1),
    ]
    assert {what(answer) for answer in tried} == {(404, "employee-not-found", "HRM-001")}
    assert (await other.get("/employees")).json()["items"] == []
    told = {
        "number": "E9",
        "name": "x",
        "branch_id": "gd",
        "from_on": "2026-01-01",
        "position": "x",
        "identity_number": NUMBERS[4],
    }
    assert what(await other.post("/employees", told)) == (403, "branch-beyond-reach", "HRM-001")
    away = {"branch_id": "zj", "from_on": "2026-03-02"}
    assert what(await hr.officer("gd").post(f"{path}/transfer", away, match=1)) == (
        403,
        "branch-beyond-reach",
        "HRM-001",
    )


@pytest.mark.rule("HRM-004")
async def test_nobody_changes_his_own_record_or_takes_over_anothers(hr: Hr):
    own = await hr.employee(user_id="officer")
    other = await hr.employee()
    path = f"/employees/{own['id']}"
    tried = [
        await hr.officer().patch(path, {"position": "总经理"}, match=1),
        await hr.officer().patch(path, {"user_id": None}, match=1),
        await hr.officer().post(f"{path}/transfer", {"branch_id": "zj", "from_on": "2026-03-02"}, match=1),
        await hr.officer().post(f"{path}/departure", {"last_on": "2026-03-02"}, match=1),
        await hr.officer().patch(f"/employees/{other['id']}", {"user_id": "officer"}, match=1),
    ]
    assert {what(answer) for answer in tried} == {(403, "own-record", "HRM-004")}


@pytest.mark.rule("HRM-005")
async def test_reporting_lines_do_not_close_a_circle(hr: Hr):
    boss = await hr.employee("zj")
    middle = await hr.employee("gd", supervisor_id=boss["id"])
    clerk = await hr.employee("sz", supervisor_id=middle["id"])
    for superior in (clerk["id"], boss["id"], "nobody"):
        answer = await hr.officer().patch(f"/employees/{boss['id']}", {"supervisor_id": superior}, match=1)
        assert what(answer) == (422, "supervisor-unfit", "HRM-005")
    answer = await hr.officer().patch(f"/employees/{clerk['id']}", {"supervisor_id": None}, match=1)
    assert answer.json()["supervisor_id"] is None


@pytest.mark.rule("HRM-006")
async def test_a_transfer_keeps_the_history_and_moves_who_may_see_it(hr: Hr):
    employee = await hr.employee("gd")
    path = f"/employees/{employee['id']}/transfer"
    for from_on in ("2020-01-01", "2026-03-03"):
        answer = await hr.officer().post(path, {"branch_id": "zj", "from_on": from_on}, match=1)
        assert what(answer) == (422, "transfer-out-of-order", "HRM-006")
    moved = await hr.officer().post(path, {"branch_id": "zj", "from_on": "2026-03-02"}, match=1)
    assert [place["branch_id"] for place in moved.json()["places"]] == ["gd", "zj"]
    seen = {branch: len((await hr.officer(branch).get("/employees")).json()["items"]) for branch in ("gd", "zj")}
    assert seen == {"gd": 0, "zj": 1}


@pytest.mark.rule("SYS-012")
async def test_numbers_in_clear_need_their_scope_and_leave_a_record(hr: Hr):
    employee = await hr.employee(phone="13600005351")
    path = f"/employees/{employee['id']}/personal_data"
    reader = hr.service.user("reader", "hq", "employees:read")
    assert what(await reader.get(path)) == (403, "scope-missing", "SYS-007")
    answer = await hr.officer().get(path)
    assert (answer.json()["identity_number"], answer.json()["phone"]) == (NUMBERS[0], "13600005351")
    [record] = await hr.service.host.db["audit"].find({}).to_list()
    assert (record["actor"], record["what"], record["about"]) == ("officer", "employees.personal_data", employee["id"])


async def test_who_has_left_is_changed_no_more(hr: Hr):
    employee = await hr.employee()
    path = f"/employees/{employee['id']}"
    await hr.officer().post(f"{path}/departure", {"last_on": "2026-03-02"}, match=1)
    tried = [
        await hr.officer().patch(path, {"position": "x"}, match=2),
        await hr.officer().post(f"{path}/transfer", {"branch_id": "zj", "from_on": "2026-03-02"}, match=2),
        await hr.officer().post(f"{path}/departure", {"last_on": "2026-03-31"}, match=2),
    ]
    assert {what(answer) for answer in tried} == {(409, "illegal-move", "SYS-001")}
