"""Any input is answered as the API's page says: schemathesis over every operation, through the gateway.

Three people who together may call everything send it what the page allows and what it forbids, to things of the story
and to what they make on the way; in the short run each operation is called by one of those who may. No answer is a
5xx, has a status, a content type or a form that the page does not tell, or takes what the page refuses. All this is
done to a copy of the story, so that no other journey sees it.

FUZZ_EXAMPLES is how many cases at most each operation gets in a phase: `make fuzz EXAMPLES=…`.
"""

import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from copy import deepcopy
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from deploy.local.api import Person
from deploy.local.demo.story import Story
from tests.journeys.conftest import all_services
from tests.journeys.telling import PASSWORD
from tests.support.fuzzing import WITH_COVERAGE, fuzzed
from tests.support.pages import one_page, only, operations_of, within
from tests.support.routes import NotKnown, Route, address, routes_of
from tests.support.servers import StartEnvoy
from tests.support.service import MovableClock
from tests.support.stack import Stack

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1"))
PEOPLE = {"am.gd": ["AE", "AB", "SUP"], "gm.hq": ["BM", "COM", "FIN"], "hr.hq": ["ADMIN"]}
"""Who asks, and the roles that he holds beside his own."""
PLENTY = 1_000_000


@pytest.fixture(scope="module")
async def copy(
    stack: Stack, story: Story, envoy: StartEnvoy, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stack]:
    """The story's stack once more, without workers; its gateway has limits that nobody reaches."""
    settings = stack.settings.model_dump(include={"mongo_url", "kafka_bootstrap"})
    access = tmp_path_factory.mktemp("access")
    copied = Stack(all_services(), MovableClock(stack.clock()), access, stack.kafka_users, settings)
    await copied.copy(stack)
    await copied.open(envoy, caller_per_second=PLENTY, caller_burst=PLENTY)
    yield copied
    await copied.stop()


@pytest.fixture(scope="module")
async def people(copy: Stack, story: Story) -> dict[str, Person]:
    """The three, signed in with all their roles."""
    admin = await copy.gateway.sign_in("admin", PASSWORD)
    found: dict[str, Person] = {}
    for login, roles in PEOPLE.items():
        user = await admin.get(f"/identity/users/{(await copy.gateway.sign_in(login, PASSWORD)).id}")
        told = {"branch_id": user["branch"], "roles": roles, "from_on": story.on(0)}
        await admin.post(f"/identity/users/{user['id']}/assignments", told, match=user)
        found[login] = await copy.gateway.sign_in(login, PASSWORD)
    return found


@pytest.fixture(scope="module")
def page(copy: Stack) -> dict[str, Any]:
    """The page of the whole API."""
    return one_page({name: api.app.openapi() for name, api in copy.apis.items()})


@pytest.fixture(scope="module")
async def shares(people: dict[str, Person], page: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What each is to call: all that he may, or in the short run his share of it."""
    pages = {login: within(page, await scopes_of(person)) for login, person in people.items()}
    return pages if EXAMPLES > 1 else shared_out(page, pages)


def shared_out(page: dict[str, Any], pages: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Each operation to one of those who may call it; those on one kind of thing as far as may be to the same one."""
    may = {login: operations_of(own) for login, own in pages.items()}
    shares: dict[str, set[str]] = {login: set() for login in pages}
    for _, together in groupby(page["paths"].items(), lambda item: item[0].split("/")[1:3]):
        left = operations_of({"paths": dict(together)})
        for login in sorted(may, key=lambda login: (-len(left & may[login]), len(shares[login]))):
            shares[login] |= left & may[login]
            left -= may[login]
    return {
        login: only(page, lambda operation, own=own: operation["operationId"] in own) for login, own in shares.items()
    }


@pytest.mark.parametrize("login", PEOPLE)
async def test_any_input_is_answered_as_the_page_says(
    login: str, copy: Stack, people: dict[str, Person], shares: dict[str, dict[str, Any]], tmp_path: Path
):
    own = shares[login]
    base = str(copy.gateway.http.base_url)
    found = await fuzzed(tmp_path, base, people[login].token, own, await things(copy), EXAMPLES)
    assert found.well, found.report
    assert found.cases >= 2 * len(own["paths"]), found.report


def says_less(listing: dict[str, Any]) -> None:
    """The page does not tell of the answer when all is well."""
    del listing["responses"]["200"]


def takes_less(listing: dict[str, Any]) -> None:
    """The page refuses more than five at once, which the service gives."""
    [limit] = listing["parameters"]
    limit["schema"]["maximum"] = 5


@pytest.mark.parametrize(
    ("change", "fault"), [(says_less, "Undocumented status code"), (takes_less, "Schema-violating request accepted")]
)
async def test_a_service_that_does_otherwise_than_its_page_says_is_noticed(
    change: Callable[[dict[str, Any]], None],
    fault: str,
    copy: Stack,
    people: dict[str, Person],
    page: dict[str, Any],
    tmp_path: Path,
):
    listing = deepcopy(page["paths"]["/clients/clients"]["get"])
    listing["parameters"] = [told for told in listing["parameters"] if told["name"] == "limit"]
    change(listing)
    told = page | {"paths": {"/clients/clients": {"get": listing}}}
    nothing: dict[str, Any] = {"paths": {}, "ids": {}, "versions": {}}
    base = str(copy.gateway.http.base_url)
    found = await fuzzed(tmp_path, base, people["am.gd"].token, told, nothing, WITH_COVERAGE)
    assert not found.well
    assert fault in found.report


async def test_together_they_call_everything(shares: dict[str, dict[str, Any]], page: dict[str, Any]):
    called = [operations_of(share) for share in shares.values()]
    assert set().union(*called) == operations_of(page)
    assert all(called)


async def scopes_of(person: Person) -> set[str]:
    """What he may do somewhere."""
    told = await person.get(f"/identity/users/{person.id}/grants")
    return {scope for grant in told["grants"] for scope in grant["scopes"]}


async def things(stack: Stack) -> dict[str, Any]:
    """What exists, as tests/support/fuzz_hooks takes it."""
    found: dict[str, Any] = {"paths": {}, "ids": {}, "versions": {}}
    for name, api in stack.apis.items():
        documents = {
            collection: await stack.hosts[name].db[collection].find({}).sort("_id", -1).limit(20).to_list()
            for collection in await stack.hosts[name].db.database.list_collection_names()
        }
        for collection, kept in documents.items():
            if not collection.startswith("copy_"):
                found["ids"][f"{collection.removesuffix('s')}_id"] = [document["_id"] for document in kept]
                found["versions"] |= {document["_id"]: document["v"] for document in kept if "v" in document}
        for route in routes_of(stack.hosts[name].service, api.app):
            if route.names_a_thing:
                found["paths"].setdefault(f"/{name}{route.path}", addresses_of(route, documents))
    return found


def addresses_of(route: Route, documents: dict[str, list[dict[str, Any]]]) -> list[dict[str, str]]:
    """The path's parameters for a few things that exist."""
    form = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", route.path))
    found: list[dict[str, str]] = []
    with suppress(NotKnown):
        for skip in range(6):
            told = form.fullmatch(address(route, documents, skip))
            found += [told.groupdict()] if told else []
    return found
