"""Who may call a route: every route either names a scope or says why it is open to all."""

from collections.abc import Callable
from typing import Any

from fastapi import Depends, Request

from chassis.refusals import Forbidden, Refusal
from chassis.tokens import Caller


class ScopeMissing(Forbidden):
    """The caller has no role that carries the scope of this route."""

    rule = "SYS-007"
    zh = "您没有此操作所需的权限 {scope}"
    en = "None of your roles carries the scope {scope} that this needs"
    todo_zh = "请联系管理员授予含有该权限的角色"
    todo_en = "Ask the administrator for a role that carries it"


class Permit:
    """The guard of one route; a dependency that recognises the caller and checks the scope."""

    def __init__(self, scope: str) -> None:
        self.scope = scope

    async def __call__(self, request: Request) -> None:
        host = request.app.state.host
        caller: Caller = await host.tokens.caller(request.headers.get("authorization"), host.clock())
        branches = caller.branches_for(self.scope)
        if not branches:
            raise ScopeMissing(scope=self.scope)
        request.scope["caller"], request.scope["granted"] = caller, branches
        request.scope["state"]["actor"] = caller.id


class Open:
    """The mark of a route that anybody may call, with the reason."""

    def __init__(self, why: str) -> None:
        self.why = why

    async def __call__(self) -> None:
        return None


async def unpermitted(request: Request) -> Refusal | None:
    """The refusal that a request deserves which failed before its guard was asked: FastAPI reads the body first."""
    route = request.scope.get("route")
    depending = [depends.dependency for depends in getattr(route, "dependencies", ()) if depends.dependency]
    guard = guard_of(depending)
    if "caller" not in request.scope and isinstance(guard, Permit):
        try:
            await guard(request)
        except Refusal as refusal:
            return refusal
    return None


def requires(scope: str) -> Any:
    """The route's scope, `<things>:<verb>`; the caller's reach is the branches in which a role of his carries it."""
    return Depends(Permit(scope))


def open_to_all(why: str) -> Any:
    """No token needed, and why."""
    return Depends(Open(why))


def guard_of(dependencies: list[Callable[..., Any]]) -> Permit | Open | None:
    """The guard among a route's dependencies; None for a route that forgot it."""
    return next((call for call in dependencies if isinstance(call, Permit | Open)), None)
