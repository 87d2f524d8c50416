"""A service's routes, found by the first word and the length of the path.

FastAPI asks each included router for each of its routes, one after the other, and does so twice: in a service of a
hundred routes that alone cost as much as all else of a simple request.
"""

from collections.abc import Iterable, Sequence

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from chassis.calling import Call, is_plain


def routes_of(routers: Iterable[APIRouter]) -> list[APIRoute]:
    """All routes of some routers."""
    return [route for router in routers for route in router.routes if isinstance(route, APIRoute)]


class Routes(BaseRoute):
    """One route of an application that stands for many. Their paths begin with a word, and each `{part}` is one."""

    def __init__(self, routes: Sequence[APIRoute]) -> None:
        self._alike: dict[tuple[str, int], list[APIRoute]] = {}
        for route in routes:
            self._alike.setdefault(_kind(route.path), []).append(route)
        self._calls = {route.unique_id: Call(route) for route in routes if is_plain(route)}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The first route of this path and method; one of another method where there is only that."""
        best: tuple[Match, Scope] = Match.NONE, {}
        if scope["type"] != "http":
            return best
        for route in self._alike.get(_kind(scope["path"]), ()):
            found = route.matches(scope)
            if found[0] is Match.FULL:
                return found
            if best[0] is Match.NONE:
                best = found
        return best

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the route that was found."""
        route: APIRoute = scope["route"]
        call = self._calls.get(route.unique_id)
        if call is None or scope["method"] not in route.methods:
            await route.handle(scope, receive, send)
            return
        answer = await call.answer(Request(scope, receive, send))
        await answer(scope, receive, send)


def _kind(path: str) -> tuple[str, int]:
    """The first word of a path and how many parts it has: /quotes/{id} and /quotes/7 are alike."""
    return path[1:].partition("/")[0], path.count("/")
