"""The smallest body and query that a route's page allows, with references to things that exist."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from tests.support.routes import Documents, NotKnown, Route

Refer = Callable[[str], Any]
"""What stands in a field that refers to things of a collection."""

NAMED = {
    "evidence": "files",
    "file": "files",
    "supervisor": "employees",
    "into": "clients",
    "handler": "users",
    "owner": "users",
    "taker": "users",
    "broker_user": "users",
    "to": "users",
}
"""Fields that are not called after the collection that they refer to."""
PLAIN = {"id", "question_id", "rule_id", "about_id", "contact_id", "client_contact_id"}
"""Fields that look like references and are names that the sender gives, or of parts of the thing itself."""
ACCOUNT_NAMES = {"POST /identity/service_sessions"}
"""Routes in which `client_id` is a login, as OAuth calls it."""
PERSONAL = {"EmailAddress": "a@example.com", "PhoneNumber": "13800001234", "IdentityNumber": "11010519491231002X"}
TEXTS = ("x", "00", "10", "0", "A1", "AAA", "0.1", "aaa", "09:00", "a:a", "*", "https://127.0.0.1")
BOUNDARY = "----between"


def refers_to(route: Route, name: str) -> str | None:
    """The collection that a field refers to; None for a field that is no reference."""
    if name in ("branch", "branch_id", "branches", "below"):
        return "branches"
    stem, _, kind = name.rpartition("_")
    if kind not in ("id", "ids") or name in PLAIN or str(route) in ACCOUNT_NAMES:
        return None
    if stem == "parent":
        return route.collection
    return NAMED.get(stem) or (f"{stem[:-1]}ies" if stem.endswith("y") else f"{stem}s")


def resolved(route: Route, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema behind its reference, and the first of its choices."""
    if "$ref" in schema:
        return resolved(route, route.schemas[schema["$ref"].rpartition("/")[2]])
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return resolved(route, schema[choice][0])
    return schema


Path = tuple[str, ...]
"""The names that lead to a field; of a list, to its first item."""


def smallest(route: Route, schema: Mapping[str, Any], refer: Refer, name: str = "", also: Path = ()) -> Any:
    """The smallest value that a schema allows, with the field to which `also` leads."""
    schema = resolved(route, schema)
    if "const" in schema or "enum" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    match schema.get("type"):
        case "object":
            return _object(route, schema, refer, also)
        case "array":
            least = max(schema.get("minItems", 0), 1 if also or refers_to(route, name) else 0)
            return [smallest(route, schema["items"], refer, name, also) for _ in range(least)]
        case "string":
            to = refers_to(route, name)
            return refer(to) if to else _text(route, schema)
        case "integer":
            return int(schema.get("minimum", 1))
        case "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case _:
            raise NotKnown(f"{route}: {name} {schema}")


def _object(route: Route, schema: Mapping[str, Any], refer: Refer, also: Path) -> dict[str, Any]:
    fields = schema.get("properties", {})
    wanted = dict.fromkeys((*schema.get("required", ()), *also[:1]))
    told = {each: smallest(route, fields[each], refer, each, also[1:] if each in also[:1] else ()) for each in wanted}
    return told or ({"x": "x"} if schema.get("minProperties") else {})


def references_in(route: Route, schema: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every field of a body that refers to something, with the collection that it refers to."""
    schema = resolved(route, schema)
    match schema.get("type"):
        case "object":
            for name, field in schema.get("properties", {}).items():
                yield from references_in(route, field, (*path, name))
        case "array":
            yield from references_in(route, schema["items"], path)
        case "string":
            if path and (to := refers_to(route, path[-1])):
                yield path, to
        case _:
            pass


def placed(body: Any, path: Path, value: Any) -> Any:
    """The body with another value in one field."""
    if isinstance(body, list):
        return [placed(body[0], path, value), *body[1:]]
    if not path:
        return value
    return {**body, path[0]: placed(body[path[0]], path[1:], value)}


def _text(route: Route, schema: Mapping[str, Any]) -> str:
    match schema:
        case {"format": "date"}:
            return "2026-03-02"
        case {"format": "date-time"}:
            return "2026-03-02T09:00:00+08:00"
        case {"format": "binary"} | {"contentMediaType": _}:
            return "%PDF-1.7 a file"
        case {"pattern": pattern}:
            if found := next((text for text in TEXTS if re.search(pattern, text)), None):
                return found
            raise NotKnown(f"{route}: no text for {pattern}")
        case {"title": title} if title in PERSONAL:
            return PERSONAL[title]
        case _:
            return "x" * max(schema.get("minLength", 1), 1)


def query_of(route: Route, refer: Refer) -> str:
    """What must stand in the query, with its question mark."""
    told = [each for each in route.operation.get("parameters", ()) if each["in"] == "query" and each.get("required")]
    values = {each["name"]: smallest(route, each["schema"], refer, each["name"]) for each in told}
    return f"?{urlencode(values)}" if values else ""


def content_of(route: Route) -> tuple[str, Mapping[str, Any]] | None:
    """Media type and schema of the body that the route takes."""
    return next(
        ((kind, told["schema"]) for kind, told in route.operation.get("requestBody", {}).get("content", {}).items()),
        None,
    )


def body_of(route: Route, refer: Refer, also: Path = ()) -> Any:
    """The smallest body (with the field to which `also` leads), not yet encoded; None for a route that takes none."""
    content = content_of(route)
    return smallest(route, content[1], refer, also=also) if content else None


def encoded(route: Route, body: Any) -> tuple[bytes, dict[str, str]]:
    """A body as bytes, with its headers."""
    content = content_of(route)
    if content is None:
        return b"", {}
    if content[0] == "application/json":
        return json.dumps(body).encode(), {"Content-Type": content[0]}
    parts: list[str] = []
    for name, value in body.items():
        extra = '; filename="a.pdf"\r\nContent-Type: application/pdf' if name == "file" else ""
        text = value if isinstance(value, str) else json.dumps(value)
        parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n{text}\r\n')
    form = "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode()
    return form, {"Content-Type": f"{content[0]}; boundary={BOUNDARY}"}


def first_of(documents: Documents, branch: str) -> Refer:
    """References to the first thing of each kind that there is, and to this branch."""

    def refer(collection: str) -> Any:
        if collection == "branches":
            return branch
        kept = documents.get(collection) or documents.get(f"copy_{collection}")
        if not kept:
            raise NotKnown(f"there are no {collection}, nor copies of them")
        return kept[0]["_id"]

    return refer
