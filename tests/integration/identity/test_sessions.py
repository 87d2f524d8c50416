"""Signing in and out, staying signed in, lock-out, and what tokens say."""

import json

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from services.identity.branches.model import HEADQUARTERS_ID
from tests.support.identity import NEW_PASSWORD, PASSWORD, Identity


def what(answer):
    return answer.status_code, answer.json()["type"].rpartition(":")[2], answer.json()["rule"]["id"]


async def claims_of(identity: Identity, token: str) -> dict:
    keys = KeySet.import_key_set((await identity.http.get("/jwks")).json())
    return jwt.decode(token, keys, algorithms=["ES256"]).claims


@pytest.mark.rule("IDN-014")
async def test_a_token_says_who_and_what_he_may_do_in_which_branches_today(identity: Identity):
    gd = await identity.branch("GD")
    zj = await identity.branch("ZJ", region="33")
    user = await identity.user("ann", "AB", branch=gd["id"])
    user = await identity.assigned(user, zj["id"], "AE", from_on="2026-04-01")
    ann = await identity.sign_in("Ann", NEW_PASSWORD, new_password=PASSWORD)
    claims = await claims_of(identity, ann.told["access_token"])
    assert (claims["sub"], claims["branch"], claims["iss"], claims["aud"]) == (
        user["id"],
        gd["id"],
        "baoqiao",
        "baoqiao",
    )
    assert [grant["branch"] for grant in claims["grants"]] == [gd["id"]]
    assert "users:read" in claims["grants"][0]["scopes"]
    assert claims["exp"] - claims["iat"] == 900
    assert (await ann.get("/users/me")).json()["login"] == "ann"
    identity.clock.move(days=30)
    later = await identity.sign_in("ann", PASSWORD)
    claims = await claims_of(identity, later.told["access_token"])
    assert {grant["branch"] for grant in claims["grants"]} == {gd["id"], zj["id"]}


async def test_answers_with_tokens_are_never_stored_on_the_way(identity: Identity):
    answer = await identity.http.post("/sessions", json={"login": "admin", "password": PASSWORD})
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.rule("IDN-019")
async def test_a_refused_sign_in_does_not_tell_whether_the_login_exists(identity: Identity):
    ann = await identity.user("ann", "AB")
    await identity.root.post(f"/users/{ann['id']}/disabling", match=ann["version"])
    tried = {"admin": "wrong password 1", "nobody": "wrong password 1", "ann": NEW_PASSWORD}
    answers = [
        await identity.http.post("/sessions", json={"login": login, "password": told}) for login, told in tried.items()
    ]
    assert {what(answer) for answer in answers} == {(401, "wrong-credentials", "IDN-019")}
    assert len({answer.json()["detail"] for answer in answers}) == 1


@pytest.mark.rule("IDN-017")
@pytest.mark.parametrize("login", ["admin", "nobody"])
async def test_five_failures_lock_a_login_for_a_quarter_of_an_hour_whether_it_exists_or_not(
    identity: Identity, login: str
):
    for _ in range(5):
        answer = await identity.http.post("/sessions", json={"login": login.upper(), "password": "wrong password"})
        assert what(answer) == (401, "wrong-credentials", "IDN-019")
    identity.clock.move(minutes=14, seconds=59)
    answer = await identity.http.post("/sessions", json={"login": login, "password": PASSWORD})
    assert what(answer) == (403, "sign-in-locked", "IDN-017")
    identity.clock.move(seconds=1)
    answer = await identity.http.post("/sessions", json={"login": login, "password": PASSWORD})
    assert answer.status_code == (201 if login == "admin" else 401)


@pytest.mark.rule("IDN-017")
async def test_a_success_forgets_the_failures_before(identity: Identity):
    for password in ["wrong"] * 4 + [PASSWORD] + ["wrong"] * 4 + [PASSWORD]:
        answer = await identity.http.post("/sessions", json={"login": "admin", "password": password})
        assert answer.status_code == (201 if password == PASSWORD else 401)


@pytest.mark.rule("IDN-016")
async def test_a_password_set_by_somebody_else_is_changed_at_the_first_sign_in(identity: Identity):
    await identity.user("ann", "AB")
    answer = await identity.http.post("/sessions", json={"login": "ann", "password": NEW_PASSWORD})
    assert what(answer) == (403, "password-change-needed", "IDN-016")
    same = {"login": "ann", "password": NEW_PASSWORD, "new_password": NEW_PASSWORD}
    assert what(await identity.http.post("/sessions", json=same)) == (422, "password-too-weak", "IDN-015")
    await identity.sign_in("ann", NEW_PASSWORD, new_password=PASSWORD)
    await identity.sign_in("ann", PASSWORD)
    told = [event["type"].split(".")[-2] for event in await identity.service.events("users")]
    assert told.count("user_secret_changed") == 1


@pytest.mark.rule("IDN-020")
async def test_a_refresh_token_gives_new_tokens_with_the_rights_of_today(identity: Identity):
    user = await identity.user("ann", "AB")
    ann = await identity.sign_in("ann", NEW_PASSWORD, new_password=PASSWORD)
    fresh = (await identity.root.get(f"/users/{user['id']}")).json()
    await identity.assigned(fresh, HEADQUARTERS_ID, "HR")
    answer = await identity.http.post("/sessions/refresh", json={"refresh_token": ann.told["refresh_token"]})
    assert (answer.status_code, answer.json()["version"], answer.json()["id"]) == (200, 2, ann.told["id"])
    claims = await claims_of(identity, answer.json()["access_token"])
    assert "users:reveal" in claims["grants"][0]["scopes"]


