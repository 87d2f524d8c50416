"""Projects in every status, and the steps to them over HTTP."""

from datetime import date, timedelta
from typing import Any

import httpx

from contracts.money import yuan
from contracts.placement.placings import CoverConfirmed
from services.clients.clients.model import Client, Seat, TeamRole
from services.clients.people.model import Tier
from services.clients.projects.model import PROTECTED, Budget, Milestone, Project, Status
from tests.support.clients_work import NOTES, NOW, TODAY, ClientsService, a_number, a_project
from tests.support.service import Caller

TEAM = (Seat(user_id="am", role=TeamRole.MANAGER),)
TIMETABLE = (Milestone(name="询价", due_on=date(2026, 4, 1)),)
BUDGET = Budget(
    amount=yuan("500.00"),
    purpose="拜访",
    tier=Tier.STAFF,
    matrix_id="mx1",
    asked_by="ae",
    asked_at=NOW,
    decided_by="am",
    decided_at=NOW,
    approved=True,
)


def in_status(status: Status, **told: Any) -> Project:
    """A project as it looks in a status."""
    defaults: dict[str, Any] = {"terms": {}, "status": status, "submitted_at": NOW}
    if status in PROTECTED:
        defaults["protected_until_on"] = TODAY + timedelta(days=90)
    return a_project(**defaults | told)


def ready(**told: Any) -> Project:
    return in_status(Status.REGISTERED, team=TEAM, timetable=TIMETABLE, budget=BUDGET, **told)


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
    project = await done(await clients.user("sup").post(f"{path}/budget_decision", approved, match=project["version"]))
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
