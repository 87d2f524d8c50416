"""A market enquiry from the draft to the client's consent, over HTTP."""

from datetime import date

import pytest

from contracts.clients import MandateEnded
from contracts.hr import PractitionerCancelled
from tests.support.placement import (
    has_insurer,
    has_question_set,
    has_returned_questionnaire,
    knows_practitioner,
    knows_user,
)
from tests.support.placement_enquiries import (
    REST,
    closing,
    consent,
    done,
    has_draft,
    knows_the_house,
)
from tests.support.placement_questions import fen
from tests.support.service import RunningService


@pytest.mark.rule("PLC-025")
async def test_the_answers_fill_the_sections_of_the_draft(placement: RunningService):
    await knows_the_house(placement)
    questionnaire_id = await has_returned_questionnaire(placement)
    drafted = (await placement.user("broker").post("/enquiries", {"questionnaire_id": questionnaire_id})).json()
    risk = drafted["content"]["risk"]
    assert (risk["insured"], risk["starts_on"], risk["ends_on"]) == (
        ["云泽嘉垣装备制造有限公司"],
        "2026-05-01",
        "2027-04-30",
    )
    assert [(limit["subject"], limit["amount"]["amount"]) for limit in risk["limits"]] == [
        ("建筑物", "120000000.00"),
        ("机器设备", "403800000.00"),
        ("存货年平均余额", "144850000.00"),
    ]
    assert risk["deductible"]["amount"]["amount"] == "130000.00"
    told = {line["zh"]: line["answer_zh"] for line in drafted["content"]["information"]["told"]}
    assert (told["自动喷淋覆盖比例"], told["是否有夹芯板（彩钢板）建筑"]) == ("65%", "是")
    assert "如是，水浸深度（厘米）及损失金额" not in told
    assert (drafted["number"], drafted["handler_id"], drafted["status"]) == ("EQ-HQ-2026-00001", "broker", "drafting")
    assert {notice["pointer"] for notice in drafted["notices"]} == {
        "/security",
        "/subscription/valid_days",
        "/fiscal/payment",
        "/remuneration/statement",
        "/premium_estimate",
    }


@pytest.mark.rule("PLC-025")
async def test_an_open_questionnaire_is_nothing_to_draft_from(placement: RunningService):
    await knows_the_house(placement)
    told = {"client_id": "cli-1", "question_set_id": await has_question_set(placement)}
    sent = (await placement.user("broker").post("/questionnaires", told)).json()
    refused = await placement.user("broker").post("/enquiries", {"questionnaire_id": sent["id"]})
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "PLC-025")


@pytest.mark.rule("PLC-002")
async def test_every_step_needs_a_live_mandate(placement: RunningService):
    await knows_the_house(placement)
    path = await has_draft(placement)
    ended = MandateEnded(mandate_id="man-cli-1-contract", client_id="cli-1", ended_on=date(2026, 3, 2), reason="解除")
    await placement.receives(ended, "man-cli-1-contract", 3)
    broker = placement.user("broker")
    for step in ("submission", "approval", "consent", "issue"):
        body = await consent(placement) if step == "consent" else {}
        if step == "issue":
            body = {"insurer_ids": ["x"], "closes_at": closing(placement, days=1)}
        refused = await broker.post(f"{path}/{step}", body, match=2)
        assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "PLC-002"), step
    patched = await broker.patch(path, REST, match=2)
    assert patched.json()["rule"]["id"] == "PLC-002"


@pytest.mark.rule("PLC-004")
@pytest.mark.rule("PLC-005")
async def test_an_unregistered_person_is_not_put_on_a_placement(placement: RunningService):
    await knows_the_house(placement)
    await knows_user(placement, "novice", "AB")
    questionnaire_id = await has_returned_questionnaire(placement)
    body = {"questionnaire_id": questionnaire_id, "handler_id": "novice"}
    refused = await placement.user("broker").post("/enquiries", body)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "PLC-004")
    await knows_practitioner(placement, "novice", lines=[])
    refused = await placement.user("broker").post("/enquiries", body)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "PLC-005")
    path = await has_draft(placement)
    gone = PractitionerCancelled(
        registration_id="reg-broker", employee_id="emp-broker", cancelled_on=date(2026, 3, 2), reason="离职"
    )
    await placement.receives(gone, "reg-broker", 2)
    refused = await placement.user("broker").post(f"{path}/submission", match=2)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "PLC-004")


