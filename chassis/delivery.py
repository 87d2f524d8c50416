"""One delivered message: decoded, handed to its handlers with work in hand. Used by the worker, by redrive and by
tests."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chassis import tracing
from chassis.consuming import Handler
from chassis.logs import log, traced
from chassis.work import Work
from contracts import wire
from contracts.facts import FACTS, Envelope, Fact, without_version
from contracts.wire import Undecodable

if TYPE_CHECKING:
    from chassis.service import Host


class WrongKey(Undecodable):
    """The message does not lie under its aggregate's key, so that nothing is sure of its order."""

    def __init__(self, subject: str) -> None:
        super().__init__("the key is not the aggregate that the message is about")
        self.subject = subject


class TooNew(Undecodable):
    """A fact that is listened to, told only in a version of its contract that this code does not know yet."""


class Deliveries:
    """The handlers of a service by type of fact, and how one message reaches them."""

    def __init__(self, host: "Host") -> None:
        self.host = host
        self._handlers: dict[str, list[Handler]] = {}
        self._names: set[str] = set()
        self.topics = host.service.topics_heard
        for consumers in host.service.consumers:
            for fact, handler in consumers.handlers:
                self._handlers.setdefault(fact.type, []).append(handler)
                self._names.add(without_version(fact.type))

    async def deliver(
        self, headers: Iterable[tuple[str, bytes | None]], value: bytes | None, key: str | None = None
    ) -> bool:
        """Handle one message; False when nobody here listens to its type. Raises Undecodable, or what a handler
        raises.

        `key` is the one that the message lies under; None when somebody who looked at it wants it handled.
        """
        envelope = wire.envelope_of(headers)
        if key is not None and key != envelope.subject:
            raise WrongKey(envelope.subject)
        if envelope.type not in self._handlers:
            self._check_version(envelope)
            return False
        fact = wire.fact_of(envelope.type, value, self.host.db.keyring.open)
        assert fact is not None
        await self.handle(fact, envelope)
        return True

    def handlers(self, type_name: str) -> Sequence[Handler]:
        """Who listens to facts of a type, in the order of their declaration."""
        return self._handlers.get(type_name, ())

    async def handle(self, fact: Fact, envelope: Envelope) -> None:
        """Call each handler of a decoded fact, in the order of their declaration."""
        work = self.work_for(envelope)
        with (
            traced(work.traceparent, work.correlation, event_id=envelope.id, type=envelope.type),
            self.host.spans.span(
                f"handle {envelope.type}",
                *(work.traceparent, envelope.traceparent, "CONSUMER"),
                {"messaging.system": "kafka", "cloudevents.event_id": envelope.id},
            ),
        ):
            for handler in self.handlers(envelope.type):
                await handler(fact, replace(work, key=f"{envelope.id} {handler.__name__}"))
            log.info("handled", service=self.host.service.name, subject=envelope.subject, v=envelope.aggregateversion)

    def _check_version(self, envelope: Envelope) -> None:
        """Raises TooNew for what would be lost if it were passed over."""
        listened_to = without_version(envelope.type) in self._names
        if listened_to and envelope.type not in FACTS and not self._handlers.keys() & set(envelope.alsoas.split()):
            raise TooNew(f"{envelope.type} is newer than this code")

    def work_for(self, envelope: Envelope) -> Work:
        """Work in hand for an event: the system acts, in the event's trace, once for its id."""
        return self.host.system_work(
            event=envelope, correlation=envelope.correlationid, traceparent=tracing.child_of(envelope.traceparent)
        )
