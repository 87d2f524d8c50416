"""A registered project over HTTP: budget, start, cover, loss and closing."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from contracts.placement.market import AuthorityDelegated, AuthorityDelegationEnded
from tests.support.clients_projects import (
    active,
    covered,
    done,
    kind_of,
    registered,
    submitted,
)
from tests.support.clients_work import ClientsService, clients_service
from tests.support.service import HQ


@pytest.fixture
async def clients(mongo_url: str) -> AsyncIterator[ClientsService]:
    async with clients_service(mongo_url) as known:
        yield known


@pytest.mark.rule("CLI-067")
async def test_the_budget_is_approved_by_the_tier_that_the_servers_own_data_name(clients: ClientsService):
    project, am = await registered(clients, await clients.has_client()), clients.user("am")
    path = f"/projects/{project['id']}"
    asked = await done(await am.post(f"{path}/budget", {"amount": {"amount": "20000.01"}, "purpose": "勘查"}, match=3))
    assert (asked["budget"]["tier"], asked["budget"]["matrix_id"]) == ("branch_head", "mx1")
    for user, expected in (
        ("am", "same-hands"),
        ("ae", "subordinate-decides"),
        ("sup", "tier-too-low"),
        ("nobody", "tier-too-low"),
        ("zj-ae", "tier-too-low"),
    ):
        answer = await clients.user(user).post(f"{path}/budget_decision", {"approve": True}, match=4)
        assert kind_of(answer) == (403, expected)
    unreasoned = await clients.user("bm").post(f"{path}/budget_decision", {"approve": False}, match=4)
    assert kind_of(unreasoned) == (422, "reason-missing")
    approved = await done(await clients.user("bm").post(f"{path}/budget_decision", {"approve": True}, match=4))
    assert (approved["budget"]["approved"], approved["budget"]["decided_by"]) == (True, "bm")
    assert (await clients.told("projects", project["id"]))[-1] == "project_expense_approved"


@pytest.mark.rule("CLI-068")
async def test_a_request_of_the_branch_head_is_not_decided_below_him(clients: ClientsService):
    project = await registered(clients, await clients.has_client())
    path, body = f"/projects/{project['id']}", {"amount": {"amount": "5000.00"}, "purpose": "勘查"}
    asked = await done(await clients.user("bm").post(f"{path}/budget", body, match=3))
    assert asked["budget"]["tier"] == "supervisor"
    below = await clients.user("sup").post(f"{path}/budget_decision", {"approve": True}, match=4)
    assert (below.status_code, below.json()["rule"]["id"]) == (403, "CLI-068")
    gm = clients.user("gm", HQ)
    assert (await gm.post(f"{path}/budget_decision", {"approve": True}, match=4)).status_code == 200


@pytest.mark.rule("CLI-067")
async def test_without_a_matrix_in_force_nobody_is_named(clients: ClientsService):
    project = await registered(clients, await clients.has_client())
    await clients.service.host.db["copy_authority_matrices"].delete_many({})
    body = {"amount": {"amount": "5000.00"}, "purpose": "勘查"}
    answer = await clients.user("am").post(f"/projects/{project['id']}/budget", body, match=3)
    assert kind_of(answer) == (409, "no-expense-matrix")


@pytest.mark.rule("CLI-069")
async def test_a_project_starts_only_when_all_stands_and_its_team_is_known(clients: ClientsService):
    project, am = await registered(clients, await clients.has_client()), clients.user("am")
    path = f"/projects/{project['id']}"
    early = await am.post(f"{path}/activation", match=3)
    assert kind_of(early) == (409, "not-ready")
    assert {fault["pointer"] for fault in early.json()["errors"]} == {"/team", "/timetable", "/budget"}
    for user, expected in (("stranger", (404, "user-unknown")), ("zj-ae", (409, "user-not-in-branch"))):
        answer = await am.patch(path, {"team": [{"user_id": user, "role": "manager"}]}, match=3)
        assert kind_of(answer) == expected


@pytest.mark.rule("CLI-070")
async def test_the_first_cover_wins_the_project_and_costs_and_review_close_it(clients: ClientsService):
    project, am = await active(clients, await clients.has_client()), clients.user("am")
    path = f"/projects/{project['id']}"
    event = await clients.service.receives(covered(project["id"]), "cc-pol-1")
    await clients.service.receives(covered(project["id"]), "cc-pol-1", event_id=event)
    await clients.service.receives(covered(project["id"], "pol-2"), "cc-pol-2")
    await clients.service.receives(covered(None, "pol-3"), "cc-pol-3")
    won = await done(await am.get(path))
    assert (won["status"], won["policy_id"]) == ("won", "pol-1")
    assert (await clients.told("projects", project["id"])).count("project_won") == 1
    review = {"review": "客户看重理赔服务"}
    assert kind_of(await am.post(f"{path}/closure", review, match=won["version"])) == (409, "costs-missing")
    costs = {"amount": {"amount": "4800.00"}, "reference": "记-12"}
    posted = await done(await clients.user("fin").post(f"{path}/costs", costs, match=won["version"]))
    closed = await done(await am.post(f"{path}/closure", review, match=posted["version"]))
    assert (closed["status"], closed["review"]) == ("closed", "客户看重理赔服务")


@pytest.mark.rule("CLI-070")
async def test_an_active_project_is_lost_with_a_code(clients: ClientsService):
    project, am = await active(clients, await clients.has_client()), clients.user("am")
    path = f"/projects/{project['id']}/loss"
    assert (await am.post(path, {"reason": "bad luck"}, match=project["version"])).status_code == 422
    lost = await done(await am.post(path, {"reason": "price"}, match=project["version"]))
    assert (lost["status"], lost["lost_reason"]) == ("lost", "price")


@pytest.mark.rule("CLI-068")
async def test_authority_is_lent_for_a_time_but_not_by_the_requester_or_to_those_below_him(clients: ClientsService):
    project, am = await registered(clients, await clients.has_client()), clients.user("am")
    await clients.knows_user("stand-in", "gd", "AE", superior="gm")
    path, today = f"/projects/{project['id']}", date(2026, 3, 2)

    async def lends(giver: str, taker: str) -> str:
        lent = {"giver_id": giver, "taker_id": taker, "branch_id": "gd", "from_on": today, "until_on": today}
        await clients.service.receives(AuthorityDelegated(delegation_id=giver + taker, **lent), giver + taker)
        return giver + taker

    async def decides(user: str, version: int) -> tuple[int, str]:
        answer = await clients.user(user).post(f"{path}/budget_decision", {"approve": True}, match=version)
        return (200, "") if answer.status_code == 200 else kind_of(answer)

    body = {"amount": {"amount": "5000.00"}, "purpose": "勘查"}
    await done(await am.post(f"{path}/budget", body, match=3))
    assert await decides("stand-in", 4) == (403, "tier-too-low")
    await lends("sup", "ae")
    assert await decides("ae", 4) == (403, "subordinate-decides")
    lent = await lends("sup", "stand-in")
    assert await decides("stand-in", 4) == (200, "")
    await done(await clients.user("sup").post(f"{path}/budget", body, match=5))
    assert await decides("stand-in", 6) == (403, "tier-too-low")
    await done(await am.post(f"{path}/budget", body, match=6))
    await clients.service.receives(AuthorityDelegationEnded(delegation_id=lent, ended_on=today), lent, 2)
    assert await decides("stand-in", 7) == (403, "tier-too-low")


@pytest.mark.rule("CLI-069")
async def test_a_project_of_a_prospect_starts_once_he_is_on_file(clients: ClientsService):
    there = clients.user("zj-ae", "zj")
    project = await submitted(there)
    path = f"/projects/{project['id']}"
    await done(await clients.user("zj-sup", "zj").post(f"{path}/registration", match=2))
    answer = await there.post(f"{path}/activation", match=3)
    assert "/client_id" in {fault["pointer"] for fault in answer.json()["errors"]}
