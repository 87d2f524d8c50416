"""Completes a service's OpenAPI document: problems, headers, and the scope of each operation."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from chassis.permits import Permit, guard_of
from chassis.problems import MEDIA_TYPE

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem. `rule` names the rule that refuses and its source; `next` says what to do.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "next": {"type": "string"},
        "rule": {
            "type": "object",
            "properties": {"id": {"type": "string"}, "says": {"type": "string"}, "source": {"type": "string"}},
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
                "required": ["pointer", "detail"],
            },
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
    "schema": {"type": "string", "maxLength": 128, "minLength": 1},
}
MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that was read; needed when something that exists is changed",
    "schema": {"type": "string"},
}


def completed(document: dict[str, Any], app: FastAPI) -> dict[str, Any]:
    """The document with what FastAPI cannot know: our problems, headers and scopes."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for router in app.state.host.service.routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                for method in route.methods or ():
                    _complete(document["paths"][route.path][method.lower()], route, method)
    return document


def _complete(operation: dict[str, Any], route: APIRoute, method: str) -> None:
    guard = guard_of([depends.dependency for depends in route.dependencies if depends.dependency])
    if isinstance(guard, Permit):
        operation["security"] = [{"bearer": []}]
        operation["x-scope"] = guard.scope
        if method != "GET":
            operation.setdefault("parameters", []).extend([KEY, MATCH] if method == "POST" else [MATCH])
    told = COMMON | (CHANGING if method != "GET" else {})
    operation["responses"].pop("422", None) if _is_stock(operation) else None
    for status, description in told.items():
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        operation["responses"].setdefault(status, {"description": description, "content": content})


def _is_stock(operation: dict[str, Any]) -> bool:
    return "HTTPValidationError" in str(operation["responses"].get("422", ""))
