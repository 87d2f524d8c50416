"""Quotes from the request to the shortlist, over HTTP and by the clock."""

from datetime import UTC, datetime

import pytest

from tests.support.placement import has_file
from tests.support.placement_chain import STANDING, echo, has_asked, has_shortlisted, refused, shown, step, terms
from tests.support.placement_enquiries import closing, done
from tests.support.placement_questions import fen
from tests.support.service import RunningService


async def test_an_issued_enquiry_asks_each_insurer_once_however_often_it_is_told(placement: RunningService):
    asked = await has_asked(placement)
    quote = await shown(placement, asked.quotes["AA"])
    assert (quote["status"], quote["edition"], quote["insurer_name"]) == ("requested", 1, "保险公司AA")
    placement.__dict__["echoed"].clear()
    await echo(placement)
    assert await placement.host.db["quotes"].count_documents({}) == 3
    assert len(await placement.events("quotes")) == 3


async def test_an_amendment_reaches_every_open_quote_and_asks_anew_who_had_declined(placement: RunningService):
    asked = await has_asked(placement)
    await step(placement, "broker", f"{asked.quotes['AA']}/declinature", {"reason": "承保能力不足"})
    await step(placement, "broker", f"{asked.quotes['BB']}/terms", await terms(placement))
    amendment = {"closes_at": closing(placement, days=9), "changes": ["截止时间延长"]}
    await done(placement, "broker", f"/enquiries/{asked.enquiry_id}/amendment", amendment, 6)
    await echo(placement)
    listed = (await placement.user("broker").get("/quotes", params={"enquiry_id": asked.enquiry_id})).json()["items"]
    states = sorted((line["insurer_name"], line["status"]) for line in listed)
    assert states == [
        ("保险公司AA", "declined"),
        ("保险公司AA", "requested"),
        ("保险公司BB", "clarifying"),
        ("保险公司CC", "requested"),
    ]
    assert (await shown(placement, asked.quotes["CC"]))["edition"] == 2
    [line] = [line for line in listed if line["insurer_name"] == "保险公司BB"]
    offer = (await shown(placement, asked.quotes["BB"]))["terms"]
    told = (line["premium"], line["valid_until_on"], line["restrictive"])
    assert told == (offer["premium"], offer["valid_until_on"], len(offer["restrictions"]))


@pytest.mark.rule("PLC-050")
async def test_a_late_quote_is_refused_before_and_after_the_job_notes_the_silence(placement: RunningService):
    asked = await has_asked(placement)
    placement.clock.move(days=7, minutes=5)
    body = await terms(placement)
    assert await refused(placement, "broker", f"{asked.quotes['AA']}/terms", body) == (409, "PLC-050")
    await placement.run_job("note_silent_insurers")
    assert (await shown(placement, asked.quotes["AA"]))["status"] == "no_response"
    assert await refused(placement, "broker", f"{asked.quotes['AA']}/terms", body) == (409, "PLC-050")


@pytest.mark.rule("PLC-057")
async def test_the_closing_time_turns_what_never_came_into_no_response(placement: RunningService):
    asked = await has_asked(placement)
    await step(placement, "broker", f"{asked.quotes['AA']}/terms", await terms(placement))
    await step(placement, "broker", f"{asked.quotes['BB']}/acknowledgement")
    await placement.run_job("note_silent_insurers")
    assert (await shown(placement, asked.quotes["BB"]))["status"] == "acknowledged"
    placement.clock.move(days=7, minutes=5)
    await placement.run_job("note_silent_insurers")
    states = [(await shown(placement, path))["status"] for path in asked.quotes.values()]
    assert states == ["quoted", "no_response", "no_response"]


@pytest.mark.rule("PLC-054", "PLC-056")
async def test_a_revision_is_kept_beside_the_old_one_and_restrictive_conditions_are_flagged(placement: RunningService):
    asked = await has_asked(placement)
    path = asked.quotes["AA"]
    first = await terms(
        placement,
        clauses=[{"code": "EXC-1", "kind": "exclusion", "words": {"title_zh": "洪水除外", "text_zh": "不承保洪水"}}],
        subjectivities=[{"text": "三十日内提供消防验收报告", "before_binding": False}],
        limits=[{"subject": "建筑物", "amount": fen("100000000.00")}],
    )
    quoted = await step(placement, "broker", f"{path}/terms", first)
    assert [found["text"] for found in quoted["terms"]["restrictions"]] == ["洪水除外", "三十日内提供消防验收报告"]
    assert [found["subject"] for found in quoted["terms"]["shortfalls"]] == ["建筑物", "机器设备", "存货年平均余额"]
    await step(placement, "broker", f"{path}/clarification", {"question": "能否取消洪水除外?"})
    revised = await step(placement, "broker", f"{path}/revision", await terms(placement, "47000.00"))
    assert (revised["terms"]["revision"], revised["terms"]["restrictions"]) == (2, [])
    assert [terms["premium"]["amount"] for terms in revised["earlier"]] == ["45000.00"]


