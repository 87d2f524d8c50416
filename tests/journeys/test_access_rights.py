"""Who may call what: every route of every service, asked by everybody. Nothing here is a list of routes.

The routes come from the services, the scopes of the roles from identity, the things from the story, and each answer
is predicted from what the route declares: its scope and its collection.

- Tokens: every route × every forged token, each with the greatest rights that could be forged; and every forged token
  × every role × every relation on one route. That stands for the whole product, because a token is refused before
  the route's scope, the caller's role and his branch are looked at: they are claims of that very token.
- Roles: every route × every default role × own, parent, child and sibling branch, in full.
- Ids: every route × an id of another branch against one that nobody has: the same answer by the same queries. And
  every reference in a body, likewise.

Straight at each service, which trusts no gateway; then through the gateway, which lets nobody without a token by.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from joserfc.jwk import ECKey

from deploy.local.company import Company
from deploy.local.demo.story import Story
from tests.support.bodies import body_of, content_of, placed, references_in, smallest
from tests.support.doors import Answer
from tests.support.forged import KINDS, Grounds, with_a_public_key_as_secret
from tests.support.houses import House, Relation, house
from tests.support.routes import NotKnown, Route, address
from tests.support.stack import Stack
from tests.support.watching import Watch

SERVICES = ("clients", "finance", "hr", "identity", "notifications", "placement", "webhooks")
ALL = ["*"]
IDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOBODYS = "00000000-0000-8000-8000-000000000000"
"""An id that no thing has."""
OPEN = {
    "GET /identity/jwks",
    "POST /identity/sessions",
    "POST /identity/service_sessions",
    "POST /identity/sessions/refresh",
    "DELETE /identity/sessions/current",
}
"""The only doors without a scope."""
HIS_OWN = {"GET /identity/users/me"}
"""What is the caller's own, wherever his roles are held."""
ANOTHERS = {"POST /notifications/messages/{message_id}/reading"}
"""What only the addressee may do, and the thing is addressed to somebody else: no role and no branch helps."""
COMPANY_WIDE = {"branches", "users", "insurers", "clauses", "question_sets"}
"""What everybody may refer to; likewise a superior (`supervisor_id`), who may sit in the branch above."""


@pytest.fixture(scope="module")
async def houses(stack: Stack, company: Company, story: Story, mongo_url: str) -> AsyncIterator[dict[str, House]]:
    """Every service with what the story left."""
    async with AsyncExitStack() as stay:
        built = {}
        for name, host in stack.hosts.items():
            entered = house(host, stack.clock, mongo_url, company.branches, company.users["gm.hq"])
            built[name] = await stay.enter_async_context(entered)
        yield built


@pytest.fixture(scope="module")
async def roles(houses: dict[str, House]) -> dict[str, list[str]]:
    """The default roles and their scopes, as identity has them."""
    return {role["code"]: role["scopes"] for role in houses["identity"].documents["roles"]}


def test_the_services_are_all_there(houses: dict[str, House]):
    assert set(houses) == set(SERVICES)
    open_doors = {str(route) for each in houses.values() for route in each.routes if route.scope is None}
    assert open_doors == OPEN


@pytest.mark.parametrize("service", SERVICES)
async def test_no_forged_token_opens_any_door(houses: dict[str, House], service: str):
    at = houses[service]
    grounds = Grounds(at.user, at.own, ALL, at.running.clock)
    for kind, forge in KINDS.items():
        authorization = forge(grounds)
        for route in at.guarded():
            answer = await at.ask(route, authorization)
            assert refused(answer), f"{kind}: {route} answered {answer.kind}"


async def test_no_forged_token_helps_any_role_in_any_branch(houses: dict[str, House], roles: dict[str, list[str]]):
    at = houses["clients"]
    route = next(at.guarded())
    for scopes in roles.values():
        for relation in Relation:
            grounds = Grounds(at.user, at.branches[relation], scopes, at.running.clock)
            for kind, forge in KINDS.items():
                answer = await at.ask(route, forge(grounds))
                assert refused(answer), f"{kind}: {route} answered {answer.kind}"


@pytest.mark.parametrize("service", SERVICES)
async def test_a_role_opens_the_doors_of_its_scopes_in_its_branch_and_below(
    houses: dict[str, House], roles: dict[str, list[str]], service: str
):
    at, wrong = houses[service], []
    before = await at.kept()
    for relation in (Relation.CHILD, Relation.SIBLING, Relation.OWN, Relation.PARENT):
        if relation is Relation.OWN:
            assert await at.kept() == before, "somebody of another branch changed something"
        for role, scopes in roles.items():
            token = f"Bearer {at.token(relation, scopes)}"
            for route in at.guarded():
                answer = await at.ask(route, token)
                if not as_predicted(at, route, relation, answer, has_scope=route.scope in scopes):
                    wrong.append(f"{role} of the {relation.name}: {route} answered {answer.kind}")
    assert not wrong, "\n".join(wrong)


async def test_who_may_not_call_learns_nothing_of_what_is_wrong_with_his_request(houses: dict[str, House]):
    for at in houses.values():
        token = f"Bearer {at.token(Relation.OWN, ['nothing:read'])}"
        for route in at.guarded():
            content = content_of(route)
            if content and content[0] == "application/json":
                assert (await at.ask(route, token, body=[])).kind == "403 scope-missing", route
                assert refused(await at.ask(route, "", body=[])), route


