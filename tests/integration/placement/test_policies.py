"""Policies from the binding to the end, over HTTP, by event and by the clock."""

from datetime import UTC, datetime

import pytest

from contracts.placement import PlacementBound, PolicyBound
from services.placement.placings.paper import paper_of as instruction_paper
from services.placement.placings.store import Placings
from tests.support.placement import SIGNATORY, has_file, knows_practitioner, knows_user
from tests.support.placement_chain import (
    document,
    findings,
    has_bound,
    has_policy,
    has_received,
    has_verified,
    refused,
    shown,
    step,
)
from tests.support.placement_questions import FIRST_ANSWERS
from tests.support.service import RunningService
from tests.unit.papers.samples import a_head


async def test_a_binding_makes_one_policy_however_often_it_is_told(placement: RunningService):
    _, path = await has_bound(placement)
    [policy] = (await placement.user("executive").get("/policies")).json()["items"]
    placing_id = path.rpartition("/")[2]
    told = PlacementBound(placing_id=placing_id, client_id="cli-1", bound_at=placement.clock())
    await placement.receives(told, placing_id, 9)
    assert await placement.host.db["policies"].count_documents({}) == 1
    [event] = await placement.events("policies", policy["id"])
    assert event["type"] == PolicyBound.type
    bound = PolicyBound.model_validate(event["data"])
    assert [(line.share_bp, line.lead, line.premium.amount) for line in bound.lines] == [
        (6000, True, "27000.00"),
        (4000, False, "18000.00"),
    ]
    assert (bound.owner_id, bound.collection, bound.line, bound.insured_name) == (
        "executive",
        "broker",
        "财产一切险",
        "云泽嘉垣装备制造有限公司",
    )
    assert [day.isoformat() for day in bound.instalments.due_on] == ["2026-05-31", "2026-11-01"]
    assert (bound.starts_on.isoformat(), bound.ends_on.isoformat()) == ("2026-05-01", "2027-04-30")


@pytest.mark.rule("PLC-090")
async def test_a_document_comes_with_its_paper_and_a_number_of_its_own(placement: RunningService):
    path = await has_policy(placement)
    await step(placement, "executive", f"{path}/chasing")
    body = await document(placement)
    assert await refused(placement, "executive", f"{path}/documents", body | {"file_id": "none"}) == (404, "SYS-010")
    early = body | {"received_on": "2026-03-01"}
    assert await refused(placement, "executive", f"{path}/documents", early) == (422, "PLC-090")
    received = await step(placement, "executive", f"{path}/documents", body)
    assert (received["status"], received["documents"][0]["number"]) == ("policy_received", "PAR2026000001")


@pytest.mark.rule("PLC-090")
async def test_an_insurers_number_stands_for_one_policy(placement: RunningService):
    path = await has_received(placement)
    lead = (await shown(placement, path))["lead_insurer_id"]
    taken = {"_id": "other", "v": 1, "branch": "hq", "x": {"number": f"{lead} PAR-OTHER"}}
    await placement.host.db["policies"].insert_one(taken)
    await step(placement, "checker", f"{path}/checks")
    await step(placement, "checker", f"{path}/check_outcome", await findings(placement, path, premium="不同"))
    await step(placement, "executive", f"{path}/chasing")
    body = await document(placement, "PAR-OTHER")
    assert await refused(placement, "executive", f"{path}/documents", body) == (409, "PLC-090")


@pytest.mark.rule("PLC-091", "PLC-005")
async def test_the_checker_is_not_a_placer_and_is_authorised_for_policy_check(placement: RunningService):
    path = await has_received(placement)
    assert await refused(placement, "broker", f"{path}/checks") == (403, "PLC-091")
    await knows_user(placement, "schemer", "AE")
    from contracts.shared import KindOfWork

    await knows_practitioner(placement, "schemer", kinds=[KindOfWork.SCHEME])
    assert await refused(placement, "schemer", f"{path}/checks") == (409, "PLC-005")
    checking = await step(placement, "checker", f"{path}/checks")
    keys = [item["key"] for item in checking["checks"][0]["items"]]
    assert keys[0] == "insured-1"
    assert {"starts_on", "ends_on", "premium", "limit-3", "deductible", "nothing_else"} <= set(keys)
    answers = await findings(placement, path)
    assert await refused(placement, "executive", f"{path}/check_outcome", answers) == (403, "PLC-091")


