"""No body has a door that was not meant to be: nothing unknown, nothing endless. Generated over all routes."""

from typing import Any

import pytest

from chassis.lists import MOST, Page
from tests.security.bodies import Door, doors, parts
from tests.structure.house import routes, services

ENOUGH_TEXT, ENOUGH_ITEMS = 20_000, 5_000


def test_the_doors_are_found():
    assert len(doors()) > 80


@pytest.mark.parametrize("door", doors(), ids=str)
def test_every_object_in_a_body_refuses_fields_that_it_does_not_name(door: Door):
    open_ones = [place for place, schema in parts(door.schema) if "properties" in schema and _takes_more(schema)]
    assert not open_ones, f"{door.model.__name__} takes any field at {open_ones}: its class is a Body or a Value"


@pytest.mark.parametrize("door", doors(), ids=str)
def test_every_text_list_and_dictionary_in_a_body_has_a_most(door: Door):
    endless = [(place, schema) for place, schema in parts(door.schema) if _is_endless(schema)]
    assert not endless, f"{door.model.__name__}: say max_length of {[place for place, _ in endless]}"


def _takes_more(schema: dict[str, Any]) -> bool:
    return schema.get("additionalProperties") is not False


def _is_endless(schema: dict[str, Any]) -> bool:
    match schema.get("type"):
        case "string":
            named = {"enum", "const", "format"} & set(schema)
            most = schema.get("maxLength") or _longest(schema.get("pattern", ""))
            return not named and not 0 < most <= ENOUGH_TEXT
        case "array":
            return not 0 < schema.get("maxItems", 0) <= ENOUGH_ITEMS
        case "object" if "properties" not in schema:
            return not 0 < schema.get("maxProperties", 0) <= ENOUGH_ITEMS
    return False


def _longest(pattern: str) -> int:
    """How long a text can be that a pattern takes from its first to its last character; 0: endless."""
    import re._parser  # pyright: ignore[reportMissingImports] - the only reader of patterns there is

    if not (pattern.startswith("^") and pattern.endswith("$")):
        return 0
    most = re._parser.parse(pattern).getwidth()[1]
    return most if most <= ENOUGH_TEXT else 0


def test_a_text_without_a_most_would_be_found():
    assert _is_endless({"type": "string"}) and _is_endless({"type": "string", "pattern": "^a+$"})
    assert _is_endless({"type": "string", "pattern": "a"}) and _is_endless({"type": "array", "items": {}})
    assert not _is_endless({"type": "string", "pattern": "^[a-z]{1,40}$"})
    assert _takes_more({"type": "object", "properties": {}})


BOUNDED_BY_THEMSELVES = {
    "placement/disclosure_statements": "the editions of a text that stands in the code",
    "placement/policies/{policy_id}/versions": "the store reads at most MOST_VERSIONS of one policy",
}
LISTS = [
    pytest.param(service, route, id=f"{service.name}{route.path}")
    for service in services()
    for route in routes(service)
    if "GET" in (route.methods or ())
]


@pytest.mark.parametrize(("service", "route"), LISTS)
def test_a_list_of_unbounded_things_comes_in_pages_of_at_most_200(service: Any, route: Any):
    model = route.response_model
    if f"{service.name}{route.path}" in BOUNDED_BY_THEMSELVES:
        return
    if isinstance(model, type) and issubclass(model, Page):
        limits = {name: field for name, field in _query(route) if name == "limit"}
        assert [getattr(rule, "le", None) for rule in limits["limit"].metadata if hasattr(rule, "le")] == [MOST]
    else:
        assert not str(model).startswith("list["), "a list without pages: give it Page and `paged`"


def _query(route: Any) -> list[tuple[str, Any]]:
    found, todo = [], [route.dependant]
    while todo:
        dependant = todo.pop()
        found += [(each.name, each.field_info) for each in dependant.query_params]
        todo += dependant.dependencies
    return found


@pytest.mark.parametrize(("service", "route"), LISTS)
def test_every_text_in_a_query_has_a_most(service: Any, route: Any):
    for name, info in _query(route):
        if str in (info.annotation, *getattr(info.annotation, "__args__", ())) and name != "sort":
            bounds = [getattr(rule, "max_length", None) for rule in info.metadata]
            assert any(bounds), f"{service.name}{route.path}: `{name}` takes a text of any length"
