"""Obligations in MongoDB."""

from datetime import UTC, datetime
from typing import Any

from pymongo import IndexModel

from chassis.store import Store
from contracts.facts import Envelope, Fact
from services.notifications.obligations.catalogue import Clock, End, keys_of
from services.notifications.obligations.model import OPEN, Obligation
from services.notifications.obligations.rules import ObligationMissing

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
BATCH = 200
DUE = {"next_at": {"$type": "date"}}
GAP = {"gap_year": {"$type": "int"}}


class Obligations(Store[Obligation]):
    """One document for each obligation.

    `due_by` is its due instant, or far away while that is missing: lists sort by it.
    """

    collection = "obligations"
    model = Obligation
    missing = ObligationMissing
    indexes = [
        IndexModel([("next_at", 1), ("_id", 1)], name="next", partialFilterExpression=DUE),
        IndexModel([("keys", 1), ("clock", 1)], name="keys"),
        IndexModel([("owner_id", 1), ("due_by", 1), ("_id", 1)], name="owner"),
        IndexModel([("about_id", 1), ("due_by", 1), ("_id", 1)], name="about"),
        IndexModel([("branch", 1), ("due_by", 1), ("_id", 1)], name="branch"),
        IndexModel([("status", 1), ("_id", 1)], name="waiting", partialFilterExpression=GAP),
    ]

    def fields(self, state: Obligation) -> dict[str, Any]:
        """The state, with the key by which lists sort."""
        return {**super().fields(state), "due_by": state.due_at or NEVER}

    async def due(self, now: datetime) -> list[Obligation]:
        """Those whose clock has something to do by now, the longest waiting first."""
        return await self.some({"next_at": {**DUE["next_at"], "$lte": now}}, BATCH, [("next_at", 1), ("_id", 1)])

    async def ended_by(self, clock: Clock, end: End, fact: Fact, event: Envelope) -> list[Obligation]:
        """Open ones of a clock that a fact ends: those that began before it was told.

        Facts about the same thing are in the order of its versions; those about another thing only have their time.
        """
        assert clock.trigger is not None
        began: dict[str, Any] = {"since_version": {"$lt": event.aggregateversion}}
        if end.by != clock.trigger.about:
            began = {"triggered_at": {"$lte": event.time}}
        [key] = keys_of(fact, [end.by])
        found = await self.some({"keys": key, "clock": clock.name, "status": {"$in": list(OPEN)}, **began}, BATCH)
        held = keys_of(fact, end.covering)
        return [one for one in found if all(key in held for key in one.keys if key.partition("=")[0] in end.covering)]

    async def with_gap(self, after: str) -> list[Obligation]:
        """A batch of open ones whose computing waits for calendar data, by id."""
        condition = {**GAP, "_id": {"$gt": after}, "status": {"$in": list(OPEN)}}
        return await self.some(condition, BATCH)
