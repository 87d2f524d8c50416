"""Every route of every service, and how each is asked about a thing that exists: by the house's conventions alone.

The first part of a path is the collection; `{client_id}` is the id of a document in it, and what follows,
`/contacts/{contact_id}`, a part of that document. A body is the smallest one that its schema allows, in which
`client_id` is a client. A route or a field that does not follow is not known, and fails.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from chassis.permits import Open, guard_of
from chassis.service import Service

Documents = Mapping[str, list[dict[str, Any]]]
"""What a service keeps, by collection."""


class NotKnown(Exception):
    """The generator cannot make a request of this."""


@dataclass(frozen=True, eq=False)
class Route:
    """A route as declared; `scope` is None when it is open to all, `operation` its part of the OpenAPI document."""

    service: str
    method: str
    path: str
    scope: str | None
    operation: Mapping[str, Any]
    schemas: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} /{self.service}{self.path}"

    @property
    def collection(self) -> str:
        """Where its things are kept."""
        return self.path.split("/")[1]

    @property
    def names_a_thing(self) -> bool:
        """Whether the path carries an id."""
        return "{" in self.path


def routes_of(service: Service, app: FastAPI) -> list[Route]:
    """All of them, with what the service's page says of each."""
    page = app.openapi()
    found: list[Route] = []
    for route in (route for router in service.routers for route in router.routes):
        assert isinstance(route, APIRoute)
        guard = guard_of([depends.dependency for depends in route.dependencies if depends.dependency])
        if guard is None:
            raise NotKnown(f"{route.path} names no scope")
        for method in route.methods or ():
            operation = page["paths"][route.path][method.lower()]
            scope = None if isinstance(guard, Open) else guard.scope
            found.append(Route(service.name, method, route.path, scope, operation, page["components"]["schemas"]))
    return found


def address(route: Route, documents: Documents, skip: int = 0) -> str:
    """The path with the ids of a thing that exists (the first one that fits, or after `skip` of them)."""
    names = re.findall(r"{(\w+)}", route.path)
    if not names:
        return route.path
    for document in documents.get(route.collection, ()):
        if ids := _ids(route, names, document):
            if not skip:
                return re.sub(r"{(\w+)}", lambda name: str(ids[name[1]]), route.path)
            skip -= 1
    raise NotKnown(f"{route}: there is no such thing; the story must make one")


def _ids(route: Route, names: list[str], document: Mapping[str, Any]) -> dict[str, Any] | None:
    ids: dict[str, Any] = {names[0]: document["_id"]}
    for name in names[1:]:
        parts = document.get(route.path.split(f"/{{{name}}}")[0].rpartition("/")[2]) or []
        if not parts:
            return None
        ids[name] = parts[0]["number" if name == "number" else "id"]
    return ids
