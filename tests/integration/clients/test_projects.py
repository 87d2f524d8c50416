"""Project registration over HTTP: the search in all branches, arbitration, protection, and whose a project is."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.clients_projects import (
    PROSPECT,
    TERMS,
    done,
    drafted,
    kind_of,
    registered,
    rivals,
    submitted,
)
from tests.support.clients_work import NOTES, ClientsService, a_number, clients_service
from tests.support.service import HQ


@pytest.fixture
async def clients(mongo_url: str) -> AsyncIterator[ClientsService]:
    async with clients_service(mongo_url) as known:
        yield known


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
    drafts = [(here, await drafted(here, client)) for _ in range(2)] + [(there, await drafted(there)) for _ in range(2)]
    answers = await asyncio.gather(
        *(caller.post(f"/projects/{draft['id']}/submission", match=1) for caller, draft in drafts)
    )
    states = [(await done(answer))["status"] for answer in answers]
    assert sorted(states) == ["conflicted"] * 3 + ["submitted"]


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
            f"/projects/{second['id']}/cross_branch_arbitration",
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
    assert kind_of(await head.post(f"{path}/cross_branch_arbitration", decision, match=3)) == (403, "scope-missing")
    gm = clients.user("gm", HQ)
    assert kind_of(await gm.post(f"{path}/arbitration", decision, match=3)) == (403, "conflict-elsewhere")
    seen = await done(await gm.get(f"{path}/conflict"))
    assert ([rival["id"] for rival in seen["rivals"]], seen["elsewhere"]) == ([first["id"]], False)
    unreasoned = decision | {"reason": " "}
    assert kind_of(await gm.post(f"{path}/cross_branch_arbitration", unreasoned, match=3)) == (422, "reason-missing")
    decided = await done(await gm.post(f"{path}/cross_branch_arbitration", decision, match=3))
    assert (decided["status"], decided["steps"][-1]["reason"]) == ("rejected", "先完整报备者优先")
    assert (await done(await clients.user("ae").get(f"/projects/{first['id']}")))["status"] == "registered"


@pytest.mark.rule("CLI-064")
async def test_an_award_to_the_later_one_ends_the_protection_of_the_first(clients: ClientsService):
    first, second = await rivals(clients)
    path, decision = f"/projects/{second['id']}/cross_branch_arbitration", {"award": True, "reason": "客户指定"}
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
    own = await am.post(f"{path}/extension_decision", {"approve": True}, match=4)
    assert kind_of(own) == (403, "same-hands")
    granted = await done(await clients.user("sup").post(f"{path}/extension_decision", {"approve": True}, match=4))
    assert (granted["protected_until_on"], granted["extension"]["granted"]) == ("2026-08-29", True)
    again = await am.post(f"{path}/extension", asked, match=5)
    assert (again.status_code, again.json()["rule"]["id"]) == (409, "CLI-066")


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
