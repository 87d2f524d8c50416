"""What a worker looks up every few seconds for those who watch it: what waits in the outboxes and on Kafka.

Promises: the age of the oldest event is that of the documents themselves, also of events that no relay got hold of; it
grows between two looks. Only who holds the lease tells of outboxes. Does not promise more than 10,000 of a collection:
counting a long backlog would slow it down.
"""

from datetime import UTC, datetime
from typing import Any

from chassis import metrics
from chassis.database import Database
from chassis.leases import Lease
from chassis.listening import Listening

MOST_COUNTED = 10_000
EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Watch:
    """The gauges of one worker."""

    def __init__(self, db: Database, service: str, collections: list[str], lease: Lease) -> None:
        self._db, self._service, self._collections, self._lease = db, service, collections, lease
        self._oldest_at: datetime | None = None
        self._topics: set[str] = set()
        self._pending = metrics.PENDING.labels(service)
        metrics.OLDEST.labels(service).set_function(self.oldest_seconds)
        metrics.EPOCH.labels(service).set_function(lambda: lease.epoch if lease.held else 0)

    def oldest_seconds(self) -> float:
        """Age of the oldest event that was waiting at the last look; 0 when none was, or another worker relays."""
        if self._oldest_at is None or not self._lease.held:
            return 0.0
        return max(0.0, (datetime.now(UTC) - self._oldest_at).total_seconds())

    async def look_at_outboxes(self) -> None:
        """Count what waits, in one question to MongoDB."""
        count, self._oldest_at = 0, None
        if self._lease.held and self._collections:
            first, *others = self._collections
            steps = [*_waiting(), *({"$unionWith": {"coll": name, "pipeline": _waiting()}} for name in others)]
            async with await self._db[first].aggregate(steps) as found:
                waiting = [one async for one in found]
            count = sum(one["count"] for one in waiting)
            self._oldest_at = min((one["oldest"] for one in waiting), default=None)
        self._pending.set(count)

    async def look_at_kafka(self, listening: Listening) -> None:
        """Tell how far behind this worker is in each topic; 0 for those that it has no part of any more."""
        lag = await listening.lag()
        for topic in self._topics - lag.keys():
            metrics.LAG.labels(self._service, topic).set(0)
        for topic, messages in lag.items():
            metrics.LAG.labels(self._service, topic).set(messages)
        self._topics |= lag.keys()


def _waiting() -> list[dict[str, Any]]:
    """What waits in a collection: read from the index alone."""
    return [
        {"$match": {"outbox_at": {"$gte": EVER}}},
        {"$sort": {"outbox_at": 1}},
        {"$limit": MOST_COUNTED},
        {"$group": {"_id": None, "count": {"$sum": 1}, "oldest": {"$min": "$outbox_at"}}},
    ]
