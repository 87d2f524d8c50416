"""Five ways to break the chassis on purpose, so that the checks can show that they see it.

Nothing of this is in the product: the nursery breaks a process as it starts it, when `CHAOS_BROKEN` names a way.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from chassis.ids import new_id
from chassis.kafka import Message, Publisher
from chassis.leases import Lease
from chassis.listening import Listening
from chassis.relay import envelope, topic_of
from chassis.settings import Settings
from chassis.store import Store
from chassis.work import Work
from contracts import wire

FOR_EVER = 1e9
_sending: set[asyncio.Task[None]] = set()
_publishers: list[Publisher] = []


def break_chassis(name: str) -> None:
    """Break it in one way; nothing for an empty name."""
    if name:
        WAYS[name]()


def publish_before_commit() -> None:
    """An event goes to Kafka as soon as it is thought of, whether or not the change is kept."""
    original = Store._outbox  # pyright: ignore[reportPrivateUsage]

    def outbox(self: Store[Any], version: int, branch: str, facts: Any) -> list[dict[str, Any]]:
        events = original(self, version, branch, facts)
        for event, fact in zip(events, facts, strict=True):
            subject = next(iter(fact.model_dump().values()))
            subject = subject["client_id"] if isinstance(subject, dict) else subject
            task = asyncio.get_running_loop().create_task(_publish(self.work.service, subject, event))
            _sending.add(task)
            task.add_done_callback(_sending.discard)
        return events

    Store._outbox = outbox  # type: ignore[method-assign]  # pyright: ignore[reportPrivateUsage]


async def _publish(service: str, subject: str, event: dict[str, Any]) -> None:
    if not _publishers:
        _publishers.append(Publisher(Settings()))
    headers = wire.headers_of(envelope(service, subject, event))
    message = Message(topic_of(event["type"]), subject.encode(), event["data"].encode(), headers)
    await _publishers[0].publish([message], lambda: None)


def acknowledge_before_effect() -> None:
    """Offsets are committed before the messages are handled."""
    original = Listening._batch  # pyright: ignore[reportPrivateUsage]

    async def batch(self: Listening, batches: Any) -> None:
        ends = {place: records[-1].offset + 1 for place, records in batches.items()}
        await self._consumer.commit(ends)  # pyright: ignore[reportPrivateUsage]
        await original(self, batches)

    Listening._batch = batch  # type: ignore[method-assign]  # pyright: ignore[reportPrivateUsage]


def no_once_only_guard() -> None:
    """Work that is repeated gets new ids and does not look for its mark."""
    Work.new_id = lambda self, *purpose: new_id()  # type: ignore[method-assign]
    Store._done = lambda self, found: False  # type: ignore[method-assign]  # pyright: ignore[reportPrivateUsage]


def relay_without_lease() -> None:
    """Every worker takes itself for the one that relays."""

    async def hold(self: Lease) -> bool:
        found = await self._leases.find_one({"_id": self.name})  # pyright: ignore[reportPrivateUsage]
        self.epoch = (found or {}).get("epoch", 1)
        self._until = time.monotonic() + FOR_EVER  # pyright: ignore[reportPrivateUsage]
        self.taken.set()
        return True

    Lease.hold = hold  # type: ignore[method-assign]


class _Blind:
    """A collection that changes a document whatever its version is by now."""

    def __init__(self, documents: Any) -> None:
        self._documents = documents

    def __getattr__(self, name: str) -> Any:
        return getattr(self._documents, name)

    async def update_one(self, condition: dict[str, Any], *told: Any, **more: Any) -> Any:
        blind = {name: value for name, value in condition.items() if name != "v"}
        return await self._documents.update_one(blind, *told, **more)


def no_version_check() -> None:
    """A change is written over whatever came meanwhile."""
    original = Store.__init__

    def init(self: Store[Any], work: Work) -> None:
        original(self, work)
        self._documents = _Blind(self._documents)  # type: ignore[assignment]  # pyright: ignore

    Store.__init__ = init  # type: ignore[method-assign]


WAYS: dict[str, Callable[[], None]] = {
    "publish before commit": publish_before_commit,
    "acknowledge before effect": acknowledge_before_effect,
    "no once-only guard": no_once_only_guard,
    "relay without lease": relay_without_lease,
    "no version check": no_version_check,
}
