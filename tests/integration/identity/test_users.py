"""Users and their rights: who may give what to whom, separation of duties, escalation attempts."""

import pytest

from services.identity.branches.model import HEADQUARTERS_ID
from tests.support.identity import NEW_PASSWORD, PASSWORD, Identity
from tests.support.service import Caller

ADMINISTRATION = (
    "users:read",
    "users:write",
    "users:assign",
    "users:secret",
    "users:reveal",
    "roles:write",
    "branches:write",
)


def what(answer):
    return answer.status_code, answer.json()["type"].rpartition(":")[2], answer.json()["rule"]["id"]


def administrator_of(identity: Identity, branch: str, user: str = "boss") -> Caller:
    return identity.service.user(user, branch, *ADMINISTRATION)


async def test_a_user_is_added_without_rights_and_the_address_is_masked(identity: Identity):
    ann = await identity.user("Ann.Lee")
    assert (ann["login"], ann["email"], ann["assignments"], ann["must_change_secret"]) == (
        "ann.lee",
        "A***@b.cn",
        [],
        True,
    )
    [event] = await identity.service.events("users", ann["id"])
    assert event["type"] == "baoqiao.identity.users.user_added.v1"


@pytest.mark.rule("IDN-012")
async def test_a_login_is_one_persons_whatever_its_case(identity: Identity):
    await identity.user("ann")
    told = {"login": "ANN", "name": "x", "email": "x@b.cn", "branch": HEADQUARTERS_ID, "password": PASSWORD}
    assert what(await identity.root.post("/users", told)) == (409, "login-taken", "IDN-012")


@pytest.mark.rule("IDN-015")
async def test_a_weak_password_is_refused_with_all_its_faults(identity: Identity):
    told = {"login": "ann", "name": "x", "email": "x@b.cn", "branch": HEADQUARTERS_ID, "password": "annann"}
    answer = await identity.root.post("/users", told)
    assert what(answer) == (422, "password-too-weak", "IDN-015")
    assert len(answer.json()["errors"]) == 2


@pytest.mark.rule("IDN-006")
async def test_another_branch_sees_nothing_of_a_user_and_cannot_change_him(identity: Identity):
    gd, zj = await identity.branch("GD"), await identity.branch("ZJ", region="33")
    ann = await identity.user("ann", "AB", branch=gd["id"])
    other = administrator_of(identity, zj["id"])
    path = f"/users/{ann['id']}"
    tried = [
        await other.get(path),
        await other.get(f"{path}/email"),
        await other.get(f"{path}/grants"),
        await other.patch(path, {"name": "x"}, match=2),
        await other.post(f"{path}/assignments", {"branch_id": zj["id"], "roles": ["AB"]}, match=2),
        await other.post(f"{path}/disabling", match=2),
        await other.post(f"{path}/password", {"password": PASSWORD}, match=2),
    ]
    assert {what(answer) for answer in tried} == {(404, "user-not-found", "IDN-006")}
    assert (await other.get("/users")).json()["items"] == []
    told = {"login": "bob", "name": "x", "email": "x@b.cn", "branch": gd["id"], "password": PASSWORD}
    assert what(await other.post("/users", told)) == (403, "branch-out-of-reach", "IDN-006")


@pytest.mark.rule("IDN-006")
async def test_nobody_gives_roles_beyond_his_own_branches(identity: Identity):
    gd, zj = await identity.branch("GD"), await identity.branch("ZJ", region="33")
    ann = await identity.user("ann", branch=gd["id"])
    boss, path = administrator_of(identity, gd["id"]), f"/users/{ann['id']}/assignments"
    for branch in (zj["id"], HEADQUARTERS_ID):
        answer = await boss.post(path, {"branch_id": branch, "roles": ["AB"]}, match=1)
        assert what(answer) == (403, "branch-out-of-reach", "IDN-006")
    assert (await boss.post(path, {"branch_id": gd["id"], "roles": ["AB"]}, match=1)).status_code == 200
    answer = await boss.patch(f"/users/{ann['id']}", {"branch": zj["id"]}, match=2)
    assert what(answer) == (403, "branch-out-of-reach", "IDN-006")


