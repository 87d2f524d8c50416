"""A service's routes are found at once, and are the ones that the framework's own search finds."""

import re

import pytest
from fastapi.params import Form
from starlette.routing import Match

from chassis.calling import is_plain
from chassis.routing import Routes, routes_of
from chassis.service import Service
from tests.structure.house import services


def asked(method: str, path: str) -> dict[str, object]:
    return {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
def test_each_route_is_found_by_its_path_and_method(service: Service):
    known = routes_of(service.routers)
    found = Routes(known)
    for route in known:
        for method in route.methods or ():
            scope = asked(method, re.sub(r"\{[^}]+\}", "7", route.path))
            first = next(each for each in known if each.matches(scope)[0] is Match.FULL)
            match, more = found.matches(scope)
            assert (match, more["route"]) == (Match.FULL, first), route.path


def test_a_path_is_told_from_one_of_another_method_and_from_none():
    [clients] = [service for service in services() if service.name == "clients"]
    found = Routes(routes_of(clients.routers))
    assert found.matches(asked("PUT", "/clients/7"))[0] is Match.PARTIAL
    for path in ("/", "", "/nothing", "/clients/", "/clients/7/nothing", "/clients/7/contacts/8/details/9"):
        assert found.matches(asked("GET", path))[0] is Match.NONE, path


def test_every_json_body_is_read_by_us():
    """What no document can keep is refused there (chassis/calling.py); only forms and files are left to FastAPI."""
    for service in services():
        for route in routes_of(service.routers):
            assert is_plain(route) or route.body_field is None or isinstance(route.body_field.field_info, Form), (
                f"{route.path}: let it take what chassis/calling.py can give"
            )