@pytest.mark.rule("PLC-026")
async def test_an_incomplete_draft_is_not_submitted_and_all_that_is_missing_is_told(placement: RunningService):
    await knows_the_house(placement)
    path = await has_draft(placement, fiscal={"payment": ""}, premium_estimate=None)
    refused = await placement.user("broker").post(f"{path}/submission", match=2)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "PLC-026")
    assert {error["pointer"] for error in refused.json()["errors"]} == {"/fiscal/payment", "/premium_estimate"}
    preview = await placement.user("broker").get(f"{path}/preview", params={"closes_at": closing(placement, days=7)})
    assert preview.json()["rule"]["id"] == "PLC-026"


@pytest.mark.rule("PLC-012")
@pytest.mark.rule("SYS-011")
async def test_the_tier_of_the_matrix_reviews_and_never_the_author(placement: RunningService):
    await knows_the_house(placement)
    path = await has_draft(placement)
    submitted = await done(placement, "broker", f"{path}/submission", None, 2)
    assert (submitted["tier"], submitted["counted"]["amount"]["amount"]) == ("supervisor", "48000.00")
    own = await placement.user("broker").post(f"{path}/approval", match=3)
    assert (own.status_code, own.json()["rule"]["id"]) == (403, "SYS-011")
    low = await placement.user("broker2").post(f"{path}/approval", match=3)
    assert (low.status_code, low.json()["rule"]["id"]) == (403, "PLC-012")
    back = await done(placement, "supervisor", f"{path}/return", {"reason": "补充消防资料"}, 3)
    assert (back["status"], back["reviews"][0]["reason"]) == ("drafting", "补充消防资料")
    await done(placement, "broker", f"{path}/submission", None, 4)
    approved = await done(placement, "head", f"{path}/approval", None, 5)
    assert (approved["status"], approved["reviews"][1]["reviewer_id"]) == ("client_consent", "head")


@pytest.mark.rule("SYS-011")
async def test_who_wrote_in_a_draft_does_not_review_it_even_as_a_manager(placement: RunningService):
    await knows_the_house(placement)
    path = await has_draft(placement)
    assert (await placement.user("manager").patch(path, REST, match=2)).status_code == 200
    await done(placement, "broker", f"{path}/submission", None, 3)
    refused = await placement.user("manager").post(f"{path}/approval", match=4)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (403, "SYS-011")


@pytest.mark.rule("PLC-013")
async def test_premiums_of_one_client_and_project_add_up_before_the_tier_is_chosen(placement: RunningService):
    await knows_the_house(placement)
    first = await has_draft(placement, premium_estimate=fen("18000.00"))
    second = await has_draft(placement, premium_estimate=fen("15000.00"))
    assert (await done(placement, "broker", f"{first}/submission", None, 2))["tier"] == "staff"
    split = await done(placement, "broker", f"{second}/submission", None, 2)
    assert (split["tier"], split["counted"]["amount"]["amount"]) == ("supervisor", "33000.00")
    late = await placement.user("broker2").post(f"{first}/approval", match=3)
    assert (late.status_code, late.json()["rule"]["id"]) == (403, "PLC-012")
    await done(placement, "manager", f"{second}/withdrawal", {"reason": "合并询价"}, 3)
    await done(placement, "broker2", f"{first}/approval", None, 3)


@pytest.mark.rule("PLC-013")
@pytest.mark.parametrize(("starts_on", "tier"), [("2027-05-01", "staff"), ("2027-04-30", "supervisor")])
async def test_a_renewal_does_not_add_up_with_what_it_renews(placement: RunningService, starts_on: str, tier: str):
    await knows_the_house(placement)
    renewed = await has_draft(placement, premium_estimate=fen("18000.00"))
    await done(placement, "broker", f"{renewed}/submission", None, 2)
    renewal = await has_draft(placement, premium_estimate=fen("15000.00"))
    year = {"starts_on": starts_on, "ends_on": "2028-04-30"}
    assert (await placement.user("broker").patch(renewal, {"risk": year}, match=2)).status_code == 200
    assert (await done(placement, "broker", f"{renewal}/submission", None, 3))["tier"] == tier


