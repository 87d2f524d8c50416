"""Registrations, and who is leaving, in MongoDB."""

from datetime import date
from typing import Any

from pymongo import IndexModel

from chassis.store import Store
from chassis.work import Work
from contracts.personal import IdentityNumber
from services.hr.registrations.model import Registration, Status
from services.hr.registrations.rules import (
    AlreadyRegistered,
    PractitionerNumberTaken,
    RegistrationNotFound,
)

LIVE = {"x.live": True}
BATCH = 200


class Registrations(Store[Registration]):
    """The registrations of the branches that the caller may see."""

    collection = "registrations"
    model = Registration
    missing = RegistrationNotFound
    indexes = [
        IndexModel([("x.number", 1)], name="number", unique=True, partialFilterExpression=LIVE),
        IndexModel([("employee_id", 1)], name="employee", unique=True, partialFilterExpression=LIVE),
        IndexModel([("employee_id", 1), ("_id", 1)], name="of_employee"),
        IndexModel([("x.number", 1), ("_id", 1)], name="by_number"),
        IndexModel([("branch", 1), ("status", 1)], name="branch"),
    ]
    duplicates = {"number": PractitionerNumberTaken, "employee": AlreadyRegistered}

    def extras(self, state: Registration) -> dict[str, Any]:
        """The fingerprint of the number, and whether the registration lives."""
        return {"number": self._fingerprint(state.number), "live": state.status is not Status.CANCELLED}

    async def is_somebody_elses(self, number: IdentityNumber, employee_id: str) -> bool:
        """Whether another employee has, or ever had, this number; whatever his branch."""
        condition = {"x.number": self._fingerprint(number), "employee_id": {"$ne": employee_id}}
        return await self._documents.find_one(condition, {"_id": 1}) is not None

    async def live_one(self, employee_id: str) -> Registration | None:
        """The employee's registration that is not cancelled."""
        return await self.first({"employee_id": employee_id, **LIVE})

    def _fingerprint(self, number: IdentityNumber) -> str:
        return self.work.db.keyring.fingerprint(number.reveal())


class Leavers:
    """Employees whose last day is known and whose registration has not been dealt with."""

    collection = "leavers"
    indexes = [IndexModel([("last_on", 1)], name="last_on")]

    def __init__(self, work: Work) -> None:
        self._documents = work.db[self.collection]

    async def put(self, employee_id: str, last_on: date) -> None:
        """Note a last day."""
        await self._documents.update_one({"_id": employee_id}, {"$set": {"last_on": last_on}}, upsert=True)

    async def due(self, today: date) -> list[str]:
        """Some whose last day is over, longest ago first."""
        cursor = self._documents.find({"last_on": {"$lt": today.isoformat()}}).sort("last_on", 1).limit(BATCH)
        return [found["_id"] for found in await cursor.to_list()]

    async def done(self, employee_id: str) -> None:
        """Nothing is left to do for him."""
        await self._documents.delete_one({"_id": employee_id})
