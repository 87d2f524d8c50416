"""Placing instructions and cover confirmations, over HTTP."""

import asyncio

import pytest

from contracts.clients import MandateEnded
from contracts.hr import PractitionerCancelled
from tests.support.placement import has_file, has_insurer, knows_user
from tests.support.placement_chain import (
    has_accepted,
    has_bound,
    has_issued_placing,
    has_sent_proposal,
    has_shortlisted,
    instruction,
    line,
    quote_id,
    refused,
    shown,
    step,
)
from tests.support.service import RunningService


def wrong_panel(asked: object, proposal_path: str, *seats: tuple[str, int, bool]) -> dict[str, object]:
    """An instruction to this panel."""
    panel = [{"insurer_id": insurer_id, "share_bp": share, "lead": lead} for insurer_id, share, lead in seats]
    return instruction(asked, proposal_path, panel=panel)  # type: ignore[arg-type]


@pytest.mark.rule("PLC-075")
async def test_nothing_is_placed_without_the_clients_written_acceptance(placement: RunningService):
    asked = await has_shortlisted(placement)
    path = await has_sent_proposal(placement, asked)
    answer = await placement.user("broker").post("/placings", instruction(asked, path))
    assert (answer.status_code, answer.json()["rule"]["id"]) == (409, "PLC-075")


@pytest.mark.rule("PLC-076", "PLC-077", "PLC-008")
async def test_a_panel_is_whole_led_by_the_clients_choice_and_licensed(placement: RunningService):
    asked, path = await has_accepted(placement)
    aa, bb = asked.insurers["AA"], asked.insurers["BB"]
    broker = placement.user("broker")
    short = await broker.post("/placings", wrong_panel(asked, path, (aa, 6000, True), (bb, 3999, False)))
    assert (short.status_code, short.json()["rule"]["id"]) == (422, "PLC-076")
    assert "99.99%" in short.json()["errors"][0]["detail"]
    other = await broker.post("/placings", wrong_panel(asked, path, (aa, 6000, False), (bb, 4000, True)))
    assert (other.status_code, other.json()["rule"]["id"]) == (422, "PLC-077")
    abroad = await has_insurer(placement, "ZZ", regions=["11"])
    far = await broker.post("/placings", wrong_panel(asked, path, (aa, 6000, True), (abroad, 4000, False)))
    assert (far.status_code, far.json()["rule"]["id"]) == (409, "PLC-008")
    unplanned = instruction(asked, path, instalments=[{"due_on": "2026-11-01"}, {"due_on": "2026-05-31"}])
    late = await broker.post("/placings", unplanned)
    assert (late.status_code, late.json()["rule"]["id"]) == (422, "PLC-076")


@pytest.mark.rule("PLC-004")
async def test_everybody_put_on_a_placement_is_registered(placement: RunningService):
    asked, path = await has_accepted(placement)
    await knows_user(placement, "novice", "AE")
    answer = await placement.user("broker").post("/placings", instruction(asked, path, owner_id="novice"))
    assert (answer.status_code, answer.json()["rule"]["id"]) == (409, "PLC-004")


