"""Debit notes over HTTP: changed, approved, issued, cancelled, listed."""

import asyncio
import base64
import hashlib
from datetime import date
from typing import Any

import httpx
import pytest

from contracts.clients import ClientChanged
from contracts.placement import InstalmentPlan
from tests.support.finance import Finance, a_client, a_contact

WHOLE = [{"due_on": "2026-05-01", "amount": {"amount": "100.00"}}]


async def _issued(finance: Finance, policy_id: str = "pol-1", **policy: Any) -> dict[str, Any]:
    """A note through its whole life up to issued."""
    await finance.binds(policy_id, **policy)
    [note] = await finance.notes(policy_id=policy_id)
    note = await finance.approved(note)
    answer = await finance.frank.post(f"/debit_notes/{note['id']}/issue", match=note["version"])
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.rule("FIN-002")
async def test_a_draft_is_changed_by_a_user_who_then_may_not_approve_it(finance: Finance):
    await finance.binds()
    [note] = await finance.notes()
    path = f"/debit_notes/{note['id']}"
    changed = await finance.mary.patch(path, {"instalments": WHOLE}, match=1)
    assert (changed.status_code, changed.json()["makers"]) == (200, ["broker", "mary"])
    refused = await finance.mary.post(f"{path}/approval", match=2)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (403, "SYS-011")
    assert refused.json()["next"]
    approved = await finance.frank.post(f"{path}/approval", match=2)
    assert (approved.status_code, approved.json()["approved_by"]) == (200, "frank")
    frozen = await finance.mary.patch(path, {"instalments": WHOLE}, match=3)
    assert (frozen.status_code, frozen.json()["rule"]["id"]) == (409, "FIN-002")


@pytest.mark.rule("FIN-001")
async def test_parts_that_do_not_add_up_are_refused_with_their_place(finance: Finance):
    await finance.binds()
    [note] = await finance.notes()
    wrong = [{"due_on": "2026-05-01", "amount": {"amount": "99.99"}}]
    refused = await finance.mary.patch(f"/debit_notes/{note['id']}", {"instalments": wrong}, match=1)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (422, "FIN-001")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/instalments"]


@pytest.mark.rule("SYS-011")
async def test_of_two_approvals_at_once_one_counts(finance: Finance):
    await finance.binds()
    [note] = await finance.notes()
    path = f"/debit_notes/{note['id']}/approval"
    answers = await asyncio.gather(*(finance.user(f"frank-{n}").post(path, match=1) for n in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412, 412]
    types = [event["type"] for event in await finance.service.events("debit_notes")]
    assert types.count("baoqiao.finance.debit_notes.debit_note_approved.v1") == 1


@pytest.mark.rule("FIN-004")
async def test_an_issued_note_is_numbered_and_its_paper_frozen_and_sent(finance: Finance):
    await finance.has_account()
    note = await _issued(finance)
    assert (note["status"], note["number"], note["issued_on"]) == ("issued", "DN-HQ-2026-000001", "2026-03-02")
    [paper] = (await finance.frank.get("/documents", params={"about_id": note["id"]})).json()["items"]
    assert (paper["kind"], paper["language"], paper["title"]) == ("debit_note", "zh", "付款通知书 DN-HQ-2026-000001")
    content = (await finance.frank.get(f"/documents/{paper['id']}/content")).content
    again = (await finance.frank.get(f"/documents/{paper['id']}/content")).content
    assert content.startswith(b"%PDF-")
    assert content == again
    assert hashlib.sha256(content).hexdigest() == paper["sha256"]
    [sent] = await finance.service.events("documents")
    assert sent["type"] == "baoqiao.finance.documents.finance_document_issued.v1"
    opened = finance.service.host.db.keyring.open
    assert base64.b64decode(opened(sent["data"]["content"])) == content
    [to] = sent["data"]["recipients"]
    assert (to["party_id"], opened(to["email"])) == ("cli-1", "wang.fang@huayu.example")
    told = [event["type"].split(".")[-2] for event in await finance.service.events("debit_notes")]
    assert told == ["debit_note_drafted", "debit_note_approved", "debit_note_numbered", "debit_note_issued"]


@pytest.mark.rule("FIN-007")
async def test_a_client_that_reads_english_gets_both_papers(finance: Finance):
    await finance.has_account()
    await finance.service.receives(ClientChanged(card=a_client(language="en")), "cli-1", 2)
    note = await _issued(finance)
    papers = (await finance.frank.get("/documents", params={"about_id": note["id"]})).json()["items"]
    assert {paper["language"] for paper in papers} == {"zh", "en"}
    assert sorted(note["document_ids"]) == sorted(paper["id"] for paper in papers)


@pytest.mark.rule("FIN-007")
async def test_without_a_contact_for_bills_nothing_is_issued_and_no_number_used(finance: Finance):
    await finance.has_account()
    nobody = [a_contact("con-1", "王芳", "w@huayu.example", ["claims"], may_sign=False)]
    await finance.service.receives(ClientChanged(card=a_client(contacts=nobody)), "cli-1", 2)
    await finance.binds()
    note = await finance.approved((await finance.notes())[0])
    refused = await finance.frank.post(f"/debit_notes/{note['id']}/issue", match=2)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "FIN-007")
    assert (await finance.notes())[0]["number"] == ""