@pytest.mark.rule("IDN-010")
async def test_nobody_changes_his_own_rights_or_state(identity: Identity):
    ann = await identity.user("ann", "AB")
    own = administrator_of(identity, HEADQUARTERS_ID, ann["id"])
    path, held = f"/users/{ann['id']}", ann["assignments"][0]["id"]
    tried = [
        await own.post(f"{path}/assignments", {"branch_id": HEADQUARTERS_ID, "roles": ["GM"]}, match=2),
        await own.post(f"{path}/assignments/{held}/end", {"until_on": "2026-03-31"}, match=2),
        await own.post(f"{path}/disabling", match=2),
        await own.post(f"{path}/password", {"password": PASSWORD}, match=2),
    ]
    assert {what(answer) for answer in tried} == {(403, "own-account", "IDN-010")}


@pytest.mark.rule("IDN-013")
async def test_an_account_with_wider_rights_is_not_taken_over(identity: Identity):
    gd = await identity.branch("GD")
    chief = await identity.user("chief", "GM", branch=gd["id"], at=HEADQUARTERS_ID)
    boss, path = administrator_of(identity, gd["id"]), f"/users/{chief['id']}"
    tried = [
        await boss.post(f"{path}/password", {"password": PASSWORD}, match=2),
        await boss.post(f"{path}/disabling", match=2),
        await boss.patch(path, {"email": "mine@b.cn"}, match=2),
    ]
    assert {what(answer) for answer in tried} == {(403, "account-beyond-reach", "IDN-013")}
    held = chief["assignments"][0]["id"]
    answer = await boss.post(f"{path}/assignments/{held}/end", {"until_on": "2026-03-31"}, match=2)
    assert what(answer) == (403, "branch-out-of-reach", "IDN-006")


@pytest.mark.rule("IDN-011")
async def test_separated_duties_are_not_given_to_one_person_at_one_time(identity: Identity):
    gd = await identity.branch("GD")
    ann = await identity.user("ann", "CSH")
    path = f"/users/{ann['id']}/assignments"
    answer = await identity.root.post(path, {"branch_id": gd["id"], "roles": ["FIN", "HR"]}, match=2)
    assert what(answer) == (409, "duties-mixed", "IDN-011")
    assert "CSH" in answer.json()["errors"][0]["detail"]
    held = ann["assignments"][0]["id"]
    ended = await identity.root.post(f"{path}/{held}/end", {"until_on": "2026-03-31"}, match=2)
    assert ended.json()["assignments"][0]["until_on"] == "2026-03-31"
    early = {"branch_id": gd["id"], "roles": ["FIN"], "from_on": "2026-03-31"}
    assert what(await identity.root.post(path, early, match=3)) == (409, "duties-mixed", "IDN-011")
    assert (await identity.root.post(path, {**early, "from_on": "2026-04-01"}, match=3)).status_code == 200


@pytest.mark.rule("IDN-003")
async def test_rights_are_neither_given_nor_taken_in_the_past(identity: Identity):
    ann = await identity.user("ann", "AB")
    path, held = f"/users/{ann['id']}/assignments", ann["assignments"][0]["id"]
    told = {"branch_id": HEADQUARTERS_ID, "roles": ["HR"], "from_on": "2026-03-01"}
    assert what(await identity.root.post(path, told, match=2)) == (422, "assignment-in-the-past", "IDN-003")
    reversed_ = {**told, "from_on": "2026-03-09", "until_on": "2026-03-08"}
    assert what(await identity.root.post(path, reversed_, match=2)) == (422, "period-reversed", "IDN-003")
    answer = await identity.root.post(f"{path}/{held}/end", {"until_on": "2026-02-28"}, match=2)
    assert what(answer) == (422, "assignment-in-the-past", "IDN-003")
    at_once = await identity.root.post(f"{path}/{held}/end", {"until_on": "2026-03-01"}, match=2)
    assert at_once.json()["assignments"] == []


@pytest.mark.rule("IDN-014")
async def test_rights_can_be_shown_as_of_any_date(identity: Identity):
    gd, zj = await identity.branch("GD"), await identity.branch("ZJ", region="33")
    ann = await identity.user("ann", "AB", branch=gd["id"])
    path, held = f"/users/{ann['id']}", ann["assignments"][0]["id"]
    await identity.root.post(f"{path}/assignments/{held}/end", {"until_on": "2026-03-31"}, match=2)
    told = {"branch_id": zj["id"], "roles": ["AB"], "from_on": "2026-04-01"}
    await identity.root.post(f"{path}/assignments", told, match=3)
    where = {}
    for on in ("2026-03-01", "2026-03-31", "2026-04-01"):
        answer = await identity.root.get(f"{path}/grants", params={"on": on})
        where[on] = [grant["branch_id"] for grant in answer.json()["grants"]]
    assert where == {"2026-03-01": [], "2026-03-31": [gd["id"]], "2026-04-01": [zj["id"]]}


