"""What the bodies of all routes look like, walked by their JSON schemas; and a body that fits one."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from fastapi.routing import APIRoute
from pydantic import BaseModel

from chassis.service import Service
from tests.structure.house import routes, services

Schema = dict[str, Any]


class Door(NamedTuple):
    """A route that takes a JSON body: its service, the model, and the model's schema."""

    service: Service
    route: APIRoute
    model: type[BaseModel]
    schema: Schema

    def __str__(self) -> str:
        return f"{min(self.route.methods or {'-'})} {self.service.name}{self.route.path}"


@cache
def doors() -> tuple[Door, ...]:
    """Every route with a JSON body, of every service."""
    return tuple(door for service in services() for route in routes(service) if (door := _door(service, route)))


def _door(service: Service, route: APIRoute) -> Door | None:
    field = route.body_field
    model = field.field_info.annotation if field else None
    if not (isinstance(model, type) and issubclass(model, BaseModel)) or model.__name__.startswith("Body_"):
        return None  # forms are no JSON; their parts are texts and files
    return Door(service, route, model, model.model_json_schema(mode="validation"))


def parts(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Every place of a body with what may stand there."""
    yield from _walk(schema, "", schema.get("$defs", {}))


def _walk(schema: Schema, place: str, known: dict[str, Schema]) -> Iterator[tuple[str, Schema]]:
    if "$ref" in schema:
        yield from _walk(known[schema["$ref"].rpartition("/")[2]], place, known)
        return
    yield place, schema
    for word in ("anyOf", "oneOf", "allOf"):
        for choice in schema.get(word, ()):
            yield from _walk(choice, place, known)
    for name, inner in schema.get("properties", {}).items():
        yield from _walk(inner, f"{place}/{name}", known)
    for inner in _values(schema):
        yield from _walk(inner, f"{place}/*", known)


def _values(schema: Schema) -> list[Schema]:
    """What stands in a list, or under the free keys of a dictionary."""
    told = [schema.get("items"), schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()]
    return [inner for inner in told if isinstance(inner, dict)]


def fitting(schema: Schema, known: dict[str, Schema] | None = None) -> Any:
    """A small value that fits a schema, every optional field filled."""
    models: dict[str, Schema] = schema.get("$defs", {}) if known is None else known
    if "$ref" in schema:
        return fitting(models[schema["$ref"].rpartition("/")[2]], models)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return fitting(next(one for one in schema[word] if one.get("type") != "null"), models)
    if "const" in schema:
        return schema["const"]
    if choices := schema.get("enum"):
        return choices[0]
    match schema.get("type"):
        case "object" if "properties" in schema:
            return {name: fitting(inner, models) for name, inner in schema["properties"].items()}
        case "object":
            return dict.fromkeys(["a1"], fitting(_values(schema)[0], models)) if _values(schema) else {}
        case "array":
            return [fitting(schema.get("items", {"type": "string"}), models)]
        case "integer" | "number":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return True
        case _:
            return _text(schema)


def _text(schema: Schema) -> str:
    dated = {"date": "2026-03-02", "date-time": "2026-03-02T01:00:00Z"}
    if schema.get("format") in dated:
        return dated[schema["format"]]
    if "amount" in str(schema.get("examples", "")) or "examples" in schema:
        return str(schema["examples"][0])
    return "a1" if schema.get("maxLength", 9) >= 2 else "a"
