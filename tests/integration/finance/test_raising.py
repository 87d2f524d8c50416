"""Debit notes come from bound policies, once."""

import asyncio

import pytest

from contracts.clients import ClientChanged, ClientConverted, ClientMerged
from contracts.money import yuan
from contracts.placement import (
    InstalmentPlan,
    PolicyBound,
    PolicyIssueChased,
    PolicyReceived,
    PolicyVoided,
)
from services.finance.debit_notes.rules import PlanBroken
from services.finance.parties.actions import ClientUnknown
from tests.support.finance import Finance, a_bound_policy, a_client


@pytest.mark.rule("FIN-003")
async def test_a_policy_delivered_twice_is_billed_once(finance: Finance):
    event_id = await finance.binds()
    await finance.binds(event_id=event_id)
    [note] = await finance.notes()
    assert (note["policy_id"], note["status"], note["total"]) == (
        "pol-1",
        "draft",
        {"amount": "100.00", "currency": "CNY"},
    )
    assert [(part["due_on"], part["amount"]["amount"]) for part in note["instalments"]] == [
        ("2026-04-01", "33.34"),
        ("2026-07-01", "33.33"),
        ("2026-10-01", "33.33"),
    ]
    [event] = await finance.service.events("debit_notes")
    assert event["type"] == "baoqiao.finance.debit_notes.debit_note_drafted.v1"
    assert event["causation"] == event_id


@pytest.mark.rule("FIN-003")
async def test_the_same_policy_delivered_side_by_side_is_billed_once(finance: Finance):
    bound = a_bound_policy()
    deliveries = (finance.service.receives(bound, "pol-1", event_id="evt-1") for _ in range(8))
    await asyncio.gather(*deliveries)
    assert len(await finance.notes()) == 1


@pytest.mark.rule("FIN-003")
async def test_a_policy_told_again_under_another_event_is_not_billed_again(finance: Finance):
    await finance.binds()
    with pytest.raises(Exception, match="has a debit note already"):
        await finance.binds()
    assert len(await finance.notes()) == 1


@pytest.mark.rule("FIN-008")
async def test_a_client_that_has_not_arrived_yet_is_waited_for(finance: Finance):
    with pytest.raises(ClientUnknown):
        await finance.binds(client_id="cli-9", event_id="evt-9")
    await finance.knows_client("cli-9")
    await finance.binds(client_id="cli-9", event_id="evt-9")
    assert [note["client_id"] for note in await finance.notes()] == ["cli-9"]


@pytest.mark.rule("FIN-003")
async def test_a_merged_client_is_billed_under_the_record_that_stayed(finance: Finance):
    await finance.knows_client("cli-2")
    await finance.service.receives(ClientMerged(client_id="cli-1", into_id="cli-2"), "cli-1", 2)
    await finance.binds()
    assert [note["client_id"] for note in await finance.notes()] == ["cli-2"]


@pytest.mark.rule("FIN-001")
async def test_a_plan_that_does_not_fit_is_not_billed(finance: Finance):
    with pytest.raises(PlanBroken):
        await finance.binds(instalments=InstalmentPlan(due_on=[a_bound_policy().starts_on], weights=[1, 2]))
    assert await finance.notes() == []


@pytest.mark.rule("FIN-005")
async def test_a_voided_policy_takes_its_note_with_it_once(finance: Finance):
    await finance.binds()
    for _ in range(2):
        await finance.service.receives(PolicyVoided(policy_id="pol-1", client_id="cli-1", reason="x"), "pol-1", 2)
    [note] = await finance.notes()
    assert (note["status"], note["cancelled_because"], note["version"]) == ("cancelled", "policy voided", 2)
    refused = await finance.mary.post("/debit_notes", {"policy_id": "pol-1"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:baoqiao:problem:policy-void")


async def test_the_copies_follow_every_fact_of_their_topics(finance: Finance):
    told = finance.service
    await finance.binds()
    await told.receives(PolicyIssueChased(policy_id="pol-1", client_id="cli-1"), "pol-1", 2)
    await told.receives(PolicyReceived(policy_id="pol-1", client_id="cli-1", number="P-77"), "pol-1", 3)
    await told.receives(ClientConverted(client_id="cli-1"), "cli-1", 2)
    await told.receives(ClientChanged(card=a_client(name="新名")), "cli-1", 3)
    policy = await told.host.db["copy_policies"].find_one({"_id": "pol-1"})
    client = await told.host.db["copy_clients"].find_one({"_id": "cli-1"})
    assert policy is not None
    assert client is not None
    assert (policy["v"], policy["number"], policy["premium"]) == (3, "P-77", yuan("100.00").model_dump())
    assert (client["v"], client["name"]) == (3, "新名")


async def test_whoever_bound_the_policy_may_not_approve_its_note(finance: Finance):
    await finance.service.receives(a_bound_policy(), "pol-1", actor="frank")
    [note] = await finance.notes()
    refused = await finance.frank.post(f"/debit_notes/{note['id']}/approval", match=1)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (403, "SYS-011")


async def test_the_facts_of_a_policy_are_all_listened_to(finance: Finance):
    assert PolicyBound.topic in finance.service.deliveries.topics
