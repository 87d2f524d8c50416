"""What one branch does stays out of the sight of another, through the gateway, whatever the thing."""

from typing import Any

import pytest

from deploy.local.api import Person
from deploy.local.demo.story import Story

LISTS = (
    *("/clients/clients", "/clients/notices", "/clients/mandates", "/clients/projects", "/clients/imports"),
    *("/placement/questionnaires", "/placement/schedules", "/placement/enquiries", "/placement/quotes"),
    *("/placement/proposals", "/placement/placings", "/placement/confirmations", "/placement/policies"),
    *("/placement/documents", "/finance/debit_notes", "/finance/documents"),
    *("/notifications/obligations", "/notifications/messages"),
)
"""Where the things of a branch are listed."""
BELOW = {
    "/clients/imports": ["rows"],
    "/placement/schedules": ["rows"],
    "/placement/enquiries": ["comparison"],
    "/placement/policies": ["versions"],
    "/placement/documents": ["content"],
    "/finance/documents": ["content"],
}
"""What can be read below one of them."""
STRANGERS = ("am.zj", "sup.zj", "ae.sz")
"""Another province's account manager and supervisor, and somebody in a sub-branch of the owner's."""


async def things(owner: Person, story: Story, path: str) -> list[dict[str, Any]]:
    """What the list holds of the story, by the ids that it names; of imports, which name none, the newest."""
    found = (await owner.get(path, limit=200))["items"]
    made = [thing["id"] for thing in story.made.values() if isinstance(thing, dict) and "id" in thing]
    return [thing for thing in found if any(id_ in str(thing) for id_ in made)] or found[:2]


@pytest.mark.parametrize("path", LISTS)
async def test_nobody_of_another_branch_finds_or_lists_it(story: Story, path: str):
    owner = await story.who("am.gd")
    own = await things(owner, story, path)
    assert own, f"the story left nothing in {path}"
    parts = ["", *(f"/{part}" for part in BELOW.get(path, ()))]
    for part in parts:
        assert (await owner.call("GET", f"{path}/{own[0]['id']}{part}")).status_code == 200
    for login in STRANGERS:
        stranger = await story.who(login)
        listed = await stranger.call("GET", path, params={"limit": 200})
        for thing in own:
            if listed.status_code == 200:
                assert thing["id"] not in listed.text, f"{login} is shown {path}/{thing['id']}"
            for part in parts:
                answer = await stranger.call("GET", f"{path}/{thing['id']}{part}")
                refused = 404 if listed.status_code == 200 else 403
                assert answer.status_code == refused, f"{login} {path}/…{part}: {answer.status_code} {answer.text}"


@pytest.mark.parametrize("service", ["clients", "placement"])
async def test_nobody_of_another_branch_reads_its_files(story: Story, service: str):
    executive = await story.who("ae.gd")
    file_id = await story.evidence(executive, service, "回执")
    assert (await executive.content(f"/{service}/files/{file_id}/content")).startswith(b"%PDF")
    for login in STRANGERS:
        stranger = await story.who(login)
        for path in (f"/{service}/files/{file_id}", f"/{service}/files/{file_id}/content"):
            assert (await stranger.refused(404, "GET", path))["status"] == 404


async def test_nobody_of_another_branch_acts_on_it(story: Story):
    policy, client_id = story.made["policy"], story.made["client"]["id"]
    manager, executive = await story.who("am.zj"), await story.who("ae.sz")
    for stranger in (manager, executive):
        await stranger.refused(404, "POST", f"/placement/policies/{policy['id']}/chasing", match=policy)
        await stranger.refused(404, "PATCH", f"/clients/clients/{client_id}", {"city": "杭州市"}, match='"1"')
        await stranger.refused(404, "POST", "/clients/notices", {"client_id": client_id})