@pytest.mark.rule("PLC-014")
async def test_a_foreign_premium_waits_for_the_days_rate(placement: RunningService):
    await knows_the_house(placement)
    path = await has_draft(placement, premium_estimate={"amount": "8000.00", "currency": "USD"})
    refused = await placement.user("broker").post(f"{path}/submission", match=2)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "PLC-014")
    rate = {"currency": "USD", "on": "2026-03-02", "rate": "7.1", "source": "中间价"}
    recorded = (await placement.user("fin").post("/exchange_rates", rate)).json()
    submitted = await done(placement, "broker", f"{path}/submission", None, 2)
    assert (submitted["tier"], submitted["counted"]["amount"]["amount"]) == ("general_manager", "56800.00")
    assert submitted["counted"]["rate_ids"] == [recorded["id"]]


@pytest.mark.rule("PLC-027")
@pytest.mark.rule("PLC-028")
async def test_an_enquiry_leaves_only_with_the_clients_written_consent(placement: RunningService):
    await knows_the_house(placement)
    path = await has_draft(placement)
    await done(placement, "broker", f"{path}/submission", None, 2)
    before = await consent(placement)
    placement.clock.move(minutes=5)
    await done(placement, "manager", f"{path}/approval", None, 3)
    ids = [await has_insurer(placement, code) for code in ("AA", "BB")]
    body = {"insurer_ids": ids, "closes_at": closing(placement, days=7)}
    early = await placement.user("broker").post(f"{path}/issue", body, match=4)
    assert (early.status_code, early.json()["rule"]["id"]) == (409, "SYS-001")
    old = await placement.user("broker").post(f"{path}/consent", before, match=4)
    assert (old.status_code, old.json()["rule"]["id"]) == (409, "PLC-027")
    given = await consent(placement)
    wrong = await placement.user("broker").post(f"{path}/consent", given | {"contact_id": "con-2"}, match=4)
    assert (wrong.status_code, wrong.json()["rule"]["id"]) == (409, "PLC-022")
    lost = await placement.user("broker").post(f"{path}/consent", given | {"file_id": "nothing"}, match=4)
    assert (lost.status_code, lost.json()["rule"]["id"]) == (404, "SYS-010")
    ready = await done(placement, "broker", f"{path}/consent", given, 4)
    assert (ready["status"], ready["consent"]["contact_id"]) == ("ready", "con-1")


async def test_the_paper_can_be_seen_before_it_is_consented_to(placement: RunningService):
    await knows_the_house(placement)
    path = await has_draft(placement)
    seen = await placement.user("broker").get(f"{path}/preview", params={"closes_at": closing(placement, days=7)})
    assert (seen.status_code, seen.content[:5]) == (200, b"%PDF-")


@pytest.mark.rule("PLC-016")
async def test_clauses_are_quoted_in_their_edition_and_in_own_words(placement: RunningService):
    await knows_the_house(placement)
    path = await has_draft(placement)
    told = {"code": "EXT-1", "kind": "extension", "line_families": ["property"]}
    words = {"title_zh": "72小时条款", "text_zh": "一次事故。"}
    clause = (await placement.user("ann").post("/clauses", told | {"words": words})).json()
    wanted = [
        {"clause_id": clause["id"]},
        {"kind": "condition", "words": {"title_zh": "特约", "text_zh": "另行约定。"}},
    ]
    changed = await placement.user("broker").patch(path, {"clauses": wanted}, match=2)
    assert [(used["edition"], used["words"]["title_zh"]) for used in changed.json()["content"]["clauses"]] == [
        (1, "72小时条款"),
        (None, "特约"),
    ]
    missing = await placement.user("broker").patch(path, {"clauses": [{"clause_id": "no"}]}, match=3)
    assert missing.status_code == 404


@pytest.mark.rule("PLC-006")
async def test_another_branch_does_not_find_the_enquiry(placement: RunningService):
    await placement.knows_branch("gd")
    await placement.knows_branch("zj")
    await knows_the_house(placement, branch="gd")
    path = await has_draft(placement, branch="gd")
    assert (await placement.user("broker", "gd").get(path)).status_code == 200
    assert (await placement.user("zoe", "zj").get(path)).status_code == 404
    assert (await placement.user("zoe", "zj").get("/enquiries")).json()["items"] == []
    [line] = (await placement.user("broker", "gd").get("/enquiries", params={"status": "drafting"})).json()["items"]
    assert line["number"] == "EQ-GD-2026-00001"
