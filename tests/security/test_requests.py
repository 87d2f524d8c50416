"""Hostile requests to every route of every service: each is answered in order, none changes anything or breaks it."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from chassis.permits import Permit, guard_of
from chassis.service import Service
from tests.security.bodies import Door, doors, fitting
from tests.structure.house import routes, services
from tests.support.service import Caller, RunningService, running

ORDERLY = range(200, 500)
EXTRAS = ("_id", "once", "outbox", "outbox_at", "x", "v", "$set", "__class__", "is_admin")
OURS = ("id", "version", "branch", "status", "scopes", "created_at")
"""Fields that some bodies have by right."""
OPERATORS = ({"$gt": ""}, {"$where": "sleep(1000)"}, [{"$ne": None}])
JSON = {"content-type": "application/json"}


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=services(), ids=lambda service: service.name)
async def service(request: pytest.FixtureRequest, mongo_url: str) -> AsyncIterator[RunningService]:
    """Each service in turn."""
    async with running(request.param, mongo_url) as one:
        yield one


def of(service: RunningService) -> list[Door]:
    """The service's routes with a JSON body that need a token."""
    return [door for door in doors() if door.service.name == service.host.service.name]


def filled(path: str) -> str:
    """The path of a route about a thing that is not there."""
    return path.replace("{", "").replace("}", "")


async def sent(caller: Caller, door: Door, content: Any, **headers: str) -> httpx.Response:
    """A request to a door with this body."""
    method = next(iter(door.route.methods or {"POST"}))
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    path = filled(door.route.path)
    return await caller.request(method, path, match=1, content=body, headers=JSON | headers)


def faults(answer: httpx.Response) -> set[str]:
    return {fault["pointer"] for fault in answer.json().get("errors", ())}


async def count(service: RunningService) -> int:
    """How many documents the service keeps, apart from what it prepares by itself."""
    database = service.host.db.database
    return sum([await database[name].count_documents({}) for name in await database.list_collection_names()])


async def test_nothing_is_assigned_that_was_not_meant_to_be(service: RunningService):
    caller, before = service.user("mallory"), await count(service)
    for door in of(service):
        foreign = {*EXTRAS, *OURS} - set(door.schema.get("properties", {}))
        answer = await sent(caller, door, fitting(door.schema) | dict.fromkeys(foreign, "a1"))
        assert answer.status_code == 422, f"{door} {answer.text}"
        assert {f"/{name}" for name in foreign} <= faults(answer), f"{door} {answer.text}"
    assert await count(service) == before


async def test_an_operator_is_never_taken_for_a_value(service: RunningService):
    caller, before = service.user("mallory"), await count(service)
    for door in of(service):
        body = fitting(door.schema)
        for operator in OPERATORS if body else ():
            answer = await sent(caller, door, dict.fromkeys(body, operator))
            assert answer.status_code == 422, f"{door} {operator}: {answer.text}"
    assert await count(service) == before


BROKEN: dict[str, bytes] = {
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a number of many digits": b'{"a": ' + b"9" * 5000 + b"}",
    "not a number": b'{"a": NaN, "b": Infinity, "c": 1e9999}',
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "half a character": b'{"a": "\\ud800"}',
    "half a character in a name": b'{"\\udfff": 1}',
    "one name twice": b'{"a": 1, "a": 2}',
    "a list": b"[]",
    "a text": b'"a"',
    "nothing": b"",
    "null": b"null",
    "a NUL": b'{"a\\u0000": "\\u0000"}',
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + b"\x00" * 64,
}


async def test_a_broken_body_is_refused_whatever_is_wrong_with_it(service: RunningService):
    caller, before = service.user("mallory"), await count(service)
    for door in of(service)[:6]:
        for what, content in BROKEN.items():
            packed = {"content-encoding": "gzip"} if what == "gzip" else {}
            answer = await sent(caller, door, content, **packed)
            may_lack = not door.schema.get("required") and what in ("nothing", "null")
            assert answer.status_code in (400, 422) or may_lack, f"{door} {what}: {answer.status_code} {answer.text}"
    assert await count(service) == before


async def test_who_is_not_signed_in_hears_only_that_whatever_he_sends(service: RunningService):
    guarded = [
        door
        for door in of(service)
        if isinstance(guard_of([each.dependency for each in door.route.dependencies if each.dependency]), Permit)
    ]
    assert guarded or not of(service)
    for door in guarded:
        [method] = door.route.methods or {"POST"}
        for content in (b"[" * 200_000, b'{"a": ', b'{"a": "\xff"}', b"null"):
            answer = await service.http.request(method, filled(door.route.path), content=content, headers=JSON)
            assert answer.status_code == 401, f"{door} {content[:9]}: {answer.text}"
            assert answer.headers["www-authenticate"] == "Bearer"
    for path in forms(service.host.service):
        torn = {"content-type": "multipart/form-data; boundary=x"}
        assert (await service.http.post(filled(path), content=b"--x\r\nContent-Disp", headers=torn)).status_code == 401


