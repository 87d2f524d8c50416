"""Default roles follow the files; roles of the company's own are sets of scopes that exist."""

import pytest

from services.identity.branches.model import HEADQUARTERS_ID
from tests.support.identity import Identity

AUDITOR = {"code": "AUDIT", "name": "内审", "scopes": ["users:read", "roles:read"]}


def what(answer):
    return answer.status_code, answer.json()["type"].rpartition(":")[2], answer.json()["rule"]["id"]


async def role_named(identity: Identity, code: str) -> dict:
    roles = (await identity.root.get("/roles")).json()["items"]
    return next(role for role in roles if role["code"] == code)


@pytest.mark.rule("IDN-008")
async def test_the_default_roles_come_with_the_product_and_cannot_be_edited(identity: Identity):
    admin = await role_named(identity, "ADMIN")
    assert admin["default"]
    assert "users:assign" in admin["scopes"]
    answer = await identity.root.patch(f"/roles/{admin['id']}", {"scopes": ["users:read"]}, match=1)
    assert what(answer) == (409, "default-role-stays", "IDN-008")


@pytest.mark.rule("IDN-008")
async def test_a_default_role_follows_its_file_when_a_release_changes_it(identity: Identity):
    db = identity.service.host.db
    await db["roles"].update_one({"code": "HR"}, {"$set": {"scopes": ["users:read"]}})
    await identity.service.run_job("renew_default_roles")
    await identity.service.run_job("renew_default_roles")
    role = await role_named(identity, "HR")
    assert "users:reveal" in role["scopes"]
    assert role["version"] == 2


@pytest.mark.rule("IDN-008")
async def test_a_role_of_our_own_carries_scopes_that_exist_and_works_when_assigned(identity: Identity):
    unknown = {**AUDITOR, "scopes": ["users:read", "moon:land", "*:read"]}
    assert (await identity.root.post("/roles", unknown)).status_code == 422
    unknown["scopes"].pop()
    assert what(await identity.root.post("/roles", unknown)) == (422, "scope-unknown", "IDN-008")
    made = await identity.root.post("/roles", AUDITOR)
    assert made.json()["scopes"] == ["me:read", "me:write", "roles:read", "users:read"]
    assert what(await identity.root.post("/roles", AUDITOR)) == (409, "role-taken", "IDN-008")
    ann = await identity.worker("ann", "AUDIT")
    assert (await ann.get("/roles")).status_code == 200
    assert (await ann.get("/branches")).status_code == 403


@pytest.mark.rule("IDN-009")
async def test_a_role_is_narrowed_but_not_widened(identity: Identity):
    role = (await identity.root.post("/roles", AUDITOR)).json()
    wider = await identity.root.patch(f"/roles/{role['id']}", {"scopes": ["users:read", "users:assign"]}, match=1)
    assert what(wider) == (409, "role-widened", "IDN-009")
    narrower = await identity.root.patch(f"/roles/{role['id']}", {"scopes": ["users:read"]}, match=1)
    assert narrower.json()["scopes"] == ["me:read", "me:write", "users:read"]


@pytest.mark.rule("IDN-006")
async def test_roles_are_defined_at_headquarters_only(identity: Identity):
    gd = await identity.branch("GD")
    boss = identity.service.user("boss", gd["id"], "roles:write", "roles:read")
    assert what(await boss.post("/roles", AUDITOR)) == (403, "branch-out-of-reach", "IDN-006")
    role = (await identity.root.post("/roles", AUDITOR)).json()
    assert what(await boss.patch(f"/roles/{role['id']}", {"name": "x"}, match=1)) == (404, "role-not-found", "IDN-008")
    assert (await boss.get(f"/roles/{role['id']}")).status_code == 200


async def test_the_roles_belong_to_headquarters(identity: Identity):
    events = await identity.service.events("roles")
    assert {event["branch"] for event in events} == {HEADQUARTERS_ID}
