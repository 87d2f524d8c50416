"""Lifecycles: the drawn states, tabled, and one function that moves between them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from chassis.refusals import Conflict


class IllegalMove(Conflict):
    """The move is not in the lifecycle's table."""

    rule = "SYS-001"
    zh = "{noun}当前状态为 {state},不能变为 {target}"
    en = "The {noun} is {state} and cannot become {target}"
    todo_zh = "允许的下一状态:{allowed}"
    todo_en = "From {state} it can become: {allowed}"


class HasStatus(Protocol):
    """Anything with a `status` and `but`."""

    @property
    def status(self) -> StrEnum: ...
    def but(self, **changes: Any) -> Any: ...


S = TypeVar("S", bound=StrEnum)
T = TypeVar("T", bound=HasStatus)

Moves = Mapping[S, frozenset[S]]


def move(thing: T, moves: Moves[Any], target: StrEnum, **changes: Any) -> T:
    """The thing in its new status with `changes`; raises IllegalMove when the table does not allow it.

    A status that may stay the same while something changes has itself in its row.
    """
    if target not in moves[thing.status]:
        raise illegal(thing, moves, target)
    return thing.but(status=target, **changes)


def illegal(thing: HasStatus, moves: Moves[Any], target: StrEnum) -> IllegalMove:
    """The refusal of a move, for rules that allow less than the table does."""
    allowed = ", ".join(sorted(moves[thing.status] - {thing.status})) or "-"
    return IllegalMove(noun=type(thing).__name__, state=str(thing.status), target=str(target), allowed=allowed)