def as_predicted(at: House, route: Route, relation: Relation, answer: Answer, *, has_scope: bool) -> bool:
    """Whether the answer is the one that the route's scope and collection let expect."""
    if not has_scope:
        return answer.kind == "403 scope-missing"
    if str(route) in ANOTHERS:
        return answer.kind == "404 message-missing"
    if relation.sees or str(route) in HIS_OWN:
        return opened(answer, reading=route.method == "GET")
    sent = at.targets[route] + at.bodies[route][0].decode()
    if any(thing in at.private_ids and thing not in sent for thing in IDS.findall(answer.body.decode())):
        return False
    shared = route.method == "GET" and route.collection in at.shared
    if route.names_a_thing and not shared:
        return answer.status == 404
    return opened(answer, reading=route.method == "GET") or answer.status == 404


def opened(answer: Answer, *, reading: bool) -> bool:
    """Whether the door let the caller in; what he wanted may still be refused for what it is."""
    if reading:
        return answer.status == 200
    return answer.status < 500 and answer.status not in (401, 404) and answer.kind != "403 scope-missing"


@pytest.mark.parametrize("service", SERVICES)
async def test_an_id_of_another_branch_answers_like_one_that_nobody_has(houses: dict[str, House], service: str):
    at = houses[service]
    token = f"Bearer {at.token(Relation.SIBLING, ALL)}"
    async with Watch(at.running) as watch:
        for route in at.guarded():
            if not route.names_a_thing or (route.method == "GET" and route.collection in at.shared):
                continue
            thing = IDS.findall(at.targets[route])[0]
            seen = []
            for asked in (thing, NOBODYS):
                answer = await at.ask(route, token, at.targets[route].replace(thing, asked), match='"1"')
                seen.append((learned(answer, asked), await watch.asked()))
            assert seen[0] == seen[1], f"{route}"
            assert seen[0][0][0] == 404


@pytest.mark.parametrize("service", SERVICES)
async def test_a_reference_to_a_thing_of_another_branch_answers_like_one_to_nothing(
    houses: dict[str, House], service: str
):
    at, wrong = houses[service], []
    token = f"Bearer {at.token(Relation.OWN, ALL)}"
    for route in at.guarded():
        content = content_of(route)
        for path, collection in references_in(route, content[1]) if content else ():
            if collection in COMPANY_WIDE or path[-1] == "supervisor_id":
                continue
            body = body_of(route, at.refer, also=path)
            async with at.lent_to_the_sibling(collection, not_in=at.targets[route]) as foreign:
                seen = []
                for thing in (foreign, NOBODYS):
                    match = await at.etag(route)
                    answer = await at.ask(route, token, body=placed(body, path, thing), match=match)
                    seen.append(learned(answer, thing))
            if seen[0] != seen[1] or seen[0][0] < 300:
                wrong.append(f"{route} {'.'.join(path)} -> {collection}: {seen}")
    assert not wrong, "\n".join(wrong)


async def test_no_route_is_reached_through_the_gateway_without_a_token_of_ours(houses: dict[str, House], stack: Stack):
    keys = (await stack.gateway.http.get("/identity/jwks")).json()
    public = ECKey.import_key(keys["keys"][0]).as_pem(private=False)
    for at in houses.values():
        grounds = Grounds(at.user, at.own, ALL, at.running.clock)
        told = [KINDS[kind](grounds) for kind in ("none", "foreign key", "alg none")]
        for authorization in (*told, f"Bearer {with_a_public_key_as_secret(grounds, public)}"):
            headers = {"Authorization": authorization} if authorization else {}
            for route in at.guarded():
                path = f"/{route.service}{at.targets[route]}"
                answer = await stack.gateway.http.request(route.method, path, headers=headers)
                assert (answer.status_code, answer.json()["type"]) == (401, "urn:baoqiao:problem:not-signed-in"), route


def test_a_route_of_which_nothing_is_known_fails(houses: dict[str, House]):
    known = next(houses["hr"].guarded())
    with pytest.raises(NotKnown):
        address(replace(known, path="/visits/{visit_id}"), houses["hr"].documents)
    with pytest.raises(NotKnown):
        smallest(known, {"type": "string"}, houses["hr"].refer, "visit_id")


async def test_an_answer_that_gives_too_much_is_noticed(houses: dict[str, House], roles: dict[str, list[str]]):
    at = houses["hr"]
    readings = [route for route in at.guarded() if route.method == "GET" and route.scope == "employees:read"]
    token = f"Bearer {at.token(Relation.OWN, roles['BM'])}"
    for route in readings:
        answer = await at.ask(route, token)
        assert as_predicted(at, route, Relation.OWN, answer, has_scope=True)
        assert not as_predicted(at, route, Relation.OWN, answer, has_scope=False)
        assert not as_predicted(at, route, Relation.SIBLING, answer, has_scope=True)


def refused(answer: Answer) -> bool:
    return answer.kind == "401 not-signed-in" and answer.headers.get("www-authenticate") == "Bearer"


def learned(answer: Answer, asked: str) -> tuple[int, str, list[str]]:
    """What can be learned from an answer, but the id that was asked for and the request's own."""
    text = answer.body.decode().replace(asked, "…").replace(answer.headers["x-request-id"], "…")
    return answer.status, text, sorted(answer.headers)
