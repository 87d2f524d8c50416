"""Project registration over HTTP: the search in all branches, arbitration, budget, protection, and the end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest

from contracts.placement.market import AuthorityDelegated, AuthorityDelegationEnded
from contracts.placement.placings import CoverConfirmed
from services.clients.clients.model import Client
from tests.support.clients_work import NOTES, ClientsService, a_number, clients_service
from tests.support.service import HQ, Caller

TERMS: dict[str, Any] = {
    "line_family": "property",
    "expected_premium": {"amount": "850000.00"},
    "present_cover_ends_on": "2026-06-30",
    "notes": NOTES,
}
PROSPECT: dict[str, Any] = {
    "kind": "company",
    "name": "广东启朗物流有限责任公司",
    "identity": {"kind": "uscc", "number": a_number()},
}


@pytest.fixture
async def clients(mongo_url: str) -> AsyncIterator[ClientsService]:
    async with clients_service(mongo_url) as known:
        yield known


async def done(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    return answer.json()


def kind_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].split(":")[-1]


async def drafted(caller: Caller, client: Client | None = None, **told: Any) -> dict[str, Any]:
    """A draft for a client on file, or for the prospect PROSPECT by branch zj."""
    who = {"client_id": client.id} if client else {"prospect": PROSPECT, "branch": "zj", "notes": "展会上认识"}
    return await done(await caller.post("/projects", TERMS | who | told), 201)


async def submitted(caller: Caller, client: Client | None = None, **told: Any) -> dict[str, Any]:
    draft = await drafted(caller, client, **told)
    return await done(await caller.post(f"/projects/{draft['id']}/submission", match=1))


async def registered(clients: ClientsService, client: Client, **told: Any) -> dict[str, Any]:
    project = await submitted(clients.user("ae"), client, **told)
    sup = clients.user("sup")
    return await done(await sup.post(f"/projects/{project['id']}/registration", match=project["version"]))


async def active(clients: ClientsService, client: Client) -> dict[str, Any]:
    project, am = await registered(clients, client), clients.user("am")
    path = f"/projects/{project['id']}"
    told = {
        "team": [{"user_id": "am", "role": "manager"}, {"user_id": "ae", "role": "executive"}],
        "timetable": [{"name": "询价", "due_on": "2026-04-01"}],
    }
    project = await done(await am.patch(path, told, match=project["version"]))
    asked = {"amount": {"amount": "5000.00"}, "purpose": "方案制作"}
    project = await done(await am.post(f"{path}/budget", asked, match=project["version"]))
    approved = {"approve": True}
    project = await done(await clients.user("sup").post(f"{path}/budget-decision", approved, match=project["version"]))
    return await done(await am.post(f"{path}/activation", match=project["version"]))


async def rivals(clients: ClientsService) -> tuple[dict[str, Any], dict[str, Any]]:
    """gd's protected registration and zj's conflicted one of the same client."""
    first = await registered(clients, await clients.has_client())
    return first, await submitted(clients.user("zj-ae", "zj"))


def covered(project_id: str | None, policy_id: str = "pol-1") -> CoverConfirmed:
    return CoverConfirmed(
        confirmation_id=f"cc-{policy_id}",
        placing_id="pl-1",
        client_id="cl-1",
        project_id=project_id,
        policy_id=policy_id,
        document_id="doc-1",
    )


@pytest.mark.rule("CLI-065")
async def test_a_registration_is_drafted_submitted_registered_and_protected(clients: ClientsService):
    project = await registered(clients, await clients.has_client())
    assert (project["status"], project["branch"], project["protected_until_on"]) == ("registered", "gd", "2026-05-31")
    assert await clients.told("projects", project["id"]) == [
        "project_drafted",
        "project_submitted",
        "project_registered",
    ]


@pytest.mark.rule("CLI-062")
async def test_an_incomplete_registration_is_not_submitted(clients: ClientsService):
    client, ae = await clients.has_client(), clients.user("ae")
    draft = await drafted(ae, client, expected_premium=None, present_cover_ends_on=None)
    answer = await ae.post(f"/projects/{draft['id']}/submission", match=1)
    assert kind_of(answer) == (422, "project-incomplete")
    assert len(answer.json()["errors"]) == 2
    told = {"expected_premium": {"amount": "1.00"}, "first_cover": True}
    assert (await ae.patch(f"/projects/{draft['id']}", told, match=1)).status_code == 200
    assert (await ae.post(f"/projects/{draft['id']}/submission", match=2)).status_code == 200


@pytest.mark.rule("CLI-062")
async def test_a_registration_names_a_client_or_a_prospect_with_a_valid_number(clients: ClientsService):
    ae, client = clients.user("ae"), await clients.has_client()
    nobody = await ae.post("/projects", TERMS)
    both = await ae.post("/projects", TERMS | {"client_id": client.id, "prospect": PROSPECT, "branch": "gd"})
    assert kind_of(nobody) == kind_of(both) == (422, "project-incomplete")
    wrong = PROSPECT | {"identity": {"kind": "uscc", "number": a_number()[:-1] + "0"}}
    answer = await ae.post("/projects", TERMS | {"prospect": wrong, "branch": "gd"})
    assert (answer.status_code, answer.json()["rule"]["id"]) == (422, "CLI-001")
    elsewhere = await ae.post("/projects", TERMS | {"prospect": PROSPECT, "branch": "zj"})
    assert kind_of(elsewhere) == (404, "branch-missing")


@pytest.mark.rule("CLI-063")
async def test_a_prospect_that_the_branch_has_on_file_is_taken_from_there(clients: ClientsService):
    client = await clients.has_client()
    project = await drafted(clients.user("ae"), prospect=PROSPECT, branch="gd")
    assert (project["client_id"], project["prospect"]) == (client.id, None)


@pytest.mark.rule("CLI-063")
@pytest.mark.parametrize("second", ["by number", "by name alone", "the record second"])
async def test_the_same_client_and_line_clash_across_branches_from_whichever_side(clients: ClientsService, second: str):
    here, there = clients.user("ae"), clients.user("zj-ae", "zj")
    if second == "by number":
        client = await clients.has_client(name="启朗(旧名)有限公司")
        outcome = [await submitted(here, client), await submitted(there)]
    elif second == "by name alone":
        client = await clients.has_client(identity=None)
        outcome = [await submitted(here, client), await submitted(there)]
    else:
        first = await submitted(there)
        outcome = [first, await submitted(here, await clients.has_client())]
    assert [project["status"] for project in outcome] == ["submitted", "conflicted"]


@pytest.mark.rule("CLI-063")
async def test_another_line_family_or_number_is_no_clash(clients: ClientsService):
    here, there = clients.user("ae"), clients.user("zj-ae", "zj")
    await submitted(here, await clients.has_client())
    namesake = PROSPECT | {"identity": {"kind": "uscc", "number": a_number(2)}}
    assert (await submitted(there, line_family="cargo"))["status"] == "submitted"
    assert (await submitted(there, prospect=namesake))["status"] == "submitted"


@pytest.mark.rule("CLI-063")
async def test_of_registrations_submitted_at_the_same_time_exactly_one_is_first(clients: ClientsService):
    client = await clients.has_client()
    here, there = clients.user("ae"), clients.user("zj-ae", "zj")
    drafts = [(here, await drafted(here, client)) for _ in range(4)] + [(there, await drafted(there)) for _ in range(4)]
    answers = await asyncio.gather(
        *(caller.post(f"/projects/{draft['id']}/submission", match=1) for caller, draft in drafts)
    )
    states = [(await done(answer))["status"] for answer in answers]
    assert sorted(states) == ["conflicted"] * 7 + ["submitted"]


@pytest.mark.rule("CLI-063")
async def test_the_other_branch_learns_that_a_clash_exists_and_nothing_else(clients: ClientsService):
    first, second = await rivals(clients)
    there = clients.user("zj-ae", "zj")
    answers = [
        await there.get("/projects"),
        await there.get(f"/projects/{second['id']}"),
        await there.get(f"/projects/{second['id']}/conflict"),
        await there.get(f"/projects/{first['id']}"),
        await there.post(f"/projects/{second['id']}/registration", match=second["version"]),
        await there.post(
            f"/projects/{second['id']}/cross-branch-arbitration",
            {"award": True, "reason": "我方先"},
            match=second["version"],
        ),
    ]
    told = await done(await there.get(f"/projects/{second['id']}"))
    assert (told["status"], told["conflict_at"] is not None) == ("conflicted", True)
    assert answers[2].json() | {"conflict_at": ""} == {
        "project_id": second["id"],
        "conflict_at": "",
        "rivals": [],
        "elsewhere": True,
    }
    for answer in answers:
        text = answer.text.replace(f"没有项目报备 {first['id']}", "") + str(answer.headers)
        for secret in (NOTES, first["id"], first["client_id"], '"gd"', '"ae"', "2026-05-31"):
            assert secret not in text
    assert kind_of(answers[3]) == (404, "project-not-found")
    assert kind_of(answers[4]) == (409, "arbitration-needed")
    assert kind_of(answers[5]) == (403, "conflict-elsewhere")


@pytest.mark.rule("CLI-064")
async def test_the_branch_head_cannot_decide_across_branches_but_the_general_manager_can(clients: ClientsService):
    first, second = await rivals(clients)
    path, decision = f"/projects/{second['id']}", {"award": False, "reason": "先完整报备者优先"}
    head = clients.user("zj-bm", "zj", "projects:arbitrate")
    assert kind_of(await head.post(f"{path}/arbitration", decision, match=3)) == (403, "conflict-elsewhere")
    assert kind_of(await head.post(f"{path}/cross-branch-arbitration", decision, match=3)) == (403, "scope-missing")
    gm = clients.user("gm", HQ)
    assert kind_of(await gm.post(f"{path}/arbitration", decision, match=3)) == (403, "conflict-elsewhere")
    seen = await done(await gm.get(f"{path}/conflict"))
    assert ([rival["id"] for rival in seen["rivals"]], seen["elsewhere"]) == ([first["id"]], False)
    unreasoned = decision | {"reason": " "}
    assert kind_of(await gm.post(f"{path}/cross-branch-arbitration", unreasoned, match=3)) == (422, "reason-missing")
    decided = await done(await gm.post(f"{path}/cross-branch-arbitration", decision, match=3))
    assert (decided["status"], decided["steps"][-1]["reason"]) == ("rejected", "先完整报备者优先")
    assert (await done(await clients.user("ae").get(f"/projects/{first['id']}")))["status"] == "registered"


@pytest.mark.rule("CLI-064")
async def test_an_award_to_the_later_one_ends_the_protection_of_the_first(clients: ClientsService):
    first, second = await rivals(clients)
    path, decision = f"/projects/{second['id']}/cross-branch-arbitration", {"award": True, "reason": "客户指定"}
    gm = clients.user("gm", HQ)
    decided = await done(await gm.post(path, decision, match=3, key="k"))
    assert (decided["status"], decided["protected_until_on"]) == ("registered", "2026-05-31")
    ended = await done(await clients.user("ae").get(f"/projects/{first['id']}"))
    assert (ended["status"], ended["steps"][-1]["reason"]) == ("lapsed", "客户指定")
    assert await clients.told("projects", second["id"]) == [
        "project_drafted",
        "project_submitted",
        "project_conflict_detected",
        "project_conflict_resolved",
        "project_registered",
    ]
    again = await gm.post(path, decision, match=3, key="k")
    assert (again.json(), again.headers["idempotent-replayed"]) == (decided, "true")


@pytest.mark.rule("CLI-064")
async def test_within_a_branch_its_head_decides_unless_he_has_a_part_in_it(clients: ClientsService):
    client = await clients.has_client()
    await submitted(clients.user("ae"), client)
    second = await submitted(clients.user("am"), client)
    path, decision = f"/projects/{second['id']}/arbitration", {"award": True, "reason": "客户经理已跟进"}
    assert kind_of(await clients.user("ae").post(path, decision, match=3)) == (403, "same-hands")
    decided = await done(await clients.user("bm").post(path, decision, match=3))
    assert decided["status"] == "registered"
    listed = await done(await clients.user("ae").get("/projects", params={"owner_id": "ae"}))
    assert [project["status"] for project in listed["items"]] == ["rejected"]


@pytest.mark.rule("CLI-065")
async def test_a_registration_lapses_after_its_last_day_and_makes_room(clients: ClientsService):
    client = await clients.has_client()
    project = await registered(clients, client)
    clients.service.clock.move(days=90)
    await clients.service.run_job("lapse_projects")
    ae = clients.user("ae")
    assert (await done(await ae.get(f"/projects/{project['id']}")))["status"] == "registered"
    clients.service.clock.move(days=1)
    assert (await submitted(clients.user("zj-ae", "zj")))["status"] == "submitted"
    await clients.service.run_job("lapse_projects")
    await clients.service.run_job("lapse_projects")
    assert (await done(await ae.get(f"/projects/{project['id']}")))["status"] == "lapsed"
    assert (await clients.told("projects", project["id"])).count("project_lapsed") == 1


@pytest.mark.rule("CLI-066")
async def test_protection_is_extended_once_on_evidence_by_the_supervisor(clients: ClientsService):
    project, am = await registered(clients, await clients.has_client()), clients.user("am")
    path = f"/projects/{project['id']}"
    without = await am.post(f"{path}/extension", {"activity": "拜访", "evidence_id": "nothing"}, match=3)
    assert kind_of(without) == (404, "file-missing")
    asked = {"activity": "三次拜访并提交方案", "evidence_id": await clients.has_file()}
    await done(await am.post(f"{path}/extension", asked, match=3))
    own = await am.post(f"{path}/extension-decision", {"approve": True}, match=4)
    assert kind_of(own) == (403, "same-hands")
    granted = await done(await clients.user("sup").post(f"{path}/extension-decision", {"approve": True}, match=4))
    assert (granted["protected_until_on"], granted["extension"]["granted"]) == ("2026-08-29", True)
    again = await am.post(f"{path}/extension", asked, match=5)
    assert (again.status_code, again.json()["rule"]["id"]) == (409, "CLI-066")


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
        answer = await clients.user(user).post(f"{path}/budget-decision", {"approve": True}, match=4)
        assert kind_of(answer) == (403, expected)
    unreasoned = await clients.user("bm").post(f"{path}/budget-decision", {"approve": False}, match=4)
    assert kind_of(unreasoned) == (422, "reason-missing")
    approved = await done(await clients.user("bm").post(f"{path}/budget-decision", {"approve": True}, match=4))
    assert (approved["budget"]["approved"], approved["budget"]["decided_by"]) == (True, "bm")
    assert (await clients.told("projects", project["id"]))[-1] == "project_expense_approved"


@pytest.mark.rule("CLI-068")
async def test_a_request_of_the_branch_head_is_not_decided_below_him(clients: ClientsService):
    project = await registered(clients, await clients.has_client())
    path, body = f"/projects/{project['id']}", {"amount": {"amount": "5000.00"}, "purpose": "勘查"}
    asked = await done(await clients.user("bm").post(f"{path}/budget", body, match=3))
    assert asked["budget"]["tier"] == "supervisor"
    below = await clients.user("sup").post(f"{path}/budget-decision", {"approve": True}, match=4)
    assert (below.status_code, below.json()["rule"]["id"]) == (403, "CLI-068")
    gm = clients.user("gm", HQ)
    assert (await gm.post(f"{path}/budget-decision", {"approve": True}, match=4)).status_code == 200


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


@pytest.mark.rule("CLI-071")
async def test_the_branch_head_hands_a_leavers_project_over(clients: ClientsService):
    project, bm = await registered(clients, await clients.has_client()), clients.user("bm")
    path = f"/projects/{project['id']}/transfer"
    for owner, expected in (("ae", (409, "owner-already")), ("zj-ae", (409, "user-not-in-branch"))):
        assert kind_of(await bm.post(path, {"owner_id": owner, "reason": "离职"}, match=3)) == expected
    given = await done(await bm.post(path, {"owner_id": "am", "reason": "离职"}, match=3))
    assert (given["owner_id"], given["status"]) == ("am", "registered")


@pytest.mark.rule("CLI-063")
async def test_a_prospect_that_comes_on_file_is_named_in_his_project(clients: ClientsService):
    there = clients.user("zj-ae", "zj")
    project = await submitted(there)
    assert project["prospect"]["identity"]["number"] == "914***********" + a_number()[-4:]
    stranger = await clients.has_client(branch="zj", identity=None, name="浙江别家有限公司")
    path = f"/projects/{project['id']}/client"
    assert kind_of(await there.post(path, {"client_id": stranger.id}, match=2)) == (409, "not-the-same-client")
    client = await clients.has_client(branch="zj")
    linked = await done(await there.post(path, {"client_id": client.id}, match=2))
    assert linked["client_id"] == client.id
    assert (await clients.service.events("projects", project["id"]))[-1]["data"]["client_id"] == client.id


@pytest.mark.rule("CLI-007")
async def test_a_project_follows_a_merged_record_and_goes_on_standing_in_the_way(clients: ClientsService):
    kept, gone = await clients.has_client(), await clients.has_client(identity=None, name="启朗物流")
    first = await registered(clients, gone)
    await clients.merged(gone, kept)
    moved = await done(await clients.user("am").get(f"/projects/{first['id']}"))
    assert (moved["client_id"], moved["status"]) == (kept.id, "registered")
    assert (await submitted(clients.user("zj-ae", "zj")))["status"] == "conflicted"


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
        answer = await clients.user(user).post(f"{path}/budget-decision", {"approve": True}, match=version)
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


async def test_the_scopes_of_the_routes_are_carried_by_a_role():
    import tomllib

    from services.clients.service import service
    from services.identity import roles
    from tests.support.servers import ROOT

    assert roles
    told = tomllib.loads((ROOT / "services/identity/roles/scopes/clients.toml").read_text())["scopes"]
    asked = {
        dependency.dependency.scope
        for router in service.routers
        for route in router.routes
        for dependency in getattr(route, "dependencies", ())
        if hasattr(dependency.dependency, "scope")
    }
    assert asked <= told.keys()
