"""Leases on MongoDB's own clock: at most one holder at a time, counted by an epoch that only grows.

Does not promise that a holder which was stopped notices in time: what it does under the lease must bear being done
once more.
"""

import asyncio
import time
from contextlib import suppress
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError, PyMongoError

from chassis.database import Database

SECONDS = 10.0


class Lease:
    """One name, held by one process. Call `hold` about every third of `SECONDS`."""

    def __init__(self, db: Database, name: str, holder: str) -> None:
        self._leases, self.name, self.holder = db["leases"], name, holder
        self.epoch = 0
        self.taken = asyncio.Event()
        """Set when the lease was first held by this process."""
        self._made = False
        self._until = float("-inf")

    @property
    def held(self) -> bool:
        """Whether this process may act now, by its own monotonic clock with a margin."""
        return time.monotonic() < self._until

    async def hold(self) -> bool:
        """Take or prolong the lease; False when another process has it."""
        asked = time.monotonic()
        free = {"$or": [{"$eq": ["$holder", self.holder]}, {"$lt": ["$until", "$$NOW"]}]}
        later = {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": int(SECONDS * 1000)}}
        changed = {"$ne": ["$holder", self.holder]}
        steps: list[dict[str, Any]] = [
            {"$set": {"epoch": {"$add": ["$epoch", {"$cond": [changed, 1, 0]}]}}},
            {"$set": {"holder": self.holder, "until": later}},
        ]
        if not self._made:
            with suppress(DuplicateKeyError):  # another process made it in the same moment
                await self._leases.update_one(
                    {"_id": self.name}, {"$setOnInsert": {"holder": "", "until": 0, "epoch": 0}}, upsert=True
                )
            self._made = True
        found = await self._leases.find_one_and_update(
            {"_id": self.name, "$expr": free}, steps, return_document=ReturnDocument.AFTER
        )
        if found is None:
            self._until = float("-inf")
            return False
        self.epoch = found["epoch"]
        self._until = asked + SECONDS * 0.7
        self.taken.set()
        return True

    async def give_up(self) -> None:
        """Let another process take over at once; silent when the database is away, for then the lease runs out by
        itself."""
        self._until = float("-inf")
        try:
            await self._leases.update_one(
                {"_id": self.name, "holder": self.holder}, [{"$set": {"until": 0, "holder": ""}}]
            )
        except PyMongoError:
            return
