"""Every parameter and field of the APIs and of the events says what it means and has an example that is one."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from chassis.app import create_app
from chassis.service import Host
from chassis.settings import Settings
from contracts.asyncapi import document
from contracts.catalogue import facts
from contracts.describing import Describing, words
from tests.structure.house import ROOT, services
from tests.support.service import KEYRING

Schema = dict[str, Any]
BY_NAME = {service.name: service for service in services()}
WHERE = "say it in contracts/fields.toml, chassis/fields.toml or services/<service>/fields.toml"


@cache
def api(name: str) -> Schema:
    """The OpenAPI document of a service, without its servers."""
    return create_app(Host(BY_NAME[name], Settings(), keyring=KEYRING)).openapi()


@cache
def events() -> Schema:
    """The AsyncAPI document."""
    return json.loads(json.dumps(document(facts())))


def told(page: str) -> Schema:
    return events() if page == "events" else api(page)


def fields(page: str) -> Iterator[tuple[str, Schema]]:
    """Every field of a document with its place."""
    for name, schema in told(page)["components"]["schemas"].items():
        for field, inner in schema.get("properties", {}).items():
            yield f"{name}.{field}", inner


def parameters(page: str) -> Iterator[tuple[str, Schema]]:
    for path, operations in told(page).get("paths", {}).items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", ()):
                yield f"{method.upper()} {path} {parameter['name']}", parameter


PAGES = [*sorted(BY_NAME), "events"]


@pytest.mark.parametrize("page", PAGES)
def test_every_field_says_what_it_means_and_has_an_example(page: str):
    silent = [place for place, field in fields(page) if not field.get("description")]
    assert not silent, f"{WHERE}: {silent}"
    bare = [place for place, field in fields(page) if not field.get("examples")]
    assert not bare, f"give an example; {WHERE}: {bare}"


@pytest.mark.parametrize("page", sorted(BY_NAME))
def test_every_parameter_says_what_it_means_and_has_an_example(page: str):
    silent = [place for place, parameter in parameters(page) if not parameter.get("description")]
    assert not silent, f"{WHERE}: {silent}"
    bare = [place for place, parameter in parameters(page) if not parameter["schema"].get("examples")]
    assert not bare, f"give an example; {WHERE}: {bare}"


@pytest.mark.parametrize("page", PAGES)
def test_every_example_is_one(page: str):
    """Against the field's own schema, and each whole against the whole's."""
    document, examples, schemas = told(page), {}, {}
    for name, schema in document["components"]["schemas"].items():
        examples[name], schemas[name] = schema.get("examples", []), {"$ref": f"#/components/schemas/{name}"}
    for place, field in fields(page):
        name, _, inner = place.rpartition(".")
        examples[place] = field.get("examples", [])
        schemas[place] = {"$ref": f"#/components/schemas/{name}/properties/{inner}"}
    for place, parameter in parameters(page):
        examples[place], schemas[place] = parameter["schema"].get("examples", []), parameter["schema"]
    each = {place: {"items": schema} for place, schema in schemas.items()}
    validator = jsonschema_rs.Draft202012Validator(
        {"properties": each, "components": document["components"]}, validate_formats=True
    )
    wrong = [f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in validator.iter_errors(examples)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("page", sorted(BY_NAME))
def test_every_operation_says_whether_it_needs_a_token(page: str):
    operations = [operation for path in api(page)["paths"].values() for operation in path.values()]
    assert all(operation["security"] in ([], [{"bearer": []}]) for operation in operations)
    assert page != "identity" or any(not operation["security"] for operation in operations)


@pytest.mark.parametrize("page", sorted(BY_NAME))
def test_an_api_is_valid_openapi(page: str):
    schemathesis.openapi.from_dict(api(page)).validate()
    with pytest.raises(jsonschema_rs.ValidationError, match="title"):
        schemathesis.openapi.from_dict({**api(page), "info": {}}).validate()


def strange(part: Any, place: str = "") -> Iterator[str]:
    """Where a bound is written in pydantic's words, which JSON Schema does not have."""
    if isinstance(part, dict):
        yield from (place for word in ("ge", "gt", "le", "lt") if word in part and {"type", "anyOf"} & part.keys())
        part = part.items()
    elif isinstance(part, list):
        part = enumerate(part)
    else:
        return
    for name, inner in part:
        yield from strange(inner, f"{place}/{name}")


@pytest.mark.parametrize("page", PAGES)
def test_bounds_are_written_in_the_words_of_json_schema(page: str):
    assert not [*strange(told(page))]


@pytest.mark.parametrize("path", sorted(ROOT.glob("*/**/fields.toml")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_word_is_explained_that_nothing_uses(path: Any):
    [table] = words(path)
    used = {place.rpartition(".")[2] for page in PAGES for place, _ in fields(page)}
    used |= {place.rpartition(" ")[2] for page in BY_NAME for place, _ in parameters(page)}
    assert not set(table["fields"]) - used, "take these out"


def test_what_nobody_explained_stays_silent_and_is_found():
    schemas: dict[str, Schema] = {"New": {"properties": {"unheard_of": {"type": "string"}}}}
    Describing([], schemas).definition("New", lambda kind: kind.example)
    assert schemas["New"]["properties"]["unheard_of"] == {"type": "string"}