async def test_a_clause_of_the_library_is_kept_with_the_edition_that_was_offered(placement: RunningService):
    asked = await has_asked(placement)
    words = {"title_zh": "自动恢复保额条款", "text_zh": "保险金额自动恢复"}
    clause = (
        await placement.user("ann").post(
            "/clauses", {"code": "EXT-9", "kind": "extension", "line_families": ["property"], "words": words}
        )
    ).json()
    named = [{"clause_id": clause["id"], "restrictive": True}]
    quoted = await step(placement, "broker", f"{asked.quotes['AA']}/terms", await terms(placement, clauses=named))
    [offered] = quoted["terms"]["clauses"]
    assert (offered["code"], offered["edition"], offered["words"]["title_zh"]) == ("EXT-9", 1, "自动恢复保额条款")
    assert quoted["terms"]["restrictions"][0]["text"] == "自动恢复保额条款"


@pytest.mark.rule("PLC-051")
async def test_an_offer_with_faults_or_without_its_paper_is_refused(placement: RunningService):
    asked = await has_asked(placement)
    body = await terms(placement, "0.00", valid_until_on="2026-03-01")
    assert await refused(placement, "broker", f"{asked.quotes['AA']}/terms", body) == (422, "PLC-051")
    body = await terms(placement, evidence_id="nothing")
    assert await refused(placement, "broker", f"{asked.quotes['AA']}/terms", body) == (404, "SYS-010")


@pytest.mark.rule("PLC-052", "PLC-053")
async def test_above_the_staff_tier_a_second_person_verifies_before_the_shortlist(placement: RunningService):
    asked = await has_asked(placement, ("AA", "BB"))
    for code, premium in (("AA", "45000.00"), ("BB", "19000.00")):
        await step(placement, "broker", f"{asked.quotes[code]}/terms", await terms(placement, premium))
    dear, cheap = asked.quotes["AA"], asked.quotes["BB"]
    assert await refused(placement, "broker", f"{cheap}/shortlisting") == (409, "PLC-053")
    for path in (dear, cheap):
        await step(placement, "broker", f"{path}/standing", STANDING)
    assert (await step(placement, "broker", f"{cheap}/shortlisting"))["status"] == "shortlisted"
    assert await refused(placement, "broker", f"{dear}/shortlisting") == (409, "PLC-052")
    assert await refused(placement, "broker", f"{dear}/verification", {"revision": 1}) == (403, "PLC-052")
    await step(placement, "broker2", f"{dear}/verification", {"revision": 1})
    assert (await step(placement, "broker", f"{dear}/shortlisting"))["status"] == "shortlisted"


@pytest.mark.rule("PLC-053")
async def test_nothing_is_shortlisted_while_somebody_may_still_answer(placement: RunningService):
    asked = await has_asked(placement)
    await step(placement, "broker", f"{asked.quotes['AA']}/terms", await terms(placement, "15000.00"))
    await step(placement, "broker", f"{asked.quotes['AA']}/standing", STANDING)
    assert await refused(placement, "broker", f"{asked.quotes['AA']}/shortlisting") == (409, "PLC-053")


@pytest.mark.rule("PLC-053")
async def test_the_comparison_has_eight_dimensions_and_everybody_who_was_asked(placement: RunningService):
    asked = await has_asked(placement, ("AA", "BB", "CC", "DD"))
    await step(placement, "broker", f"{asked.quotes['AA']}/terms", await terms(placement, "45000.00"))
    await step(placement, "broker", f"{asked.quotes['BB']}/terms", await terms(placement, "44000.00"))
    await step(placement, "broker", f"{asked.quotes['AA']}/standing", STANDING)
    await step(placement, "broker", f"{asked.quotes['CC']}/declinature", {"reason": "行业不承保"})
    matrix = await shown(placement, f"/enquiries/{asked.enquiry_id}/comparison")
    assert len(matrix["rows"]) == 8
    assert [column["insurer_name"] for column in matrix["columns"]] == ["保险公司BB", "保险公司AA"]
    assert [cell["best"] for cell in matrix["rows"][0]["cells"]] == [True, False]
    assert [(silent["insurer_name"], silent["outcome"]) for silent in matrix["silent"]] == [("保险公司CC", "declined")]
    assert matrix["pending"] == ["保险公司DD"]


@pytest.mark.rule("PLC-055")
async def test_the_clock_notes_quotes_whose_validity_is_over(placement: RunningService):
    asked = await has_shortlisted(placement)
    placement.clock.at = datetime(2026, 4, 15, 15, 59, tzinfo=UTC)
    await placement.run_job("expire_quotes")
    assert (await shown(placement, asked.quotes["AA"]))["status"] == "shortlisted"
    placement.clock.move(minutes=1)
    await placement.run_job("expire_quotes")
    assert (await shown(placement, asked.quotes["AA"]))["status"] == "expired"


@pytest.mark.rule("PLC-002")
async def test_another_branch_sees_no_quote_and_a_stale_version_changes_nothing(placement: RunningService):
    asked = await has_asked(placement)
    await placement.knows_branch("zj")
    stranger = placement.user("stranger", "zj")
    assert (await stranger.get(asked.quotes["AA"])).status_code == 404
    assert (await stranger.get("/quotes")).json()["items"] == []
    broker = placement.user("broker")
    reason = {"reason": "能力不足"}
    assert (await broker.post(f"{asked.quotes['AA']}/declinature", reason, match=7)).status_code == 412
    first = await broker.post(f"{asked.quotes['AA']}/declinature", reason, match=1, key="k")
    again = await broker.post(f"{asked.quotes['AA']}/declinature", reason, match=1, key="k")
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await broker.post(f"{asked.quotes['AA']}/declinature", {"reason": "别的"}, match=1, key="k")
    assert (other.status_code, other.json()["rule"]["id"]) == (422, "SYS-004")
    assert await has_file(placement)
