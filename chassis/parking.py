"""Parked messages: what could not be handled, kept with its reason until it is redriven; and what came behind it,
in order.

Promises: a parked message is durable before the original is acknowledged; messages of one aggregate are redriven
in their order.
They lie in the service's own database (ADR 0004), where they can be listed, and outlive any retention of Kafka.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any

from pymongo.errors import DuplicateKeyError

from chassis import metrics
from chassis.clock import utc_now
from chassis.database import Database, Document
from chassis.logs import log

Deliver = Callable[[list[tuple[str, bytes | None]], bytes | None], Awaitable[Any]]
Headers = Iterable[tuple[str, bytes | None]]
MOST_BYTES = 12 * 1024 * 1024
"""Of a message that is kept; a document takes 16 MiB. Topics of ours take 4 MiB, others may be set otherwise."""


class Parking:
    """The parked messages of one service."""

    def __init__(self, db: Database, service: str) -> None:
        self._parked, self._service = db["parked"], service

    async def blocked(self, keys: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
        """Those of the keys, by topic, that have something parked."""
        parked = [{"topic": topic, "key": {"$in": list(some)}} for topic, some in keys.items()]
        blocked: dict[str, set[str]] = {topic: set() for topic in keys}
        for document in await self._parked.find({"$or": parked}, {"topic": 1, "key": 1}).to_list():
            blocked[document["topic"]].add(document["key"])
        return blocked

    async def park(
        self,
        topic: str,
        partition: int,
        offset: int,
        key: str,
        headers: Headers,
        value: bytes | None,
        error: str,
        *,
        again: bool,
    ) -> None:
        """Keep a message with the reason; the same one again keeps nothing new. `again`: it is tried again without
        a hand."""
        kept = [[name, text] for name, text in headers]
        size = len(value or b"") + sum(len(text or b"") for _, text in kept)
        if size > MOST_BYTES:
            kept, value, error = [], None, f"too large to be kept here ({size} bytes), it lies on Kafka only; {error}"
        document = {
            "_id": f"{topic}/{partition}/{offset}",
            "topic": topic,
            "partition": partition,
            "offset": await self._turn(topic, key, offset),
            "key": key,
            "headers": kept,
            "value": value,
            "error": error[:2000].encode(errors="replace").decode(),
            "again": again,
            "at": utc_now(),
        }
        there = await self._parked.find_one({"_id": document["_id"]}, {"headers": 1, "value": 1})
        if there and (there["headers"], there["value"]) != (kept, value):  # of before Kafka began anew
            document["_id"] += f"/{sha256(repr((kept, value)).encode()).hexdigest()[:16]}"
        try:
            await self._parked.insert_one(document)
        except DuplicateKeyError:
            return
        metrics.consumed(self._service, topic, "parked").inc()
        log.error("parked", service=self._service, message=document["_id"], key=key, error=error[:500])

    async def _turn(self, topic: str, key: str, offset: int) -> int:
        """The offset, or a place behind all that is parked of the aggregate, for offsets begin anew when Kafka does."""
        same = {"topic": topic, "key": key}
        last = await self._parked.find_one(same, {"offset": 1, "_id": 0}, sort=[("offset", -1)])
        return max(offset, last["offset"] + 1) if last else offset

    async def count(self) -> int:
        """How many are parked."""
        return await self._parked.count_documents({})

    async def redrive(self, deliver: Deliver, topic: str | None = None, *, by_itself: bool = False) -> tuple[int, int]:
        """Handle what is parked, each aggregate in order, until one of it fails again; gives (handled, left).

        `by_itself` leaves alone what needs a hand: a message that was refused for good, and what lies behind it.
        """
        handled = 0
        heads: set[tuple[str, str]] = set()
        cursor = self._parked.find({"topic": topic} if topic else {}).sort([("topic", 1), ("key", 1), ("offset", 1)])
        async for document in cursor:
            aggregate = (document["topic"], document["key"])
            if aggregate in heads:
                continue
            needs_hand = by_itself and not document["again"]
            if not needs_hand and await self._again(deliver, document):
                handled += 1
            else:
                heads.add(aggregate)
        return handled, await self.count()

    async def _again(self, deliver: Deliver, document: Document) -> bool:
        try:
            await deliver([(name, text) for name, text in document["headers"]], document["value"])
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"[:2000]
            await self._parked.update_one(
                {"_id": document["_id"]}, {"$set": {"error": reason}, "$inc": {"redriven": 1}}
            )
            return False
        await self._parked.delete_one({"_id": document["_id"]})
        return True
