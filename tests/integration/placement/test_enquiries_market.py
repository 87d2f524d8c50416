"""A market enquiry from the issue to the end, over HTTP, by event and by the clock."""

from datetime import date

import pytest

from contracts.money import yuan
from contracts.placement import ProposalDrafted, QuoteDeclined, QuoteReceived, QuoteRevised
from tests.support.placement import has_insurer, has_schedule
from tests.support.placement_enquiries import closing, consent, done, has_consented, has_issued, knows_the_house
from tests.support.service import RunningService


def a_quote(enquiry_id: str, insurer_id: str) -> QuoteReceived:
    """Terms of an insurer."""
    return QuoteReceived(
        quote_id=f"q-{insurer_id}",
        enquiry_id=enquiry_id,
        insurer_id=insurer_id,
        revision=1,
        premium=yuan("45000.00"),
        valid_until_on=date(2026, 4, 30),
        restrictive=0,
    )


async def test_an_issued_enquiry_is_frozen_as_a_paper_for_all_underwriters(placement: RunningService):
    await knows_the_house(placement)
    path, ids = await has_issued(placement)
    broker, enquiry_id = placement.user("broker"), path.rsplit("/", 1)[1]
    [document] = (await broker.get("/documents", params={"about_id": enquiry_id})).json()["items"]
    assert (document["kind"], document["language"]) == ("enquiry", "zh")
    content = await broker.get(f"/documents/{document['id']}/content")
    assert content.content.startswith(b"%PDF-")
    [sent] = await placement.events("documents", document["id"])
    assert [recipient["party_id"] for recipient in sent["data"]["recipients"]] == ids
    shown = (await broker.get(path)).json()
    assert (shown["edition"], shown["notices"], shown["editions"][0]["document_id"]) == (1, [], document["id"])
    issued = (await placement.events("enquiries", enquiry_id))[-1]
    assert (issued["type"].rsplit(".", 2)[1], issued["data"]["insurer_ids"]) == ("slip_issued", ids)


async def test_issuing_twice_with_one_key_issues_once(placement: RunningService):
    await knows_the_house(placement)
    path = await has_consented(placement)
    ids = [await has_insurer(placement, code) for code in ("AA", "BB", "CC")]
    body = {"insurer_ids": ids, "closes_at": closing(placement, days=7)}
    first = await placement.user("broker").post(f"{path}/issue", body, match=5, key="once")
    again = await placement.user("broker").post(f"{path}/issue", body, match=5, key="once")
    assert (again.status_code, again.json(), again.headers["idempotent-replayed"]) == (200, first.json(), "true")
    assert await placement.host.db["documents"].count_documents({}) == 1


@pytest.mark.rule("PLC-029")
async def test_one_insurer_is_too_few_and_two_are_worth_a_notice(placement: RunningService):
    await knows_the_house(placement)
    path = await has_consented(placement)
    ids = [await has_insurer(placement, code) for code in ("AA", "BB")]
    body = {"insurer_ids": [ids[0], ids[0]], "closes_at": closing(placement, days=7)}
    refused = await placement.user("broker").post(f"{path}/issue", body, match=5)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "PLC-029")
    issued = await done(placement, "broker", f"{path}/issue", body | {"insurer_ids": ids}, 5)
    assert [notice["rule"] for notice in issued["notices"]] == ["PLC-029"]


@pytest.mark.rule("PLC-008")
async def test_every_insurer_is_licensed_wherever_the_risk_is(placement: RunningService):
    await knows_the_house(placement)
    schedule_id = await has_schedule(placement, "cli-1", "广东省", "云南省")
    path = await has_consented(placement, schedule_ids=[schedule_id])
    good = await has_insurer(placement, "AA")
    local = await has_insurer(placement, "BB", regions=["44"])
    other = await has_insurer(placement, "CC", lines=["motor"])
    lapsed = await has_insurer(placement, "DD", until_on="2026-03-01")
    body = {"insurer_ids": [good, local, other, lapsed], "closes_at": closing(placement, days=7)}
    refused = await placement.user("broker").post(f"{path}/issue", body, match=5)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "PLC-008")
    pointers = [error["pointer"] for error in refused.json()["errors"]]
    assert pointers == ["/insurer_ids/1", "/insurer_ids/2", "/insurer_ids/2", "/insurer_ids/3", "/insurer_ids/3"]
    assert (await placement.user("broker").get(path)).json()["status"] == "ready"


@pytest.mark.rule("PLC-030")
async def test_an_insurer_without_an_underwriter_to_write_to_is_not_asked(placement: RunningService):
    await knows_the_house(placement)
    path = await has_consented(placement)
    good = await has_insurer(placement, "AA")
    licence = {"line_families": ["property"], "regions": ["*"]}
    silent = await placement.user("admin").post("/insurers", {"code": "ZZ", "name": "无联系人", "licences": [licence]})
    body = {"insurer_ids": [good, silent.json()["id"]], "closes_at": closing(placement, days=7)}
    refused = await placement.user("broker").post(f"{path}/issue", body, match=5)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "PLC-030")