@pytest.mark.rule("FIN-004")
async def test_issuing_again_with_the_same_key_changes_nothing(finance: Finance):
    await finance.has_account()
    await finance.binds()
    note = await finance.approved((await finance.notes())[0])
    path = f"/debit_notes/{note['id']}/issue"
    first = await finance.frank.post(path, match=2, key="k")
    second = await finance.frank.post(path, match=2, key="k")
    assert (first.status_code, first.headers["etag"]) == (200, '"4"')
    assert (second.status_code, second.json(), second.headers["etag"]) == (200, first.json(), '"4"')
    assert len(await finance.service.events("documents")) == 1
    third = await finance.frank.post(path, match=4)
    assert (third.status_code, third.json()["rule"]["id"]) == (409, "SYS-001")


@pytest.mark.rule("FIN-006")
async def test_a_repeat_is_answered_although_the_account_was_closed_since(finance: Finance):
    account = await finance.has_account()
    await finance.binds()
    note = await finance.approved((await finance.notes())[0])
    path = f"/debit_notes/{note['id']}/issue"
    first = await finance.frank.post(path, match=2, key="k")
    await finance.frank.post(f"/client_accounts/{account}/closure", {"reason": "开户行变更"}, match=2)
    second = await finance.frank.post(path, match=2, key="k")
    assert (second.status_code, second.json()) == (200, first.json())
    assert second.headers["idempotent-replayed"] == "true"


@pytest.mark.rule("FIN-004")
async def test_a_draft_or_a_stale_version_is_not_issued_and_draws_no_number(finance: Finance):
    await finance.has_account()
    await finance.binds()
    [note] = await finance.notes()
    path = f"/debit_notes/{note['id']}/issue"
    refused = await finance.frank.post(path, match=1)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "SYS-001")
    await finance.approved(note)
    assert (await finance.frank.post(path, match=1)).status_code == 412
    assert (await finance.frank.post(path, match=2)).json()["number"] == "DN-HQ-2026-000001"


@pytest.mark.rule("FIN-004")
async def test_a_note_that_was_numbered_but_not_issued_keeps_its_number(finance: Finance):
    await finance.has_account()
    await finance.binds()
    note = await finance.approved((await finance.notes())[0])
    documents = finance.service.host.db["debit_notes"]
    issued = (await finance.frank.post(f"/debit_notes/{note['id']}/issue", match=2)).json()
    # As it stands when the process dies after the number was drawn.
    await documents.update_one({"_id": note["id"]}, {"$set": {"v": 3, "status": "approved", "document_ids": []}})
    again = await finance.user("frank").post(f"/debit_notes/{note['id']}/issue", match=3)
    assert (again.status_code, again.json()["number"]) == (200, issued["number"])
    assert (await _issued(finance, "pol-2"))["number"] == "DN-HQ-2026-000002"


@pytest.mark.rule("FIN-004")
async def test_twenty_notes_issued_at_once_are_numbered_without_holes(finance: Finance):
    await finance.has_account()
    for n in range(20):
        await finance.binds(f"pol-{n}")
    notes = [await finance.approved(note) for note in await finance.notes()]
    paths = [f"/debit_notes/{note['id']}/issue" for note in notes]

    async def issued(path: str) -> httpx.Response:
        """As a front-end does: when told to come back later, with the same key."""
        while (answer := await finance.frank.post(path, match=2, key=path)).status_code == 503:
            assert answer.headers["retry-after"]
        return answer

    answers = await asyncio.gather(*map(issued, paths))
    assert [answer.status_code for answer in answers] == [200] * 20
    numbers = sorted(answer.json()["number"] for answer in answers)
    assert numbers == [f"DN-HQ-2026-{n:06}" for n in range(1, 21)]