@pytest.mark.rule("IDN-008")
async def test_roles_that_do_not_exist_are_all_named(identity: Identity):
    ann = await identity.user("ann")
    told = {"branch_id": HEADQUARTERS_ID, "roles": ["KING", "AB", "POPE"]}
    answer = await identity.root.post(f"/users/{ann['id']}/assignments", told, match=1)
    assert what(answer) == (422, "roles-unknown", "IDN-008")
    assert len(answer.json()["errors"]) == 2


@pytest.mark.rule("IDN-016")
async def test_ones_own_password_is_changed_by_showing_the_old_one(identity: Identity):
    ann = await identity.worker("ann", "AB")
    wrong = {"old_password": "not this one at all", "new_password": NEW_PASSWORD}
    assert what(await ann.post("/users/me/password", wrong)) == (403, "old-password-wrong", "IDN-016")
    right = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
    first = await ann.post("/users/me/password", right, key="k")
    again = await ann.post("/users/me/password", right, key="k")
    assert (first.status_code, first.json()) == (200, again.json())
    await identity.sign_in("ann", NEW_PASSWORD)


@pytest.mark.rule("IDN-017")
async def test_guessing_the_old_password_locks_the_login_too(identity: Identity):
    ann = await identity.worker("ann", "AB")
    wrong = {"old_password": "not this one at all", "new_password": NEW_PASSWORD}
    answers = [what(await ann.post("/users/me/password", wrong))[1] for _ in range(6)]
    assert answers == ["old-password-wrong"] * 5 + ["sign-in-locked"]


@pytest.mark.rule("IDN-016")
async def test_a_reset_password_ends_a_lock_and_must_be_changed(identity: Identity):
    ann = await identity.user("ann", "AB")
    for _ in range(5):
        await identity.http.post("/sessions", json={"login": "ann", "password": "wrong"})
    reset = await identity.root.post(f"/users/{ann['id']}/password", {"password": PASSWORD}, match=2)
    assert (reset.status_code, reset.json()["must_change_secret"]) == (200, True)
    answer = await identity.http.post("/sessions", json={"login": "ann", "password": PASSWORD})
    assert what(answer) == (403, "password-change-needed", "IDN-016")
    await identity.sign_in("ann", PASSWORD, new_password=NEW_PASSWORD)


@pytest.mark.rule("SYS-012")
async def test_an_address_in_clear_needs_its_scope_and_leaves_a_record(identity: Identity):
    ann = await identity.user("ann", "AB")
    clerk = identity.service.user("clerk", HEADQUARTERS_ID, "users:read")
    assert what(await clerk.get(f"/users/{ann['id']}/email")) == (403, "scope-missing", "SYS-007")
    answer = await identity.root.get(f"/users/{ann['id']}/email")
    assert answer.json()["email"] == "ann@b.cn"
    [record] = await identity.service.host.db["audit"].find({}).to_list()
    assert (record["actor"], record["what"], record["about"]) == (identity.admin_id, "users.email", ann["id"])


async def test_everybody_sees_his_own_account_wherever_it_is_administered(identity: Identity):
    gd, zj = await identity.branch("GD"), await identity.branch("ZJ", region="33")
    await identity.user("ann", "AB", branch=gd["id"], at=zj["id"])
    ann = await identity.sign_in("ann", NEW_PASSWORD, new_password=PASSWORD)
    assert (await ann.get("/users/me")).json()["branch"] == gd["id"]
    assert (await ann.get(f"/users/{ann.user}")).status_code == 404


async def test_users_are_found_by_role_branch_and_login(identity: Identity):
    gd = await identity.branch("GD")
    await identity.user("ann", "AB", branch=gd["id"])
    await identity.user("bob", "SUP", branch=gd["id"])
    found = {}
    for name, value in {"role": "AB", "branch": gd["id"], "login": "Bob"}.items():
        answer = await identity.root.get("/users", params={name: value})
        found[name] = [user["login"] for user in answer.json()["items"]]
    assert found == {"role": ["ann"], "branch": ["ann", "bob"], "login": ["bob"]}