@pytest.mark.rule("PLC-075")
async def test_two_instructions_at_once_on_one_acceptance_are_one(placement: RunningService):
    asked, path = await has_accepted(placement)
    bodies = [instruction(asked, path) for _ in range(2)]
    answers = await asyncio.gather(*(placement.user("broker").post("/placings", body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert await placement.host.db["placings"].count_documents({}) == 1


async def test_an_instruction_is_issued_once_to_the_whole_panel(placement: RunningService):
    asked, path = await has_issued_placing(placement)
    placing = await shown(placement, path)
    assert (placing["status"], placing["number"], placing["premium"]["amount"]) == (
        "issued",
        "PI-HQ-2026-00001",
        "45000.00",
    )
    [told] = [event["data"] for event in await placement.events("documents", placing["document_ids"][0])]
    assert {recipient["party_id"] for recipient in told["recipients"]} == set(asked.insurers.values())
    assert await refused(placement, "broker", f"{path}/issue") == (409, "SYS-001")


async def test_a_draft_can_be_changed_and_whoever_does_is_a_placer(placement: RunningService):
    asked, path = await has_accepted(placement)
    drafted = (await placement.user("broker").post("/placings", instruction(asked, path))).json()
    panel = [{"insurer_id": asked.insurers["AA"], "share_bp": 10_000, "lead": True}]
    body = {"panel": panel, "collection": "insurer", "reply_by_on": "2026-03-10"}
    changed = await placement.user("broker2").patch(f"/placings/{drafted['id']}", body, match=1)
    assert changed.status_code == 200, changed.text
    told = changed.json()
    assert (told["instruction"]["collection"], told["makers"], len(told["instruction"]["panel"])) == (
        "insurer",
        ["broker", "broker2"],
        1,
    )
    assert [part["due_on"] for part in told["instruction"]["instalments"]] == ["2026-05-31", "2026-11-01"]


@pytest.mark.rule("PLC-078", "PLC-085")
async def test_a_share_that_misses_the_total_holds_the_confirmation_back_until_it_is_written_anew(
    placement: RunningService,
):
    asked, path = await has_issued_placing(placement)
    aa, bb = asked.insurers["AA"], asked.insurers["BB"]
    drafted = await placement.user("broker").post("/confirmations", {"placing_id": path.rpartition("/")[2]})
    assert drafted.status_code == 201, drafted.text
    confirmation = f"/confirmations/{drafted.json()['id']}"
    await step(placement, "broker", f"{path}/lines", await line(placement, aa, 6000))
    half = await step(placement, "broker", f"{path}/lines", await line(placement, bb, 3999))
    assert (half["status"], half["total_bp"]) == ("partly_bound", 9999)
    etag = (await placement.user("broker").get(confirmation)).headers["etag"]
    answer = await placement.user("broker").post(f"{confirmation}/issue", {}, match=etag)
    assert (answer.status_code, answer.json()["rule"]["id"]) == (409, "PLC-085")
    assert "99.99%" in answer.json()["detail"]
    bound = await step(placement, "broker", f"{path}/lines", await line(placement, bb, 4000))
    assert (bound["status"], bound["total_bp"], len(bound["lines"])) == ("bound", 10_000, 3)
    issued = await step(placement, "broker", f"{confirmation}/issue")
    assert (issued["status"], len(issued["document_ids"])) == ("issued", 1)
    content = await placement.user("executive").get(f"/documents/{issued['document_ids'][0]}/content")
    assert content.content.startswith(b"%PDF-")
    receipt = {"delivered_at": placement.clock().isoformat(), "evidence_id": await has_file(placement)}
    delivered = await step(placement, "executive", f"{confirmation}/delivery", receipt)
    assert delivered["status"] == "delivered"


@pytest.mark.rule("PLC-078")
async def test_the_binding_binds_the_quotes_with_their_shares_in_the_same_transaction(placement: RunningService):
    asked, path = await has_issued_placing(placement)
    aa, bb = asked.insurers["AA"], asked.insurers["BB"]
    await step(placement, "broker", f"{path}/lines", await line(placement, aa, 6000))
    assert (await shown(placement, asked.quotes["AA"]))["status"] == "selected"
    broker = placement.user("broker")
    etag = (await broker.get(path)).headers["etag"]
    body = await line(placement, bb, 4000)
    first = await broker.post(f"{path}/lines", body, match=etag, key="k")
    again = await broker.post(f"{path}/lines", body, match=etag, key="k")
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    quote = await shown(placement, asked.quotes["AA"])
    assert (quote["status"], quote["share_bp"]) == ("bound", 6000)


@pytest.mark.rule("PLC-079")
async def test_lines_over_one_hundred_percent_are_signed_down(placement: RunningService):
    asked, path = await has_issued_placing(placement)
    aa, bb = asked.insurers["AA"], asked.insurers["BB"]
    for insurer_id, share in ((aa, 8000), (bb, 4000)):
        await step(placement, "broker", f"{path}/lines", await line(placement, insurer_id, share))
    evidence = await has_file(placement, "签下确认.pdf")
    shares = [{"insurer_id": aa, "share_bp": 6000}, {"insurer_id": bb, "share_bp": 4001}]
    body = {"shares": shares, "evidence_id": evidence}
    assert await refused(placement, "broker", f"{path}/signing", body) == (422, "PLC-079")
    shares[1]["share_bp"] = 4000
    signed = await step(placement, "broker", f"{path}/signing", body)
    assert (signed["status"], [found["share_bp"] for found in signed["lines"]]) == ("bound", [8000, 4000, 6000])


@pytest.mark.rule("PLC-077", "PLC-085")
async def test_whole_lines_without_the_leader_are_neither_signed_nor_confirmed(placement: RunningService):
    asked, path = await has_issued_placing(placement)
    await step(placement, "broker", f"{path}/refused_lines", {"insurer_id": asked.insurers["AA"], "reason": "超出权限"})
    whole = await step(placement, "broker", f"{path}/lines", await line(placement, asked.insurers["BB"], 10_000))
    assert (whole["status"], whole["total_bp"]) == ("partly_bound", 10_000)
    shares = [{"insurer_id": asked.insurers["BB"], "share_bp": 10_000}]
    body = {"shares": shares, "evidence_id": await has_file(placement)}
    assert await refused(placement, "broker", f"{path}/signing", body) == (409, "PLC-077")
    drafted = await placement.user("broker").post("/confirmations", {"placing_id": path.rpartition("/")[2]})
    assert await refused(placement, "broker", f"/confirmations/{drafted.json()['id']}/issue") == (409, "PLC-077")


async def test_when_all_of_the_panel_refuse_another_panel_may_follow(placement: RunningService):
    asked, path = await has_issued_placing(placement)
    for code in ("AA", "BB"):
        body = {"insurer_id": asked.insurers[code], "reason": "无再保支持"}
        placing = await step(placement, "broker", f"{path}/refused_lines", body)
    assert placing["status"] == "refused"
    again = await placement.user("broker").post("/placings", instruction(asked, f"/proposals/{placing['proposal_id']}"))
    assert again.status_code == 201, again.text


@pytest.mark.rule("PLC-080", "PLC-077")
async def test_a_withdrawal_leaves_the_quotes_and_is_refused_once_something_is_bound(placement: RunningService):
    asked, path = await has_issued_placing(placement)
    withdrawn = await step(placement, "broker2", f"{path}/withdrawal", {"reason": "客户暂缓"})
    assert withdrawn["status"] == "withdrawn"
    assert (await shown(placement, asked.quotes["AA"]))["status"] == "not_taken_up"
    again = await placement.user("broker").post(
        "/placings", instruction(asked, f"/proposals/{withdrawn['proposal_id']}")
    )
    new = f"/placings/{again.json()['id']}"
    assert await refused(placement, "broker", f"{new}/issue") == (409, "PLC-077")


@pytest.mark.rule("PLC-080")
async def test_nothing_is_withdrawn_after_the_first_line(placement: RunningService):
    asked, path = await has_issued_placing(placement)
    await step(placement, "broker", f"{path}/lines", await line(placement, asked.insurers["AA"], 6000))
    assert await refused(placement, "broker2", f"{path}/withdrawal", {"reason": "客户暂缓"}) == (409, "PLC-080")
    given_up = await step(placement, "broker", f"{path}/refusal", {"reason": "份额不足"})
    assert given_up["status"] == "refused"


async def test_a_selected_quote_that_is_not_on_the_bound_panel_is_not_taken_up(placement: RunningService):
    asked, proposal = await has_accepted(placement, "AA", "BB")
    panel = [{"insurer_id": asked.insurers["AA"], "share_bp": 10_000, "lead": True}]
    drafted = await placement.user("broker").post("/placings", instruction(asked, proposal, panel=panel))
    path = f"/placings/{drafted.json()['id']}"
    await step(placement, "broker", f"{path}/issue")
    await step(placement, "broker", f"{path}/lines", await line(placement, asked.insurers["AA"], 10_000))
    states = [(await shown(placement, quote))["status"] for quote in asked.quotes.values()]
    assert states == ["bound", "not_taken_up"]
    assert quote_id(asked, "AA")


@pytest.mark.rule("PLC-078", "PLC-080")
async def test_a_quote_that_the_client_left_before_stays_left_when_its_placement_binds_or_is_withdrawn(
    placement: RunningService,
):
    asked, proposal = await has_accepted(placement, "AA", "BB")
    left = await step(placement, "broker2", f"{asked.quotes['BB']}/non_take_up", {"reason": "客户只要首席"})
    assert left["status"] == "not_taken_up"
    panel = [{"insurer_id": asked.insurers["AA"], "share_bp": 10_000, "lead": True}]

    async def issued() -> str:
        drafted = await placement.user("broker").post("/placings", instruction(asked, proposal, panel=panel))
        path = f"/placings/{drafted.json()['id']}"
        await step(placement, "broker", f"{path}/issue")
        return path

    given_up = await step(placement, "broker", f"{await issued()}/refusal", {"reason": "条款待议"})
    assert given_up["status"] == "refused"
    path = await issued()
    bound = await step(placement, "broker", f"{path}/lines", await line(placement, asked.insurers["AA"], 10_000))
    assert bound["status"] == "bound"
    states = [(await shown(placement, quote)) for quote in asked.quotes.values()]
    assert [(quote["status"], quote["reason"]) for quote in states] == [
        ("bound", ""),
        ("not_taken_up", "客户只要首席"),
    ]


@pytest.mark.rule("PLC-080")
async def test_an_instruction_whose_quotes_were_left_can_still_be_withdrawn(placement: RunningService):
    asked, path = await has_issued_placing(placement)
    withdrawn = await step(placement, "broker2", f"{path}/withdrawal", {"reason": "客户暂缓"})
    again = await placement.user("broker").post(
        "/placings", instruction(asked, f"/proposals/{withdrawn['proposal_id']}")
    )
    second = await step(placement, "broker2", f"/placings/{again.json()['id']}/withdrawal", {"reason": "客户放弃"})
    assert second["status"] == "withdrawn"
    quote = await shown(placement, asked.quotes["AA"])
    assert (quote["status"], quote["reason"]) == ("not_taken_up", "客户暂缓")


@pytest.mark.rule("PLC-077")
async def test_a_quote_on_the_panel_of_a_live_instruction_is_not_left(placement: RunningService):
    asked, path = await has_issued_placing(placement)
    quote, reason = asked.quotes["AA"], {"reason": "客户撤回"}
    assert await refused(placement, "broker2", f"{quote}/non_take_up", reason) == (409, "PLC-077")
    await step(placement, "broker", f"{path}/refusal", {"reason": "份额不足"})
    assert (await step(placement, "broker2", f"{quote}/non_take_up", reason))["status"] == "not_taken_up"
    assert await refused(placement, "broker2", f"{quote}/non_take_up", reason) == (409, "SYS-001")


@pytest.mark.rule("PLC-085")
async def test_a_placing_has_one_confirmation(placement: RunningService):
    _, path = await has_bound(placement)
    body = {"placing_id": path.rpartition("/")[2]}
    first = await placement.user("broker").post("/confirmations", body, key="k")
    again = await placement.user("broker").post("/confirmations", body, key="k")
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 201, first.json()["id"])
    other = await placement.user("broker").post("/confirmations", body)
    assert (other.status_code, other.json()["rule"]["id"]) == (409, "PLC-085")


@pytest.mark.rule("PLC-002", "PLC-004")
async def test_every_step_needs_a_live_mandate_and_registered_people(placement: RunningService):
    asked, path = await has_issued_placing(placement)
    body = await line(placement, asked.insurers["AA"], 6000)
    gone = PractitionerCancelled(
        registration_id="reg-executive",
        employee_id="emp-executive",
        cancelled_on=placement.clock().date(),
        reason="离职",
    )
    await placement.receives(gone, "reg-executive", 2)
    assert await refused(placement, "broker", f"{path}/lines", body) == (409, "PLC-004")
    ended = MandateEnded(
        mandate_id="man-cli-1-contract", client_id="cli-1", ended_on=placement.clock().date(), reason="解除"
    )
    await placement.receives(ended, "man-cli-1-contract", 3)
    assert await refused(placement, "broker", f"{path}/lines", body) == (409, "PLC-002")
    answer = await placement.user("broker").post("/confirmations", {"placing_id": path.rpartition("/")[2]})
    assert (answer.status_code, answer.json()["rule"]["id"]) == (409, "PLC-002")