@pytest.mark.rule("IDN-020")
async def test_a_refresh_token_used_twice_ends_the_session_for_both_hands(identity: Identity):
    ann = await identity.worker("ann", "AB")
    stolen = {"refresh_token": ann.told["refresh_token"]}
    second = await identity.http.post("/sessions/refresh", json=stolen)
    assert what(await identity.http.post("/sessions/refresh", json=stolen)) == (401, "session-over", "IDN-020")
    own = {"refresh_token": second.json()["refresh_token"]}
    assert what(await identity.http.post("/sessions/refresh", json=own)) == (401, "session-over", "IDN-020")


@pytest.mark.rule("IDN-020")
async def test_a_made_up_token_for_a_known_session_does_not_end_it(identity: Identity):
    ann = await identity.worker("ann", "AB")
    guessed = await identity.http.post("/sessions/refresh", json={"refresh_token": f"{ann.told['id']}.guessed"})
    assert what(guessed) == (401, "session-over", "IDN-020")
    answer = await identity.http.post("/sessions/refresh", json={"refresh_token": ann.told["refresh_token"]})
    assert answer.status_code == 200


@pytest.mark.rule("IDN-020")
async def test_a_session_lasts_twelve_hours(identity: Identity):
    ann = await identity.worker("ann", "AB")
    identity.clock.move(hours=11, minutes=59)
    answer = await identity.http.post("/sessions/refresh", json={"refresh_token": ann.told["refresh_token"]})
    assert answer.json()["expires_at"] == ann.told["ends_at"]
    identity.clock.move(minutes=1)
    over = await identity.http.post("/sessions/refresh", json={"refresh_token": answer.json()["refresh_token"]})
    assert what(over) == (401, "session-over", "IDN-020")
    await identity.service.run_job("forget_old_sessions")
    assert await identity.service.host.db["sessions"].count_documents({}) == 0


@pytest.mark.rule("IDN-020")
async def test_an_access_token_lives_a_quarter_of_an_hour(identity: Identity):
    ann = await identity.worker("ann", "AB")
    identity.clock.move(minutes=14, seconds=59)
    assert (await ann.get("/users/me")).status_code == 200
    identity.clock.move(seconds=1)
    assert what(await ann.get("/users/me")) == (401, "not-signed-in", "SYS-008")


@pytest.mark.rule("IDN-020")
async def test_who_signs_out_cannot_refresh_any_more(identity: Identity):
    ann = await identity.worker("ann", "AB")
    other = await identity.sign_in("ann")
    assert (await ann.request("DELETE", "/sessions/current")).status_code == 204
    answers = [
        await identity.http.post("/sessions/refresh", json={"refresh_token": one.told["refresh_token"]})
        for one in (ann, other)
    ]
    assert [answer.status_code for answer in answers] == [401, 200]
    assert (await identity.http.delete("/sessions/current")).status_code == 401


@pytest.mark.rule("IDN-016")
async def test_another_password_or_disabling_ends_all_sessions(identity: Identity):
    ann = await identity.worker("ann", "AB")
    other = await identity.sign_in("ann")
    changed = await ann.post("/users/me/password", {"old_password": PASSWORD, "new_password": NEW_PASSWORD})
    assert changed.status_code == 200, changed.text
    for one in (ann, other):
        answer = await identity.http.post("/sessions/refresh", json={"refresh_token": one.told["refresh_token"]})
        assert what(answer) == (401, "session-over", "IDN-020")
    again = await identity.sign_in("ann", NEW_PASSWORD)
    for command in ("disabling", "enabling"):
        version = (await identity.root.get(f"/users/{ann.user}")).json()["version"]
        assert (await identity.root.post(f"/users/{ann.user}/{command}", match=version)).status_code == 200
    answer = await identity.http.post("/sessions/refresh", json={"refresh_token": again.told["refresh_token"]})
    assert what(answer) == (401, "session-over", "IDN-020")


@pytest.mark.rule("IDN-018")
async def test_a_service_account_signs_in_with_the_secret_that_was_made_for_it(identity: Identity):
    robot = await identity.user("link", "AE", kind="service", password=None)
    made = await identity.root.post(f"/users/{robot['id']}/secret", match=robot["version"], key="k")
    again = await identity.root.post(f"/users/{robot['id']}/secret", match=robot["version"], key="k")
    assert made.json()["client_secret"] == again.json()["client_secret"]
    told = {"client_id": "link", "client_secret": made.json()["client_secret"]}
    answer = await identity.http.post("/service_sessions", json=told)
    assert (answer.status_code, answer.json()["refresh_token"]) == (201, None)
    assert (await claims_of(identity, answer.json()["access_token"]))["sub"] == robot["id"]
    as_person = await identity.http.post("/sessions", json={"login": "link", "password": told["client_secret"]})
    as_service = await identity.http.post("/service_sessions", json={"client_id": "admin", "client_secret": PASSWORD})
    assert (what(as_person), what(as_service)) == ((401, "wrong-credentials", "IDN-019"),) * 2
    assert what(await identity.root.post(f"/users/{identity.admin_id}/secret", match=1)) == (
        422,
        "wrong-kind",
        "IDN-018",
    )


async def test_neither_passwords_nor_tokens_are_kept_in_clear(identity: Identity):
    ann = await identity.worker("ann", "AB")
    db = identity.service.host.db
    kept = [json.dumps(await db[name].find().to_list(), default=str) for name in ("users", "sessions", "signing_keys")]
    assert not any(secret in text for text in kept for secret in (PASSWORD, ann.told["refresh_token"], '"d":'))
    for event in await identity.service.events("users"):
        assert "argon2" not in str(event)
