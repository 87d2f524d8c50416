"""Makers for identity's tests: headquarters with an administrator, branches, users, and callers with real tokens."""

from datetime import date
from typing import Any

import httpx
from joserfc.jwk import KeySet

from chassis.tokens import Tokens
from contracts.personal import EmailAddress
from services.identity.branches.actions import found_headquarters
from services.identity.branches.model import HEADQUARTERS_ID, Branch, Kind, Place
from services.identity.keys.actions import published
from services.identity.roles.actions import renew_default_roles
from services.identity.users.actions import add_administrator
from services.identity.users.model import HeldAssignment, User
from services.identity.users.model import Kind as UserKind
from tests.support.service import SIGNING, Caller, RunningService

PASSWORD = "correct horse battery"
NEW_PASSWORD = "staple of another kind"


class BothKeys:
    """The keys of identity itself, and the one that tests sign with."""

    def __init__(self, service: RunningService) -> None:
        self._service = service

    async def key_set(self, *, fresh: bool = False) -> KeySet:
        own = KeySet.import_key_set({"keys": await published(self._service.host.system_work())})
        return KeySet([SIGNING, *own.keys])


class SignedIn(Caller):
    """A caller with the tokens that a sign-in gave."""

    def __init__(self, service: RunningService, told: dict[str, Any]) -> None:
        super().__init__(service, told["user_id"], {})
        self.told = told

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        more["headers"] = {"Authorization": f"Bearer {self.told['access_token']}", **more.get("headers", {})}
        return await super().request(method, path, **more)


class Identity:
    """A running identity service with headquarters, default roles and the administrator `admin`."""

    def __init__(self, service: RunningService) -> None:
        self.service, self.http, self.clock = service, service.http, service.clock
        self.admin_id = ""

    async def set_up(self) -> None:
        """What the first administrator's command does."""
        self.service.host.tokens = Tokens(BothKeys(self.service), "baoqiao", "baoqiao")
        work = self.service.host.system_work()
        await found_headquarters("HQ", "总公司", "31", date(2020, 1, 1), work)
        await renew_default_roles(work)
        user, _ = await add_administrator("admin", "管理员", EmailAddress("a@b.cn"), PASSWORD, HEADQUARTERS_ID, work)
        self.admin_id = user.id

    async def sign_in(self, login: str, password: str = PASSWORD, **more: Any) -> SignedIn:
        """A caller who has signed in; fails unless the answer is 201."""
        answer = await self.http.post("/sessions", json={"login": login, "password": password, **more})
        assert answer.status_code == 201, answer.text
        return SignedIn(self.service, answer.json())

    async def branch(
        self, code: str, parent: str = HEADQUARTERS_ID, kind: str = "provincial", **more: Any
    ) -> dict[str, Any]:
        """A branch that the company's administrator opens."""
        told = {"code": code, "name": f"机构{code}", "kind": kind, "region": "44", "parent_id": parent, **more}
        answer = await self.root.post("/branches", told)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def user(
        self, login: str, *roles: str, branch: str = HEADQUARTERS_ID, at: str = "", **more: Any
    ) -> dict[str, Any]:
        """A user with roles in a branch (`at`, or that of the account); NEW_PASSWORD is the first password."""
        told = {
            "login": login,
            "name": f"用户{login}",
            "email": f"{login}@b.cn",
            "branch": branch,
            "password": NEW_PASSWORD,
        }
        answer = await self.root.post(
            "/users", {key: value for key, value in (told | more).items() if value is not None}
        )
        assert answer.status_code == 201, answer.text
        if not roles:
            return answer.json()
        return await self.assigned(answer.json(), at or branch, *roles)

    async def assigned(self, user: dict[str, Any], branch: str, *roles: str, **more: Any) -> dict[str, Any]:
        """The user with more roles."""
        told = {"branch_id": branch, "roles": list(roles), **more}
        answer = await self.root.post(f"/users/{user['id']}/assignments", told, match=user["version"])
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def worker(self, login: str, *roles: str, branch: str = HEADQUARTERS_ID, at: str = "") -> SignedIn:
        """A user with roles, signed in."""
        await self.user(login, *roles, branch=branch, at=at)
        return await self.sign_in(login, NEW_PASSWORD, new_password=PASSWORD)

    @property
    def root(self) -> Caller:
        """The administrator of the whole company, with a token that tests have signed."""
        return self.service.user(self.admin_id, HEADQUARTERS_ID)


def a_branch(branch_id: str, parent: str | None = "hq", kind: Kind = Kind.BRANCH, **more: Any) -> Branch:
    """A branch in a tree of unit tests."""
    told = {
        "code": branch_id.upper(),
        "name": branch_id,
        "region": "44",
        "parents": (Place(parent=parent, from_on=date(2020, 1, 1)),),
    }
    return Branch(id=branch_id, branch=branch_id, kind=kind, **(told | more))


def a_user(*assignments: HeldAssignment, **more: Any) -> User:
    """A person, in unit tests."""
    told: dict[str, Any] = {"id": "u1", "branch": "gd", "login": "u1", "name": "用户", "email": EmailAddress("u@b.cn")}
    return User(**(told | {"kind": UserKind.PERSON, "language": "zh", "assignments": assignments} | more))


def an_assignment(
    *roles: str, branch_id: str = "gd", from_on: date = date(2026, 1, 1), until_on: date | None = None
) -> HeldAssignment:
    """Roles in a branch, in unit tests."""
    return HeldAssignment(
        id=f"{branch_id} {roles} {from_on}", branch_id=branch_id, roles=roles, from_on=from_on, until_on=until_on
    )