@pytest.mark.rule("FIN-004")
async def test_each_branch_and_year_has_its_own_series(finance: Finance):
    await finance.service.knows_branch("gd", code="GD")
    await finance.has_account()
    await finance.knows_client("cli-2", branch="gd")
    assert (await _issued(finance))["number"] == "DN-HQ-2026-000001"
    assert (await _issued(finance, "pol-2", branch="gd", client_id="cli-2"))["number"] == "DN-GD-2026-000001"
    finance.service.clock.move(days=365)
    assert (await _issued(finance, "pol-3"))["number"] == "DN-HQ-2027-000001"


@pytest.mark.rule("FIN-005")
async def test_a_cancelled_note_leaves_no_hole_and_the_policy_may_be_billed_again(finance: Finance):
    await finance.has_account()
    first = await _issued(finance)
    path = f"/debit_notes/{first['id']}/cancellation"
    assert (await finance.frank.post(path, {"reason": ""}, match=4)).status_code == 422
    cancelled = (await finance.frank.post(path, {"reason": "分期有误"}, match=4)).json()
    assert (cancelled["status"], cancelled["number"]) == ("cancelled", "DN-HQ-2026-000001")
    drafted = await finance.mary.post("/debit_notes", {"policy_id": "pol-1", "instalments": WHOLE})
    assert drafted.status_code == 201, drafted.text
    note = await finance.approved(drafted.json())
    issued = await finance.frank.post(f"/debit_notes/{note['id']}/issue", match=2)
    assert issued.json()["number"] == "DN-HQ-2026-000002"


@pytest.mark.rule("FIN-003")
async def test_a_policy_with_a_live_note_is_not_billed_again(finance: Finance):
    await finance.binds()
    refused = await finance.mary.post("/debit_notes", {"policy_id": "pol-1"})
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "FIN-003")
    missing = await finance.mary.post("/debit_notes", {"policy_id": "pol-9"})
    assert (missing.status_code, missing.json()["rule"]["id"]) == (404, "FIN-008")


@pytest.mark.rule("FIN-006")
async def test_premium_for_the_insurers_is_told_without_an_account_and_in_a_series_of_its_own(finance: Finance):
    note = await _issued(finance, collection="insurer")
    assert (note["number"], note["collection"]) == ("PN-HQ-2026-000001", "insurer")
    [paper] = (await finance.frank.get("/documents", params={"about_id": note["id"]})).json()["items"]
    assert paper["title"] == "保险费缴纳提示书 PN-HQ-2026-000001"


@pytest.mark.rule("FIN-006")
async def test_without_a_client_money_account_nothing_is_issued(finance: Finance):
    await finance.binds()
    note = await finance.approved((await finance.notes())[0])
    refused = await finance.frank.post(f"/debit_notes/{note['id']}/issue", match=2)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "FIN-006")
    assert "client_accounts" in refused.json()["next"]


async def test_lists_are_narrowed_by_client_policy_status_and_what_is_overdue(finance: Finance):
    await finance.has_account()
    await finance.knows_client("cli-2")
    await _issued(finance)
    late = InstalmentPlan(due_on=[date(2026, 12, 1)], weights=[])
    await _issued(finance, "pol-2", client_id="cli-2", instalments=late)
    await finance.binds("pol-3")
    assert [note["policy_id"] for note in await finance.notes(client_id="cli-2")] == ["pol-2"]
    assert {note["policy_id"] for note in await finance.notes(status="issued")} == {"pol-1", "pol-2"}
    assert await finance.notes(overdue=True) == []
    finance.service.clock.move(days=30)
    assert await finance.notes(overdue=True) == [], "on the due date itself it is still in time"
    finance.service.clock.move(days=1)
    assert [(note["policy_id"], note["overdue"]) for note in await finance.notes(overdue=True)] == [("pol-1", True)]
    assert {note["policy_id"] for note in await finance.notes(overdue=False)} == {"pol-2", "pol-3"}


async def test_another_branch_sees_no_note_of_it(finance: Finance):
    await finance.service.knows_branch("gd", code="GD")
    await finance.service.knows_branch("zj", code="ZJ")
    await finance.knows_client("cli-2", branch="gd")
    await finance.binds(branch="gd", client_id="cli-2")
    [note] = await finance.notes()
    seen = {branch: await finance.user("x", branch).get(f"/debit_notes/{note['id']}") for branch in ("gd", "zj")}
    assert {branch: answer.status_code for branch, answer in seen.items()} == {"gd": 200, "zj": 404}
    assert (await finance.user("x", "zj").post("/debit_notes", {"policy_id": "pol-1"})).status_code == 404


async def test_a_change_needs_the_version_that_was_read(finance: Finance):
    await finance.binds()
    [note] = await finance.notes()
    path = f"/debit_notes/{note['id']}/approval"
    assert (await finance.frank.post(path)).status_code == 428
    assert (await finance.frank.post(path, match=7)).status_code == 412