async def test_a_number_that_no_document_can_keep_is_a_fault_of_the_caller(service: RunningService):
    caller = service.user("mallory")
    for door in of(service):
        body = fitting(door.schema)
        for name, value in body.items():
            if isinstance(value, int) and not isinstance(value, bool):
                for number in (2**63, -(2**70), 10**40):
                    answer = await sent(caller, door, body | {name: number})
                    assert answer.status_code == 422, f"{door} {name}={number}: {answer.text}"


KINDS = [
    ("application/x-www-form-urlencoded", b"name=a&status=b"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=name\r\n\r\na\r\n--x--\r\n"),
    ("text/plain", b'{"name": "a"}'),
    ("application/xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
    ("application/json; charset=utf-7", b"+AHsAfQ-"),
    ("", b"{}"),
    ("a" * 5000, b"{}"),
]


async def test_a_body_of_another_kind_is_not_taken_for_json(service: RunningService):
    caller, before = service.user("mallory"), await count(service)
    for door in of(service)[:6]:
        for kind, content in KINDS:
            answer = await sent(caller, door, content, **{"content-type": kind})
            lacking = not door.schema.get("required")
            assert answer.status_code in range(400, 500) or lacking, f"{door} {kind}: {answer.status_code}"
    assert await count(service) == before


def forms(service: Service) -> list[str]:
    """The paths that take a file."""
    return [route.path for route in routes(service) if route.body_field and "Body_" in str(route.body_field.field_info)]


async def test_a_form_without_its_file_is_refused(service: RunningService):
    caller = service.user("mallory")
    for path in forms(service.host.service):
        none = await caller.request("POST", filled(path), match=1, data={"branch": "hq"})
        text = await caller.request("POST", filled(path), match=1, data={"branch": "hq", "file": "text"})
        torn = {"content-type": "multipart/form-data; boundary=x"}
        half = await caller.request("POST", filled(path), match=1, content=b"--x\r\nContent-Disp", headers=torn)
        assert {none.status_code, text.status_code, half.status_code} <= {400, 422}, path


async def test_a_hostile_query_is_answered_in_order(service: RunningService):
    caller = service.user("mallory")
    tricks = ["{p}[$ne]=1", "{p}[]=a&{p}[]=b", "{p}=%7B%22$gt%22:%22%22%7D", "{p}=%00", "{p}=%ff%fe", "{p}=(a%2B)%2B$"]
    tricks += ["{p}=.*", "{p}=" + "a" * 3000, "{p}=1&{p}=2", "{p}=%0d%0aSet-Cookie:a=b", "{p}=99999999999999999999"]
    for route in routes(service.host.service):
        names = [each.alias for each in route.dependant.query_params]
        if "GET" not in (route.methods or ()):
            continue
        for trick in ["&".join(trick.replace("{p}", name) for name in names) for trick in tricks if names]:
            answer = await caller.get(f"{filled(route.path)}?{trick}")
            assert answer.status_code in ORDERLY, f"{route.path}?{trick}: {answer.text}"
            assert "set-cookie" not in answer.headers


STRANGE = [
    "%00",
    "a%00b",
    "%0d%0aSet-Cookie:a=b",
    "%ff%fe",
    "%F0%9F%92%A9",
    "%2e%2e",
    "{$gt:%22%22}",
    "$where",
    "-1",
    "1e999",
]
STRANGE += ["a" * 3000, "%E4%BA%BA" * 1000]


async def test_a_strange_id_is_that_of_nothing(service: RunningService):
    caller, before = service.user("mallory"), await count(service)
    bodies = {door.route.path: fitting(door.schema) for door in of(service)}
    for route in [route for route in routes(service.host.service) if "{" in route.path]:
        [method] = route.methods or {"GET"}
        sending = {"json": bodies[route.path]} if method != "GET" and route.path in bodies else {}
        for id in STRANGE:
            answer = await caller.request(method, re.sub(r"\{[^}]+\}", id, route.path), match=1, **sending)
            empty = method == "GET" and answer.status_code == 200 and answer.json().get("items") == []
            assert answer.status_code in range(400, 500) or empty, f"{route.path} {id[:20]}: {answer.text}"
            assert "set-cookie" not in answer.headers
    assert await count(service) == before


LIMITS = ["0", "-1", "201", "1000000", "1e3", "99999999999999999999", "1;2", "{$gt:1}", "", "%00"]


async def test_no_list_gives_more_than_200_at_once(service: RunningService):
    caller, lists = service.user("mallory"), 0
    for route in routes(service.host.service):
        if "GET" in (route.methods or ()) and "Page[" in str(route.response_model):
            if (await caller.get(f"{filled(route.path)}?limit=200")).status_code != 200:
                continue
            lists += 1
            for limit in LIMITS:
                answer = await caller.get(f"{filled(route.path)}?limit={limit}")
                told = answer.status_code == 422 or "limit" not in str(route.dependant.dependencies)
                assert told, f"{route.path}?limit={limit} gives {answer.status_code}"
    assert lists, "no list at all"
