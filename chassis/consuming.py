"""The event door: which facts a service listens to, and how one delivered message becomes one effect.

Promises: an effect is durable before its message is acknowledged; a message that cannot be handled is parked with
its reason, never
dropped, and so are later ones of the same aggregate, in order; transient faults are tried again with growing pauses.
Does not promise: one delivery. The guard against the second is in the effect: `work.new_id`, the once-only mark of
`Store.change`,
or the high-water mark of `Copy.put`.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from chassis.work import Work
from contracts.facts import Fact

F = TypeVar("F", bound=Callable[..., Awaitable[None]])
Handler = Callable[[Any, Work], Awaitable[None]]


class Consumers:
    """A slice's handlers, by the type of fact."""

    def __init__(self) -> None:
        self.handlers: list[tuple[type[Fact], Handler]] = []

    def on(self, *facts: type[Fact]) -> Callable[[F], F]:
        """Call the function for each of these facts, once or more often; several functions may listen to one."""

        def keep(handler: F) -> F:
            self.handlers.extend((fact, handler) for fact in facts)
            return handler

        return keep
