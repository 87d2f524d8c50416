"""Proposals from the draft to the client's written acceptance, over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.clients import ClientChanged, MandateEnded
from contracts.personal import PersonName
from tests.support.placement import a_card, a_contact
from tests.support.placement_chain import (
    ADVICE,
    STANDING,
    Asked,
    acceptance,
    echo,
    has_asked,
    has_draft_proposal,
    has_sent_proposal,
    has_shortlisted,
    quote_id,
    refused,
    shown,
    sole,
    step,
    terms,
)
from tests.support.placement_enquiries import has_issued
from tests.support.placement_questions import fen
from tests.support.service import RunningService


@pytest.mark.rule("PLC-060")
async def test_a_proposal_is_drafted_once_on_a_closed_enquiry_with_its_shortlist(placement: RunningService):
    asked = await has_shortlisted(placement)
    broker = placement.user("broker")
    drafted = await broker.post("/proposals", {"enquiry_id": asked.enquiry_id}, key="k")
    assert drafted.status_code == 201, drafted.text
    told = drafted.json()
    assert (told["number"], told["edition"], told["status"]) == ("BP-HQ-2026-00001", 1, "draft")
    assert [offer["insurer_name"] for offer in told["offers"]] == ["保险公司AA", "保险公司BB"]
    assert len(told["comparison"]["rows"]) == 8
    await echo(placement)
    assert (await shown(placement, f"/enquiries/{asked.enquiry_id}"))["status"] == "converted"
    again = await broker.post("/proposals", {"enquiry_id": asked.enquiry_id}, key="k")
    assert (again.status_code, again.json()["id"]) == (201, told["id"])
    other = await broker.post("/proposals", {"enquiry_id": asked.enquiry_id})
    assert (other.status_code, other.json()["type"]) == (409, "urn:baoqiao:problem:edition-taken")


@pytest.mark.rule("PLC-060")
async def test_an_open_enquiry_and_one_without_a_shortlist_have_no_proposal(placement: RunningService):
    asked = await has_asked(placement, ("AA", "BB"))
    body = {"enquiry_id": asked.enquiry_id}
    answer = await placement.user("broker").post("/proposals", body)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:baoqiao:problem:enquiry-not-closed")
    for path in asked.quotes.values():
        await step(placement, "broker", f"{path}/terms", await terms(placement))
    answer = await placement.user("broker").post("/proposals", body)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:baoqiao:problem:nothing-to-propose")


@pytest.mark.rule("PLC-061", "PLC-062", "PLC-063")
async def test_an_incomplete_draft_is_refused_with_everything_that_is_missing(placement: RunningService):
    asked = await has_shortlisted(placement)
    path = await has_draft_proposal(placement, asked, reasons=[], related_parties="", recommendation=[])
    etag = (await placement.user("broker").get(path)).headers["etag"]
    answer = await placement.user("broker").post(f"{path}/submission", match=etag)
    assert (answer.status_code, answer.json()["rule"]["id"]) == (422, "PLC-061")
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/advice/recommendation",
        "/advice/reasons",
        "/advice/related_parties",
    }


@pytest.mark.rule("PLC-012", "SYS-011")
async def test_the_tier_of_the_matrix_reviews_it_and_never_somebody_who_wrote_in_it(placement: RunningService):
    asked = await has_shortlisted(placement, {"AA": "45000.00", "BB": "60000.00"})
    path = await has_draft_proposal(placement, asked)
    submitted = await step(placement, "broker", f"{path}/submission")
    assert (submitted["tier"], submitted["premium"]["amount"]) == ("general_manager", "60000.00")
    assert await refused(placement, "supervisor", f"{path}/approval") == (403, "PLC-012")
    assert await refused(placement, "broker", f"{path}/approval") == (403, "SYS-011")
    returned = await step(placement, "manager", f"{path}/return", {"reason": "请补充理由"})
    assert (returned["status"], returned["remark"]) == ("draft", "请补充理由")
    changed = await placement.user("manager").patch(path, {"reasons": ["改写"]}, match=returned["version"])
    assert changed.status_code == 200, changed.text
    await step(placement, "broker", f"{path}/submission")
    assert await refused(placement, "manager", f"{path}/approval") == (403, "SYS-011")


@pytest.mark.rule("PLC-013")
async def test_other_placements_of_the_client_count_with_what_their_proposals_say(placement: RunningService):
    await has_draft_proposal(placement, await has_shortlisted(placement, premium_estimate=fen("10000.00")))
    submitted = await _second_proposal_submitted(placement)
    assert (submitted["tier"], submitted["premium"]["amount"]) == ("general_manager", "15000.00")
    assert (await shown(placement, f"/enquiries/{submitted['enquiry_id']}"))["tier"] == "general_manager"


@pytest.mark.rule("PLC-013")
async def test_a_placement_that_the_client_declined_no_longer_counts(placement: RunningService):
    asked = await has_shortlisted(placement, premium_estimate=fen("10000.00"))
    declined = await has_sent_proposal(placement, asked)
    await step(placement, "executive", f"{declined}/declinature", {"reason": "暂缓投保"})
    submitted = await _second_proposal_submitted(placement)
    assert (submitted["tier"], submitted["premium"]["amount"]) == ("staff", "15000.00")
    assert (await shown(placement, f"/enquiries/{submitted['enquiry_id']}"))["tier"] == "staff"


async def _second_proposal_submitted(service: RunningService) -> dict[str, Any]:
    enquiry, insurers = await has_issued(service, insurers=("CC", "DD"), premium_estimate=fen("5000.00"))
    await echo(service)
    enquiry_id = enquiry.rpartition("/")[2]
    listed = await service.user("broker").get("/quotes", params={"enquiry_id": enquiry_id})
    quotes = {line["insurer_id"]: f"/quotes/{line['id']}" for line in listed.json()["items"]}
    paths = {code: quotes[insurer_id] for code, insurer_id in zip(("AA", "BB"), insurers, strict=True)}
    for path in paths.values():
        await step(service, "broker", f"{path}/terms", await terms(service, "15000.00"))
    for path in paths.values():
        await step(service, "broker", f"{path}/standing", STANDING)
        await step(service, "broker", f"{path}/shortlisting")
    second = await has_draft_proposal(service, Asked(enquiry_id, {}, paths))
    return await step(service, "broker", f"{second}/submission")


@pytest.mark.rule("PLC-066")
async def test_nothing_is_sent_that_lapses_before_the_answer_date(placement: RunningService):
    asked = await has_shortlisted(placement)
    path = await has_draft_proposal(placement, asked)
    await step(placement, "broker", f"{path}/submission")
    await step(placement, "supervisor", f"{path}/approval")
    late = {"answer_until_on": "2026-04-16"}
    assert await refused(placement, "executive", f"{path}/sending", late) == (409, "PLC-066")
    past = {"answer_until_on": "2026-03-01"}
    assert await refused(placement, "executive", f"{path}/sending", past) == (422, "PLC-066")


async def test_the_paper_is_frozen_in_both_languages_and_served_again_byte_for_byte(placement: RunningService):
    asked = await has_shortlisted(placement)
    path = await has_draft_proposal(placement, asked)
    await step(placement, "broker", f"{path}/submission")
    await step(placement, "supervisor", f"{path}/approval")
    body = {"answer_until_on": "2026-03-20", "languages": ["zh", "en"]}
    etag = (await placement.user("executive").get(path)).headers["etag"]
    executive = placement.user("executive")
    sent = await executive.post(f"{path}/sending", body, match=etag, key="k")
    assert sent.status_code == 200, sent.text
    again = await executive.post(f"{path}/sending", body, match=etag, key="k")
    assert (again.status_code, again.json()) == (200, sent.json())
    first, second = sent.json()["document_ids"]
    record = (await executive.get(f"/documents/{second}")).json()
    assert (record["kind"], record["language"], record["title"]) == (
        "proposal",
        "en",
        "Insurance proposal BP-HQ-2026-00001",
    )
    contents = [(await executive.get(f"/documents/{first}/content")).content for _ in range(2)]
    assert contents[0] == contents[1]
    assert contents[0].startswith(b"%PDF-")
    told = [event["data"] for event in await placement.events("documents", first)]
    assert [recipient["party_id"] for recipient in told[0]["recipients"]] == ["cli-1", "cli-1"]
    assert told[0]["recipients"][0]["email"] != "con-1@client.example", "addresses travel sealed"


@pytest.mark.rule("PLC-070")
async def test_a_new_edition_supersedes_the_one_that_was_sent_and_only_it_can_be_accepted(placement: RunningService):
    asked = await has_shortlisted(placement)
    first = await has_sent_proposal(placement, asked)
    await step(placement, "broker", f"{first}/discussion", {"note": "客户希望由BB首席"})
    second = await step(placement, "broker", f"{first}/editions", status=201)
    assert (second["edition"], second["number"], second["advice"]["reasons"]) == (
        2,
        "BP-HQ-2026-00001",
        ADVICE["reasons"],
    )
    assert (await shown(placement, first))["superseded_by"] == second["id"]
    path = f"/proposals/{second['id']}"
    changed = await placement.user("broker").patch(path, {"recommendation": sole(asked, "BB")}, match=1)
    assert changed.status_code == 200, changed.text
    await step(placement, "broker", f"{path}/submission")
    await step(placement, "supervisor", f"{path}/approval")
    await step(placement, "executive", f"{path}/sending", {"answer_until_on": "2026-03-20"})
    body = await acceptance(placement, asked, "BB")
    assert await refused(placement, "executive", f"{first}/acceptance", body) == (409, "PLC-070")
    assert await refused(placement, "executive", f"{path}/acceptance", body) == (422, "PLC-067")
    accepted = await step(placement, "executive", f"{path}/acceptance", body | {"edition": 2})
    assert accepted["status"] == "accepted"


@pytest.mark.rule("PLC-067", "PLC-072")
async def test_the_acceptance_selects_the_chosen_quotes_and_rejects_the_others_at_once(placement: RunningService):
    asked = await has_shortlisted(placement)
    path = await has_sent_proposal(placement, asked)
    silent = await acceptance(placement, asked, disclosure_statement="", exclusions_explained=False)
    assert await refused(placement, "executive", f"{path}/acceptance", silent) == (422, "PLC-067")
    stranger = await acceptance(placement, asked, contact_id="con-2")
    assert await refused(placement, "executive", f"{path}/acceptance", stranger) == (409, "PLC-022")
    states = [(await shown(placement, quote))["status"] for quote in asked.quotes.values()]
    assert states == ["shortlisted", "shortlisted"], "a refused acceptance changes no quote"
    executive, etag = placement.user("executive"), (await placement.user("executive").get(path)).headers["etag"]
    body = await acceptance(placement, asked)
    first = await executive.post(f"{path}/acceptance", body, match=etag, key="k")
    again = await executive.post(f"{path}/acceptance", body, match=etag, key="k")
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    states = [(await shown(placement, quote))["status"] for quote in asked.quotes.values()]
    assert states == ["selected", "rejected"]
    assert await refused(placement, "executive", f"{path}/acceptance", body) == (409, "SYS-001")


@pytest.mark.rule("PLC-070")
async def test_of_two_acceptances_at_once_one_counts(placement: RunningService):
    asked = await has_shortlisted(placement)
    path = await has_sent_proposal(placement, asked)
    executive = placement.user("executive")
    etag = (await executive.get(path)).headers["etag"]
    bodies = [await acceptance(placement, asked, code) for code in ("AA", "BB")]
    answers = await asyncio.gather(*(executive.post(f"{path}/acceptance", body, match=etag) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    states = sorted([(await shown(placement, quote))["status"] for quote in asked.quotes.values()])
    assert states == ["rejected", "selected"]


@pytest.mark.rule("PLC-073")
async def test_a_paper_goes_to_somebody_who_can_be_reached(placement: RunningService):
    asked = await has_shortlisted(placement)
    path = await has_draft_proposal(placement, asked)
    await step(placement, "broker", f"{path}/submission")
    await step(placement, "supervisor", f"{path}/approval")
    card = a_card(contacts=[a_contact().model_copy(update={"email": None})])
    await placement.receives(ClientChanged(card=card), "cli-1", 2)
    body = {"answer_until_on": "2026-03-20"}
    assert await refused(placement, "executive", f"{path}/sending", body) == (409, "PLC-073")


@pytest.mark.rule("PLC-064")
async def test_a_natural_person_is_told_why_the_cover_suits_him(placement: RunningService):
    asked = await has_shortlisted(placement)
    path = await has_draft_proposal(placement, asked)
    person = a_card(kind="individual", name=None, person_name=PersonName("沈知遥"))
    await placement.receives(ClientChanged(card=person), "cli-1", 2)
    assert await refused(placement, "broker", f"{path}/submission") == (422, "PLC-061")
    body = {"suitability": "保障需求与承受能力相符"}
    assert (await placement.user("broker").patch(path, body, match=2)).status_code == 200
    assert (await step(placement, "broker", f"{path}/submission"))["status"] == "internal_review"


@pytest.mark.rule("PLC-068")
async def test_acceptance_after_a_quotes_validity_is_refused_by_the_instant_of_the_decision(placement: RunningService):
    asked = await has_shortlisted(placement)
    path = await has_draft_proposal(placement, asked)
    await step(placement, "broker", f"{path}/submission")
    await step(placement, "supervisor", f"{path}/approval")
    await step(placement, "executive", f"{path}/sending", {"answer_until_on": "2026-04-15"})
    placement.clock.at = datetime(2026, 4, 16, 1, 0, tzinfo=UTC)
    late = await acceptance(placement, asked)
    assert await refused(placement, "executive", f"{path}/acceptance", late) == (409, "PLC-068")
    await placement.run_job("expire_quotes")
    await placement.run_job("expire_proposals")
    assert (await shown(placement, path))["status"] == "expired"
    assert (await shown(placement, asked.quotes["AA"]))["status"] == "expired"
    in_time = late | {"decided_at": datetime(2026, 4, 15, 15, 59, 59, tzinfo=UTC).isoformat()}
    accepted = await step(placement, "executive", f"{path}/acceptance", in_time)
    assert accepted["status"] == "accepted", "decided in time, recorded after the clock had run"
    assert (await shown(placement, asked.quotes["AA"]))["status"] == "selected"


@pytest.mark.rule("PLC-069")
async def test_a_decision_is_neither_in_the_future_nor_before_the_sending(placement: RunningService):
    asked = await has_shortlisted(placement)
    path = await has_sent_proposal(placement, asked)
    for hours in (-1, 1):
        wrong = (placement.clock() + timedelta(hours=hours)).isoformat()
        body = await acceptance(placement, asked, decided_at=wrong)
        assert await refused(placement, "executive", f"{path}/acceptance", body) == (422, "PLC-069")


@pytest.mark.rule("PLC-071")
async def test_a_proposal_that_nobody_answers_expires_after_its_date(placement: RunningService):
    asked = await has_shortlisted(placement)
    path = await has_sent_proposal(placement, asked)
    placement.clock.at = datetime(2026, 3, 20, 15, 59, tzinfo=UTC)
    await placement.run_job("expire_proposals")
    assert (await shown(placement, path))["status"] == "sent"
    placement.clock.move(minutes=1)
    await placement.run_job("expire_proposals")
    assert (await shown(placement, path))["status"] == "expired"
    new = await step(placement, "broker", f"{path}/editions", status=201)
    assert new["edition"] == 2


async def test_the_client_may_say_no(placement: RunningService):
    asked = await has_shortlisted(placement)
    path = await has_sent_proposal(placement, asked)
    declined = await step(placement, "executive", f"{path}/declinature", {"reason": "暂缓投保"})
    assert (declined["status"], declined["remark"]) == ("declined", "暂缓投保")


async def test_a_draft_shows_only_the_shortlisted_quotes_that_are_wanted(placement: RunningService):
    asked = await has_shortlisted(placement)
    path = await has_draft_proposal(placement, asked)
    body = {"quote_ids": [quote_id(asked, "BB")]}
    changed = await placement.user("broker2").patch(path, body, match=2)
    assert [offer["insurer_name"] for offer in changed.json()["offers"]] == ["保险公司BB"]
    assert changed.json()["premium"]["amount"] == "46000.00"
    none = await placement.user("broker2").patch(path, {"quote_ids": ["nothing"]}, match=3)
    assert (none.status_code, none.json()["rule"]["id"]) == (409, "PLC-060")


@pytest.mark.rule("PLC-002")
async def test_every_step_needs_a_live_mandate(placement: RunningService):
    asked = await has_shortlisted(placement)
    path = await has_draft_proposal(placement, asked)
    ended = MandateEnded(
        mandate_id="man-cli-1-contract", client_id="cli-1", ended_on=placement.clock().date(), reason="解除"
    )
    await placement.receives(ended, "man-cli-1-contract", 3)
    body = await acceptance(placement, asked)
    for name, told in (
        ("submission", {}),
        ("approval", {}),
        ("sending", {"answer_until_on": "2026-03-20"}),
        ("discussion", {"note": "?"}),
        ("editions", {}),
        ("acceptance", body),
    ):
        assert await refused(placement, "executive", f"{path}/{name}", told) == (409, "PLC-002"), name
    assert await refused(placement, "broker", f"{asked.quotes['AA']}/shortlisting") == (409, "PLC-002")