@pytest.mark.rule("PLC-031")
async def test_the_closing_instant_lies_ahead(placement: RunningService):
    await knows_the_house(placement)
    path = await has_consented(placement)
    ids = [await has_insurer(placement, code) for code in ("AA", "BB")]
    body = {"insurer_ids": ids, "closes_at": placement.clock().isoformat()}
    refused = await placement.user("broker").post(f"{path}/issue", body, match=5)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (422, "PLC-031")


@pytest.mark.rule("PLC-032")
async def test_an_amendment_goes_to_everybody_and_new_content_needs_consent(placement: RunningService):
    await knows_the_house(placement)
    path, ids = await has_issued(placement)
    broker, enquiry_id = placement.user("broker"), path.rsplit("/", 1)[1]
    placement.clock.move(days=1)
    nothing = await broker.post(f"{path}/amendment", {"changes": ["无"]}, match=6)
    assert (nothing.status_code, nothing.json()["rule"]["id"]) == (422, "PLC-032")
    change = {"fiscal": {"payment": "分两期"}, "changes": ["缴费方式改为分两期"]}
    refused = await broker.post(f"{path}/amendment", change, match=6)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "PLC-032")
    longer = {"closes_at": closing(placement, days=9), "changes": ["截止时间延后三天"]}
    second = await done(placement, "broker", f"{path}/amendment", longer, 6)
    assert (second["edition"], second["insurer_ids"]) == (2, ids)
    third = await done(placement, "broker", f"{path}/amendment", change | {"consent": await consent(placement)}, 7)
    assert [edition["content"]["fiscal"]["payment"] for edition in third["editions"]] == [
        "起保后30日内一次付清",
        "起保后30日内一次付清",
        "分两期",
    ]
    assert third["closes_at"] == second["closes_at"]
    documents = (await broker.get("/documents", params={"about_id": enquiry_id})).json()["items"]
    assert len({document["id"] for document in documents}) == 3
    amended = (await placement.events("enquiries", enquiry_id))[-1]
    assert (amended["data"]["edition"], amended["data"]["insurer_ids"]) == (3, ids)
    placement.clock.move(days=20)
    late = await broker.post(f"{path}/amendment", longer | {"closes_at": closing(placement, days=9)}, match=8)
    assert (late.status_code, late.json()["rule"]["id"]) == (409, "PLC-031")


@pytest.mark.rule("PLC-033")
async def test_the_clock_closes_an_enquiry_after_its_closing_instant(placement: RunningService):
    await knows_the_house(placement)
    path, _ = await has_issued(placement)
    broker = placement.user("broker")
    placement.clock.move(days=7)
    await placement.run_job("close_due_enquiries")
    assert (await broker.get(path)).json()["status"] == "issued"
    early = await broker.post(f"{path}/closing", match=6)
    assert (early.status_code, early.json()["rule"]["id"]) == (409, "PLC-033")
    placement.clock.move(seconds=1)
    await placement.run_job("close_due_enquiries")
    await placement.run_job("close_due_enquiries")
    closed = (await broker.get(path)).json()
    assert (closed["status"], closed["close_reason"], closed["version"]) == ("closed", "closing_time", 7)
    failed = await done(placement, "broker", f"{path}/failure", {"reason": "无可用报价"}, 7)
    assert failed["status"] == "failed"


@pytest.mark.rule("PLC-033")
async def test_an_enquiry_closes_when_all_have_answered_its_present_edition(placement: RunningService):
    await knows_the_house(placement)
    path, ids = await has_issued(placement, insurers=("AA", "BB"))
    broker, enquiry_id = placement.user("broker"), path.rsplit("/", 1)[1]
    placement.clock.move(hours=1)
    await placement.receives(a_quote(enquiry_id, ids[0]), f"q-{ids[0]}", 2)
    placement.clock.move(hours=1)
    longer = {"closes_at": closing(placement, days=9), "changes": ["延后"]}
    await done(placement, "broker", f"{path}/amendment", longer, 6)
    placement.clock.move(hours=1)
    declined = QuoteDeclined(quote_id="q", enquiry_id=enquiry_id, insurer_id=ids[1], reason="超出承保能力")
    await placement.receives(declined, f"q-{ids[1]}", 2)
    assert (await broker.get(path)).json()["status"] == "issued"
    revised = QuoteRevised(**a_quote(enquiry_id, ids[0]).model_dump())
    await placement.receives(revised, f"q-{ids[0]}", 3)
    closed = (await broker.get(path)).json()
    assert (closed["status"], closed["close_reason"]) == ("closed", "all_answered")
    drafted = ProposalDrafted(proposal_id="pro-1", enquiry_id=enquiry_id, client_id="cli-1", edition=1)
    event_id = await placement.receives(drafted, "pro-1", 1)
    await placement.receives(drafted, "pro-1", 1, event_id=event_id)
    await placement.receives(drafted.model_copy(update={"proposal_id": "pro-2", "edition": 2}), "pro-2", 1)
    converted = (await broker.get(path)).json()
    assert (converted["status"], converted["proposal_id"]) == ("converted", "pro-1")
    late = await placement.user("manager").post(f"{path}/withdrawal", {"reason": "x"}, match=converted["version"])
    assert (late.status_code, late.json()["rule"]["id"]) == (409, "SYS-001")