@pytest.mark.rule("PLC-092", "PLC-093")
async def test_a_discrepant_policy_goes_back_and_the_second_one_is_right(placement: RunningService):
    path = await has_received(placement)
    await step(placement, "checker", f"{path}/checks")
    partly = await findings(placement, path)
    partly["findings"].pop()
    assert await refused(placement, "checker", f"{path}/check_outcome", partly) == (422, "PLC-092")
    differs = await findings(placement, path, deductible="保单为每次事故 200,000 元")
    discrepant = await step(placement, "checker", f"{path}/check_outcome", differs)
    assert discrepant["status"] == "discrepant"
    today = placement.clock().date().isoformat()
    receipt = {"on": today, "evidence_id": await has_file(placement)}
    assert await refused(placement, "executive", f"{path}/delivery", receipt) == (409, "PLC-093")
    await step(placement, "executive", f"{path}/chasing")
    await step(placement, "executive", f"{path}/documents", await document(placement))
    await step(placement, "checker", f"{path}/checks")
    verified = await step(placement, "checker", f"{path}/check_outcome", await findings(placement, path))
    assert (verified["status"], len(verified["checks"]), len(verified["documents"])) == ("verified", 2, 2)
    delivered = await step(placement, "executive", f"{path}/delivery", receipt)
    assert delivered["delivered"]["on"] == today
    assert await refused(placement, "executive", f"{path}/delivery", receipt) == (409, "PLC-096")


@pytest.mark.rule("PLC-094", "PLC-097")
async def test_the_client_may_accept_a_difference_in_writing_and_the_version_says_so(placement: RunningService):
    path = await has_received(placement)
    await step(placement, "checker", f"{path}/checks")
    differs = await findings(placement, path, premium="保单保费 46,000 元")
    await step(placement, "checker", f"{path}/check_outcome", differs)
    told = {"decided_at": placement.clock().isoformat(), "evidence_id": await has_file(placement)}
    stranger = told | {"contact_id": "con-2"}
    assert await refused(placement, "executive", f"{path}/accepted_difference", stranger) == (409, "PLC-022")
    verified = await step(placement, "executive", f"{path}/accepted_difference", told | {"contact_id": SIGNATORY})
    assert verified["status"] == "verified"
    versions = (await shown(placement, f"{path}/versions"))["items"]
    assert [(version["number"], version["cause"]) for version in versions] == [(1, "bound"), (2, "difference_accepted")]
    assert versions[1]["cover"]["differences"] == ["premium: 保单保费 46,000 元"]


@pytest.mark.rule("PLC-095", "PLC-098")
async def test_the_clock_begins_and_ends_cover_and_a_second_run_changes_nothing(placement: RunningService):
    path = await has_verified(placement)
    assert (await shown(placement, path))["on_risk"] is False
    placement.clock.at = datetime(2026, 4, 30, 16, 0, tzinfo=UTC)
    for _ in range(2):
        await placement.run_job("begin_policies")
    begun = await shown(placement, path)
    assert (begun["status"], begun["on_risk"]) == ("in_force", True)
    placement.clock.at = datetime(2027, 4, 30, 15, 59, tzinfo=UTC)
    await placement.run_job("expire_policies")
    assert (await shown(placement, path))["status"] == "in_force"
    placement.clock.move(minutes=1)
    for _ in range(2):
        await placement.run_job("expire_policies")
    ended = await shown(placement, path)
    assert (ended["status"], ended["on_risk"]) == ("expired", False)
    told = [event["type"].split(".")[-2] for event in await placement.events("policies", ended["id"])]
    assert told[-3:] == ["policy_verified", "policy_in_force", "policy_expired"]


@pytest.mark.rule("PLC-095")
async def test_cover_runs_although_the_paper_has_not_come(placement: RunningService):
    path = await has_policy(placement)
    placement.clock.at = datetime(2026, 5, 1, 1, 0, tzinfo=UTC)
    policy = await shown(placement, path)
    assert (policy["status"], policy["on_risk"]) == ("bound", True)


@pytest.mark.rule("PLC-096")
async def test_manual_notice_and_report_are_recorded_once_with_their_proof(placement: RunningService):
    path = await has_policy(placement)
    placement.clock.at = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)
    body = {"on": "2026-05-20", "evidence_id": await has_file(placement, "手册签收.pdf")}
    for name, fact in (
        ("manual", "insurance_manual_delivered"),
        ("renewal_notice", "renewal_notice_sent"),
        ("year_report", "policy_year_report_sent"),
    ):
        await step(placement, "executive", f"{path}/{name}", body)
        assert await refused(placement, "executive", f"{path}/{name}", body) == (409, "PLC-096")
        told = await placement.events("policies", path.rpartition("/")[2])
        assert told[-1]["type"] == f"baoqiao.placement.policies.{fact}.v1"
    future = body | {"on": "2026-05-21"}
    other = await has_file(placement)
    assert await refused(placement, "executive", f"{path}/manual", future | {"evidence_id": other}) == (409, "PLC-096")


