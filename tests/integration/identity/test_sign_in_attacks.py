"""What somebody may try at the sign-in, and gets nothing by."""

import asyncio
from dataclasses import dataclass, field

import pytest
from pwdlib import PasswordHash

from services.identity.branches.model import HEADQUARTERS_ID
from services.identity.users import passwords
from tests.support.identity import NEW_PASSWORD, PASSWORD, Identity, SignedIn
from tests.support.watching import Watch

GUESS = "a guess that is wrong"


@dataclass
class Counting:
    """Argon2, which counts what it is asked."""

    hasher: PasswordHash
    asked: list[str] = field(default_factory=list)

    def hash(self, password: str) -> str:
        return self.hasher.hash(password)

    def verify(self, password: str, kept: str) -> bool:
        self.asked.append(password)
        return self.hasher.verify(password, kept)


@pytest.fixture
def argon2(monkeypatch: pytest.MonkeyPatch) -> Counting:
    """Every password that is tried, in order."""
    counting = Counting(passwords._HASHER)  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(passwords, "_HASHER", counting)
    return counting


async def tried(identity: Identity, login: str, password: str) -> str:
    answer = await identity.http.post("/sessions", json={"login": login, "password": password})
    return f"{answer.status_code} {answer.json().get('type', '').rpartition(':')[2]}".strip()


async def refreshed(identity: Identity, who: SignedIn) -> int:
    token = {"refresh_token": who.told["refresh_token"]}
    return (await identity.http.post("/sessions/refresh", json=token)).status_code


@pytest.mark.rule("IDN-019")
async def test_a_refused_sign_in_takes_the_same_work_whoever_is_named(identity: Identity, argon2: Counting):
    await identity.user("ann", "AB")
    gone = await identity.user("gone", "AB")
    await identity.root.post(f"/users/{gone['id']}/disabling", match=gone["version"])
    await identity.user("robot", kind="service", password=None)
    work = []
    async with Watch(identity.service) as watch:
        for login, password in (
            ("ann", GUESS),
            ("nobody", GUESS),
            ("gone", GUESS),
            ("gone", NEW_PASSWORD),
            ("robot", GUESS),
        ):
            argon2.asked.clear()
            answer = await tried(identity, login, password)
            work.append((answer, len(argon2.asked), await watch.asked()))
    assert all(each == work[0] for each in work), work
    assert work[0][:2] == ("401 wrong-credentials", 1)


@pytest.mark.rule("IDN-017")
async def test_who_guesses_many_at_once_gets_no_more_guesses(identity: Identity, argon2: Counting):
    answers = await asyncio.gather(*(tried(identity, "admin", f"{GUESS} {n}") for n in range(20)))
    assert set(answers) == {"401 wrong-credentials", "403 sign-in-locked"}
    assert 5 <= len(argon2.asked) <= 4 + passwords.AT_ONCE


@pytest.mark.rule("IDN-017")
async def test_the_right_password_of_a_locked_login_is_not_even_tried(identity: Identity, argon2: Counting):
    for spelled in ("admin", "ADMIN", " admin ", "Admin", "aDmin"):
        assert await tried(identity, spelled, GUESS) == "401 wrong-credentials"
    argon2.asked.clear()
    assert await tried(identity, "admin", PASSWORD) == "403 sign-in-locked"
    assert argon2.asked == []


@pytest.mark.rule("IDN-020")
async def test_two_hands_that_refresh_at_the_same_moment_get_one_answer_and_no_session(identity: Identity):
    ann = await identity.worker("ann", "AB")
    token = {"refresh_token": ann.told["refresh_token"]}
    answers = await asyncio.gather(*(identity.http.post("/sessions/refresh", json=token) for _ in range(4)))
    good = [answer.json()["refresh_token"] for answer in answers if answer.status_code == 200]
    assert len(good) <= 1
    for left in good:
        assert (await identity.http.post("/sessions/refresh", json={"refresh_token": left})).status_code == 401


@pytest.mark.rule("IDN-020")
async def test_nobody_can_have_another_sign_in_to_a_session_that_he_knows(identity: Identity):
    thief = await identity.worker("thief", "AB")
    headers = {"Authorization": f"Bearer {thief.told['access_token']}"}
    told = {"login": "admin", "password": PASSWORD}
    session = (await identity.http.post("/sessions", json=told, headers=headers)).json()
    assert session["id"] != thief.told["id"]
    for known in ({"id": thief.told["id"]}, {"refresh_token": thief.told["refresh_token"]}):
        assert (await identity.http.post("/sessions", json=told | known)).status_code == 422
    assert (await thief.get("/users/me")).json()["login"] == "thief"


@pytest.mark.rule("IDN-020")
@pytest.mark.parametrize("ended", ["signed out", "disabled", "password reset"])
async def test_whatever_ends_a_session_leaves_its_access_token_a_quarter_of_an_hour_at_most(
    identity: Identity, ended: str
):
    ann = await identity.worker("ann", "AB")
    user = (await identity.root.get(f"/users/{ann.user}")).json()
    match ended:
        case "signed out":
            await ann.request("DELETE", "/sessions/current")
        case "disabled":
            await identity.root.post(f"/users/{ann.user}/disabling", match=user["version"])
        case _:
            told = {"password": "another one by the administrator"}
            await identity.root.post(f"/users/{ann.user}/password", told, match=user["version"])
    assert await refreshed(identity, ann) == 401
    identity.clock.move(minutes=14, seconds=59)
    assert (await ann.get("/users/me")).status_code == 200
    identity.clock.move(seconds=1)
    assert (await ann.get("/users/me")).status_code == 401


@pytest.mark.rule("IDN-014")
async def test_a_role_that_ended_is_gone_from_the_next_token(identity: Identity):
    ann = await identity.worker("ann", "AB", "HR")
    user = (await identity.root.get(f"/users/{ann.user}")).json()
    [held] = user["assignments"]
    told = {"until_on": identity.clock().date().isoformat()}
    path = f"/users/{ann.user}/assignments/{held['id']}/end"
    assert (await identity.root.post(path, told, match=user["version"])).status_code == 200
    identity.clock.move(days=1)
    again = await identity.sign_in("ann")
    assert (await again.get("/users", params={"branch": HEADQUARTERS_ID})).status_code == 403
