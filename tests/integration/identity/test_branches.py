"""The branch tree over HTTP: history, reach over both places, circles, races."""

import asyncio

import pytest

from services.identity.branches.model import HEADQUARTERS_ID
from tests.support.identity import Identity


def what(answer):
    return answer.status_code, answer.json()["type"].rpartition(":")[2], answer.json()["rule"]["id"]


async def below(identity: Identity, root: str, on: str) -> set[str]:
    answer = await identity.root.get("/branches", params={"below": root, "on": on})
    return {branch["code"] for branch in answer.json()["items"]}


@pytest.mark.rule("IDN-001")
@pytest.mark.rule("IDN-002")
async def test_a_branch_is_opened_below_one_of_a_higher_kind(identity: Identity):
    gd = await identity.branch("GD")
    sz = await identity.branch("SZ", gd["id"], "sub_branch")
    assert (sz["parent_id"], sz["region"], sz["version"]) == (gd["id"], "44", 1)
    [event] = await identity.service.events("branches", sz["id"])
    assert (event["type"], event["branch"]) == ("baoqiao.identity.branches.branch_opened.v1", sz["id"])
    told = {"code": "XX", "name": "x", "kind": "provincial", "region": "44", "parent_id": sz["id"]}
    assert what(await identity.root.post("/branches", told)) == (409, "kind-too-high", "IDN-001")
    second = {**told, "kind": "headquarters", "parent_id": HEADQUARTERS_ID}
    assert what(await identity.root.post("/branches", second)) == (409, "headquarters-stays", "IDN-002")


async def test_a_repeated_opening_makes_one_branch(identity: Identity):
    told = {"code": "GD", "name": "广东", "kind": "provincial", "region": "44", "parent_id": HEADQUARTERS_ID}
    first = await identity.root.post("/branches", told, key="k")
    second = await identity.root.post("/branches", told, key="k")
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"


@pytest.mark.rule("IDN-004")
async def test_a_code_stands_for_one_branch(identity: Identity):
    await identity.branch("GD")
    told = {"code": "GD", "name": "另一个", "kind": "provincial", "region": "44", "parent_id": HEADQUARTERS_ID}
    assert what(await identity.root.post("/branches", told)) == (409, "branch-code-taken", "IDN-004")


@pytest.mark.rule("IDN-005")
async def test_a_region_is_a_province(identity: Identity):
    gd = await identity.branch("GD")
    answer = await identity.root.patch(f"/branches/{gd['id']}", {"region": "99"}, match=1)
    assert what(answer) == (422, "region-unknown", "IDN-005")
    answer = await identity.root.patch(f"/branches/{gd['id']}", {"name": "广东分公司"}, match=1)
    assert (answer.json()["name"], answer.json()["region"], answer.json()["version"]) == ("广东分公司", "44", 2)


@pytest.mark.rule("IDN-003")
async def test_a_move_changes_the_tree_from_its_date_on_and_not_before(identity: Identity):
    gd, zj = await identity.branch("GD"), await identity.branch("ZJ", region="33")
    sz = await identity.branch("SZ", gd["id"], "branch")
    told = {"parent_id": zj["id"], "from_on": "2026-03-10"}
    late = {**told, "from_on": "2026-03-01"}
    assert what(await identity.root.post(f"/branches/{sz['id']}/move", late, match=1)) == (
        422,
        "move-in-the-past",
        "IDN-003",
    )
    moved = await identity.root.post(f"/branches/{sz['id']}/move", told, match=1)
    assert [place["parent"] for place in moved.json()["parents"]] == [gd["id"], zj["id"]]
    assert moved.json()["parent_id"] == gd["id"]
    assert await below(identity, gd["id"], "2026-03-09") == {"GD", "SZ"}
    assert await below(identity, gd["id"], "2026-03-10") == {"GD"}
    assert await below(identity, zj["id"], "2026-03-10") == {"ZJ", "SZ"}
    boss = identity.service.user("boss", zj["id"], "branches:write")
    path, name = f"/branches/{sz['id']}", {"name": "深圳"}
    assert (await boss.patch(path, name, match=2)).status_code == 404
    identity.clock.move(days=8)
    assert (await boss.patch(path, name, match=2)).status_code == 200


