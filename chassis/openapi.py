"""Completes a service's OpenAPI document: problems, headers, the scope of each operation, and what each field means."""

import re
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

from fastapi.routing import APIRoute

from chassis.permits import Permit, guard_of
from chassis.problems import MEDIA_TYPE
from chassis.routing import routes_of
from chassis.rulebook import ROOT
from chassis.service import Service
from contracts.describing import WORDS, Describing, words
from contracts.personal import Personal


def _text(description: str, example: Any, kind: str = "string") -> dict[str, Any]:
    return {"type": kind, "description": description, "examples": [example]}


_FAULT = {
    "type": "object",
    "description": "One fault and its place",
    "properties": {
        "pointer": _text("JSON pointer (RFC 6901) to what is wrong", "/premium/amount"),
        "detail": _text("What is wrong there", 'must be a decimal text such as "1234.50"'),
    },
    "required": ["pointer", "detail"],
}
_RULE = {
    "type": "object",
    "description": "The rule that refuses (docs/rules)",
    "properties": {
        "id": _text("The rule's id", "SYS-002"),
        "says": _text("The rule in one sentence", "A change applies to the version that was read"),
        "source": _text("The law's article or the owner's rule that it comes from", "RFC 9110 §13.1.1"),
    },
    "examples": [{"id": "SYS-002", "says": "A change applies to the version that was read"}],
}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem. `rule` names the rule that refuses and its source; `next` says what to do.",
    "properties": {
        "type": _text("The kind of problem; stable, compare this", "urn:baoqiao:problem:stale"),
        "title": _text("The status in words", "Changed since it was read"),
        "status": _text("The HTTP status", 412, "integer"),
        "detail": _text("What is wrong here", "Version 2 was read, 3 is there"),
        "instance": _text("The request, as the logs name it", "urn:request:4bf92f3577b34da6a3ce929d0e0e4736"),
        "next": _text("What to do", "Read it again and decide anew"),
        "rule": _RULE,
        "errors": {
            "type": "array",
            "description": "Each fault of the content with its place",
            "items": _FAULT,
            "examples": [[{"pointer": "/premium/amount", "detail": "must be a decimal text"}]],
        },
    },
    "required": ["type", "title", "status", "detail"],
}
COMMON = {
    "401": "The token is missing or not valid",
    "403": "No role of the caller carries the scope",
    "404": "Not there, or not in the caller's branches",
    "422": "The content has faults, each named with its place",
    "429": "Too many requests",
    "503": "Not available for the moment; see Retry-After",
}
CHANGING = {
    "400": "The body cannot be parsed",
    "409": "The present state does not allow it",
    "412": "Changed since it was read",
    "413": "The body is too large",
    "428": "If-Match is missing",
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,128}$"},
}
MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
}


def completed(document: dict[str, Any], service: Service) -> dict[str, Any]:
    """The document with what FastAPI cannot know: our problems, headers and scopes."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for route in routes_of(service.routers):
        if route.include_in_schema:
            for method in route.methods or ():
                _complete(document["paths"][route.path][method.lower()], route, method)
    _link(document["paths"])
    _describe(document, ROOT / "services" / service.name / "fields.toml")
    return document


def _link(paths: dict[str, Any]) -> None:
    """What is made can be read and changed: from each collection's 201 to the operations on one of its things."""
    for collection, operations in paths.items():
        made = operations.get("post", {}).get("responses", {}).get("201")
        for path, others in paths.items() if made else ():
            if thing := re.fullmatch(re.escape(collection) + r"/{(\w+)}(/\w+)?", path):
                for method, operation in others.items():
                    parameters = {thing[1]: "$response.body#/id"}
                    if method != "get":
                        parameters["header.If-Match"] = "$response.header.ETag"
                    link = {"operationId": operation["operationId"], "parameters": parameters}
                    made.setdefault("links", {})[operation["operationId"]] = link


def _describe(document: dict[str, Any], own: Path) -> None:
    """What a body takes is shown in clear, what answers show is masked."""
    schemas = document["components"]["schemas"]
    describing = Describing(words(own, Path(__file__).with_name("fields.toml"), WORDS), schemas)
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    for name in _named(operation.get("requestBody") for operation in operations):
        describing.definition(name, lambda kind: kind.example)
    for name in schemas:
        describing.definition(name, _masked)
    for operation in operations:
        for parameter in operation.get("parameters", ()):
            describing.field(parameter["schema"], parameter["name"], _masked, [operation["operationId"]])
            parameter.setdefault("description", parameter["schema"].pop("description", ""))


def _masked(kind: type[Personal]) -> str:
    return kind.mask(kind.example)


def _named(parts: Iterable[Any]) -> list[str]:
    return re.findall(r"#/components/schemas/([^'\"]+)", str(list(parts)))


def _complete(operation: dict[str, Any], route: APIRoute, method: str) -> None:
    guard = guard_of([depends.dependency for depends in route.dependencies if depends.dependency])
    operation["security"] = [{"bearer": []}] if isinstance(guard, Permit) else []
    if isinstance(guard, Permit):
        operation["x-scope"] = guard.scope
        if method != "GET":
            operation.setdefault("parameters", []).extend(deepcopy([KEY, MATCH] if method == "POST" else [MATCH]))
    told = COMMON | (CHANGING if method != "GET" else {})
    operation["responses"].pop("422", None) if _is_stock(operation) else None
    for status, description in told.items():
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        operation["responses"].setdefault(status, {"description": description, "content": content})


def _is_stock(operation: dict[str, Any]) -> bool:
    return "HTTPValidationError" in str(operation["responses"].get("422", ""))