@pytest.mark.rule("PLC-097")
async def test_what_was_in_force_on_a_day_is_told_from_the_versions(placement: RunningService):
    path = await has_verified(placement)
    days = {"2026-04-30": [], "2026-05-01": [2], "2027-04-30": [2], "2027-05-01": []}
    for day, numbers in days.items():
        found = (await placement.user("executive").get(f"{path}/versions", params={"on": day})).json()["items"]
        assert [version["number"] for version in found] == numbers, day
    versions = (await shown(placement, f"{path}/versions"))["items"]
    assert [version["cover"]["number"] for version in versions] == [None, "PAR2026000001"]


@pytest.mark.rule("PLC-097")
async def test_a_void_policy_was_never_in_force_and_keeps_its_versions(placement: RunningService):
    path = await has_verified(placement)
    voided = await step(placement, "compliance", f"{path}/voiding", {"reason": "投保人未履行如实告知义务"})
    assert (voided["status"], voided["on_risk"], voided["versions"]) == ("void", False, 3)
    answer = await placement.user("executive").get(f"{path}/versions", params={"on": "2026-06-01"})
    assert answer.json()["items"] == []
    assert len((await shown(placement, f"{path}/versions"))["items"]) == 3


async def test_the_register_is_found_by_client_insurer_number_and_expiry(placement: RunningService):
    path = await has_verified(placement)
    follower = (await shown(placement, path))["cover"]["lines"][1]["insurer_id"]
    executive = placement.user("executive")
    for params, count in (
        ({"client_id": "cli-1"}, 1),
        ({"client_id": "cli-2"}, 0),
        ({"insurer_id": follower}, 1),
        ({"insurer_id": "nobody"}, 0),
        ({"number": "PAR2026000001"}, 1),
        ({"status": "verified"}, 1),
        ({"expiring_from": "2027-04-30", "expiring_to": "2027-04-30"}, 1),
        ({"expiring_from": "2027-05-01"}, 0),
        ({"expiring_to": "2027-04-29"}, 0),
        ({"sort": "-cover.ends_on"}, 1),
    ):
        found = (await executive.get("/policies", params=params)).json()["items"]
        assert len(found) == count, params
    [row] = (await executive.get("/policies")).json()["items"]
    assert (row["number"], row["insurers"], row["premium"]["amount"], row["applied_on"]) == (
        "PAR2026000001",
        ["保险公司AA", "保险公司BB"],
        "45000.00",
        "2026-03-02",
    )
    await placement.knows_branch("zj")
    stranger = placement.user("stranger", "zj")
    assert (await stranger.get("/policies")).json()["items"] == []
    assert (await stranger.get(f"{path}/versions")).status_code == 404


async def test_a_natural_persons_name_is_sealed_from_the_answers_to_the_policy_and_printed_in_full(
    placement: RunningService, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(FIRST_ANSWERS, "insured", "欧阳景行")
    path = await has_received(placement)
    checking = await step(placement, "checker", f"{path}/checks")
    item = checking["checks"][0]["items"][0]
    assert (item["key"], item["subject"], item["expected"]) == ("insured-1", "欧**", "欧**")
    assert (await placement.user("manager").get("/policies")).json()["items"][0]["insured"] == ["欧**"]
    raw = placement.host.db.client[placement.host.db.name]
    for collection in await raw.list_collection_names():
        async for kept in raw[collection].find():
            assert "欧阳景行" not in str(kept), collection
    placing = await Placings(placement.host.system_work()).get(checking["placing_id"])
    assert instruction_paper(placing, a_head()).insured == ("欧阳景行",)


async def test_policies_from_before_names_were_sealed_are_read_as_they_are(placement: RunningService):
    path = await has_policy(placement)
    earlier = {"$set": {"cover.insured": ["欧阳景行"]}}
    await placement.host.db["policies"].update_one({"_id": path.rpartition("/")[2]}, earlier)
    assert (await shown(placement, path))["cover"]["insured"] == ["欧阳景行"]
