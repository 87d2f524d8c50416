"""Mandates in MongoDB."""

from datetime import date

from pymongo import IndexModel

from chassis.refusals import Missing
from chassis.store import Store
from services.clients.mandates.model import Mandate, Status
from services.clients.mandates.rules import warned_until

BATCH = 200
"""How many due mandates a job takes in hand at a time."""


class MandateNotFound(Missing):
    """No such mandate, or not in the caller's branches."""

    rule = "CLI-058"
    zh = "没有委托书 {id}"
    en = "There is no mandate {id}"


class Mandates(Store[Mandate]):
    """Mandates of the caller's branches."""

    collection = "mandates"
    model = Mandate
    missing = MandateNotFound
    indexes = [
        IndexModel([("client_id", 1), ("status", 1), ("_id", -1)], name="client"),
        IndexModel([("status", 1), ("terms.from_on", 1)], name="begins"),
        IndexModel([("status", 1), ("terms.until_on", 1), ("warned_on", 1)], name="ends"),
    ]

    async def standing(self, client_id: str) -> list[Mandate]:
        """The client's mandates that are signed or active."""
        condition = {"client_id": client_id, "status": {"$in": [Status.SIGNED, Status.ACTIVE]}}
        return await self.some(condition, limit=100)

    async def to_activate(self, on: date) -> list[Mandate]:
        """Signed ones whose first day has come."""
        return await self.some({"status": Status.SIGNED, "terms.from_on": {"$lte": on}}, BATCH, [("terms.from_on", 1)])

    async def to_warn(self, on: date) -> list[Mandate]:
        """Active ones whose end is near and was not told."""
        near = {"terms.until_on": {"$lte": warned_until(on)}}
        return await self.some({"status": Status.ACTIVE, "warned_on": None, **near}, BATCH, [("terms.until_on", 1)])

    async def to_expire(self, on: date) -> list[Mandate]:
        """Active ones whose last day is over."""
        return await self.some({"status": Status.ACTIVE, "terms.until_on": {"$lt": on}}, BATCH, [("terms.until_on", 1)])
