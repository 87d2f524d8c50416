"""A client is asked, answers in several goes, and returns the questionnaire."""

from pathlib import Path
from typing import Any

import pytest

from chassis.sheets import to_xlsx
from tests.support.placement import (
    has_file,
    has_question_set,
    has_returned_questionnaire,
    knows_client,
    knows_mandate,
    knows_notice,
    knows_project,
    knows_ready_client,
)
from tests.support.placement_questions import FIRST_ANSWERS, PROPERTY_QUESTIONS, PROPERTY_SET, SECOND_ANSWERS, ask
from tests.support.service import RunningService

SHARED = Path(__file__).parents[3].parent / "shared/data/questionnaire-answers.xlsx"


def upload(content: bytes, sheet: str | None = None) -> dict[str, Any]:
    """A filled form as a browser sends it."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"files": {"file": ("答复.xlsx", content, kind)}, "data": {"sheet": sheet} if sheet else {}}


async def sent(service: RunningService, **more: Any) -> str:
    """Send the property questionnaire; gives its path."""
    told = {"client_id": "cli-1", "question_set_id": await has_question_set(service), **more}
    answer = await service.user("ann").post("/questionnaires", told)
    assert answer.status_code == 201, answer.text
    return f"/questionnaires/{answer.json()['id']}"


@pytest.mark.rule("PLC-018")
async def test_published_editions_stay_while_the_draft_goes_on(placement: RunningService):
    ann, set_id = placement.user("ann"), await has_question_set(placement)
    path = f"/question_sets/{set_id}"
    changed = await ann.patch(
        path, {"draft": [ask("a", "甲", asked_if={"question_id": "z", "answers": [True]})]}, match=2
    )
    assert [fault["pointer"] for fault in changed.json()["faults"]] == ["/draft/0/asked_if/question_id"]
    refused = await ann.post(f"{path}/editions", match=3)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (422, "PLC-017")
    first = await ann.get(f"{path}/editions/1")
    assert len(first.json()["questions"]) == len(PROPERTY_QUESTIONS)
    assert (await ann.get(f"{path}/editions/2")).status_code == 404
    [listed] = (await ann.get("/question_sets", params={"line": "property_all_risks"})).json()["items"]
    assert [edition["number"] for edition in listed["editions"]] == [1]


@pytest.mark.rule("PLC-003")
async def test_a_letter_of_authority_is_enough_to_ask(placement: RunningService):
    set_id = await has_question_set(placement)
    told = {"client_id": "cli-1", "question_set_id": set_id}
    await knows_client(placement)
    refused = await placement.user("ann").post("/questionnaires", told)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "PLC-001")
    await knows_notice(placement)
    refused = await placement.user("ann").post("/questionnaires", told)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "PLC-002")
    await knows_mandate(placement, kind="letter")
    assert (await placement.user("ann").post("/questionnaires", told)).status_code == 201


@pytest.mark.rule("PLC-020")
@pytest.mark.rule("PLC-021")
async def test_a_questionnaire_is_answered_in_two_goes_and_returned(placement: RunningService):
    await knows_ready_client(placement)
    ann, path = placement.user("ann"), await sent(placement)
    first = (await ann.post(f"{path}/answers", {"answers": FIRST_ANSWERS}, match=1)).json()
    assert "panel_share" in first["missing"] and "flood_depth" not in first["asked"]
    file_id, now = await has_file(placement), placement.clock().isoformat()
    stated = {"contact_id": "con-1", "edition": "2026-01", "made_at": now, "file_id": file_id}
    early = await ann.post(f"{path}/return", stated, match=2)
    assert (early.status_code, early.json()["rule"]["id"]) == (409, "PLC-020")
    assert "/answers/panel_share" in {error["pointer"] for error in early.json()["errors"]}
    second = await ann.post(f"{path}/answers", {"answers": SECOND_ANSWERS}, match=2)
    assert second.json()["missing"] == []
    unsigned = await ann.post(f"{path}/return", stated | {"contact_id": "con-2"}, match=3)
    assert (unsigned.status_code, unsigned.json()["rule"]["id"]) == (409, "PLC-022")
    old = await ann.post(f"{path}/return", stated | {"edition": "2019-01"}, match=3)
    assert (old.status_code, old.json()["rule"]["id"]) == (422, "PLC-021")
    lost = await ann.post(f"{path}/return", stated | {"file_id": "nothing"}, match=3)
    assert (lost.status_code, lost.json()["rule"]["id"]) == (404, "SYS-010")
    done = await ann.post(f"{path}/return", stated, match=3)
    assert (done.status_code, done.json()["status"], done.headers["etag"]) == (200, "returned", '"4"')
    closed = await ann.post(f"{path}/answers", {"answers": {"staff": 1}}, match=4)
    assert (closed.status_code, closed.json()["rule"]["id"]) == (409, "SYS-001")


async def test_answers_stay_out_of_events(placement: RunningService):
    await knows_ready_client(placement)
    questionnaire_id = await has_returned_questionnaire(placement)
    facts = await placement.events("questionnaires", questionnaire_id)
    assert [fact["type"].rsplit(".", 2)[1] for fact in facts] == [
        "questionnaire_sent",
        "questionnaire_answered",
        "questionnaire_answered",
        "questionnaire_returned",
    ]
    assert "吕秋安" not in str([fact["data"] for fact in facts])


@pytest.mark.rule("PLC-019")
async def test_an_answer_that_does_not_fit_refuses_all_of_them(placement: RunningService):
    await knows_ready_client(placement)
    path = await sent(placement)
    given = {"answers": {"staff": "若干", "built_in": 2013, "starts_on": "2026-13-01", "unknown": True}}
    refused = await placement.user("ann").post(f"{path}/answers", given, match=1)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (422, "PLC-019")
    pointers = {error["pointer"] for error in refused.json()["errors"]}
    assert pointers == {"/answers/staff", "/answers/starts_on", "/answers/unknown"}
    assert (await placement.user("ann").get(path)).json()["answers"] == {}


@pytest.mark.rule("PLC-034")
async def test_a_questionnaire_belongs_to_a_project_of_its_client(placement: RunningService):
    await knows_ready_client(placement)
    await knows_client(placement, "cli-2")
    await knows_project(placement, "prj-2", "cli-2")
    told = {"client_id": "cli-1", "question_set_id": await has_question_set(placement), "project_id": "prj-2"}
    refused = await placement.user("ann").post("/questionnaires", told)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (404, "PLC-034")


async def test_an_open_questionnaire_can_be_withdrawn_and_is_listed(placement: RunningService):
    await knows_ready_client(placement)
    path = await sent(placement)
    ann = placement.user("ann")
    gone = await ann.post(f"{path}/withdrawal", {"reason": "客户暂缓"}, match=1)
    assert gone.json()["status"] == "withdrawn"
    [listed] = (await ann.get("/questionnaires", params={"client_id": "cli-1", "status": "withdrawn"})).json()["items"]
    assert listed["line"] == "property_all_risks"
    [statement] = (await ann.get("/disclosure_statements")).json()
    assert statement["edition"] == "2026-01"


@pytest.mark.rule("PLC-019")
async def test_the_form_goes_out_as_a_spreadsheet_and_comes_back_filled(placement: RunningService):
    await knows_ready_client(placement)
    ann, path = placement.user("ann"), await sent(placement)
    assert (await ann.get(f"{path}/form")).content.startswith(b"PK")
    header = ("序号", "问题", "是否必填", "答复", "说明")
    rows = [
        (1, "投保人全称", "必填", "另一家公司", ""),
        (2, " 厂区占地面积 (平方米)", "必填", "５２０００", ""),
        (3, "主厂房建成年份", "必填", "2013年", ""),
        (4, "建筑物保险金额", "必填", "1.2亿", ""),
        (5, "机器设备保险金额", "必填", "若干", ""),
        (6, "是否有夹芯板（彩钢板）建筑", "必填", "√是", ""),
        (7, "自动喷淋覆盖比例", "必填", "65%", ""),
        (8, "期望起保日期", "必填", "20261220", ""),
        (9, "如是，请列明品名及最大存量", "必填", "不适用", ""),
        (10, "现保单到期日", "必填", "2026年2月30日", ""),
        (11, "别的问题", "选填", "答", ""),
        (12, "员工总人数", "必填", "", ""),
    ]
    filled = to_xlsx("财产一切险", header, rows)
    seen = (await ann.post(f"{path}/form_checks", **upload(filled))).json()
    assert (await ann.get(path)).json()["answers"] == {}
    taken = (await ann.post(f"{path}/forms", **upload(filled), match=1)).json()
    assert taken["form"] == seen
    assert taken["questionnaire"]["answers"] == {
        "insured": "另一家公司",
        "site_area": "52000",
        "built_in": "2013",
        "buildings": {"amount": "120000000.00", "currency": "CNY"},
        "panels": True,
        "sprinklers": "0.65",
        "starts_on": "2026-12-20",
    }
    assert [(fault["row"], fault["question"]) for fault in seen["faults"]] == [(6, "machinery"), (11, "expires_on")]
    assert seen["unknown"] == ["财产一切险!12 别的问题"]
    assert "另一家公司" in seen["notes"][0]["zh"]
    again = await ann.post(f"{path}/forms", **upload(filled), match=2)
    assert (again.status_code, again.headers["etag"]) == (200, '"2"')


@pytest.mark.rule("PLC-019")
async def test_a_file_without_answers_or_with_several_sheets_is_told(placement: RunningService):
    await knows_ready_client(placement)
    path = await sent(placement)
    nothing = await placement.user("ann").post(
        f"{path}/form_checks", **upload(to_xlsx("表", ("甲", "乙"), [("1", "2")]))
    )
    assert (nothing.status_code, nothing.json()["type"]) == (422, "urn:baoqiao:problem:no-questionnaire-found")


@pytest.mark.rule("PLC-019")
@pytest.mark.skipif(not SHARED.exists(), reason="the invented branches' files are not here")
async def test_the_branches_own_file_is_read_as_a_careful_clerk_would(placement: RunningService):
    await knows_ready_client(placement)
    ann, path = placement.user("ann"), await sent(placement)
    several = await ann.post(f"{path}/form_checks", **upload(SHARED.read_bytes()))
    assert (several.status_code, several.json()["type"]) == (409, "urn:baoqiao:problem:sheet-ambiguous")
    seen = (await ann.post(f"{path}/form_checks", **upload(SHARED.read_bytes(), "财产一切险"))).json()
    assert (seen["unknown"], len(seen["notes"])) == ([], 1)
    assert [(fault["row"], fault["question"]) for fault in seen["faults"]] == [(17, "buildings")]
    answers = seen["answers"]
    assert len(answers) == 33
    assert (answers["uscc"], answers["extinguishers"], answers["sprinklers"]) == ("91530100MAXHE3CDXN", "642", "0.65")
    assert (answers["guarded"], answers["hot_work"], answers["panels"]) == (False, False, True)
    assert (answers["starts_on"], answers["expires_on"]) == ("2026-12-20", "2026-12-26")
    assert answers["paid"] == {"amount": "2890000.00", "currency": "CNY"}


def test_the_property_set_asks_what_the_form_asks():
    assert len(PROPERTY_SET["draft"]) == 42