@pytest.mark.rule("IDN-006")
async def test_a_change_needs_the_right_over_both_places(identity: Identity):
    gd, zj = await identity.branch("GD"), await identity.branch("ZJ", region="33")
    sz = await identity.branch("SZ", gd["id"], "branch")
    boss = identity.service.user("boss", gd["id"], "branches:write", "branches:read")
    told = {"parent_id": zj["id"], "from_on": "2026-03-10"}
    assert what(await boss.post(f"/branches/{sz['id']}/move", told, match=1)) == (403, "branch-out-of-reach", "IDN-006")
    new = {"code": "HZ", "name": "杭州", "kind": "branch", "region": "33", "parent_id": zj["id"]}
    assert what(await boss.post("/branches", new)) == (403, "branch-out-of-reach", "IDN-006")
    assert (await boss.post("/branches", {**new, "parent_id": gd["id"]})).status_code == 201
    assert what(await boss.patch(f"/branches/{zj['id']}", {"name": "x"}, match=1)) == (
        404,
        "branch-not-found",
        "IDN-006",
    )
    assert (await boss.get(f"/branches/{zj['id']}")).status_code == 200


@pytest.mark.rule("IDN-007")
async def test_a_branch_does_not_close_while_another_is_opened_below_it(identity: Identity):
    gd = await identity.branch("GD")
    told = {"code": "SZ", "name": "深圳", "kind": "branch", "region": "44", "parent_id": gd["id"]}
    answers = await asyncio.gather(
        identity.root.post("/branches", told),
        identity.root.post(f"/branches/{gd['id']}/closure", {"closed_on": "2026-03-31"}, match=1),
    )
    assert sorted(answer.status_code for answer in answers) in ([200, 409], [201, 409])


@pytest.mark.rule("IDN-007")
async def test_a_branch_closes_after_those_below_it_and_takes_nothing_more(identity: Identity):
    gd = await identity.branch("GD")
    sz = await identity.branch("SZ", gd["id"], "branch")
    root, on = identity.root, {"closed_on": "2026-03-31"}
    assert what(await root.post(f"/branches/{gd['id']}/closure", on, match=1)) == (409, "branches-below", "IDN-007")
    for branch in (sz, gd):
        answer = await root.post(f"/branches/{branch['id']}/closure", on, match=1)
        assert (answer.json()["status"], answer.json()["closed_on"]) == ("closed", "2026-03-31")
    again = await root.post(f"/branches/{gd['id']}/closure", on, match=2)
    assert what(again) == (409, "illegal-move", "SYS-001")
    new = {"code": "HZ", "name": "杭州", "kind": "branch", "region": "33", "parent_id": gd["id"]}
    assert what(await root.post("/branches", new)) == (409, "closed-branch", "IDN-007")
    user = await identity.user("ann")
    told = {"branch_id": gd["id"], "roles": ["AB"]}
    assert what(await root.post(f"/users/{user['id']}/assignments", told, match=1)) == (409, "closed-branch", "IDN-007")
    assert what(await root.post(f"/branches/{HEADQUARTERS_ID}/closure", on, match=1))[1] == "headquarters-stays"


async def test_nobody_without_the_scope_changes_the_tree(identity: Identity):
    clerk = identity.service.user("clerk", HEADQUARTERS_ID, "branches:read")
    told = {"code": "GD", "name": "广东", "kind": "provincial", "region": "44", "parent_id": HEADQUARTERS_ID}
    assert what(await clerk.post("/branches", told)) == (403, "scope-missing", "SYS-007")
