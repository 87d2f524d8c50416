"""Employees in MongoDB; identity numbers are found by their fingerprint."""

from dataclasses import replace
from typing import Any

from pymongo import IndexModel

from chassis.store import Store
from services.hr.employees.model import Employee, Status
from services.hr.employees.rules import AlreadyEmployed, EmployeeNotFound, NumberTaken, UserTaken

HIGHEST_CHAIN = 50


class Employees(Store[Employee]):
    """The employees of the branches that the caller may see."""

    collection = "employees"
    model = Employee
    missing = EmployeeNotFound
    indexes = [
        IndexModel([("number", 1)], name="number", unique=True),
        IndexModel([("branch", 1), ("name", 1)], name="branch"),
        IndexModel(
            [("user_id", 1)],
            name="user",
            unique=True,
            partialFilterExpression={"user_id": {"$type": "string"}, "x.live": True},
        ),
        IndexModel([("x.identity", 1)], name="identity", unique=True, partialFilterExpression={"x.live": True}),
    ]
    duplicates = {"number": NumberTaken, "user": UserTaken, "identity": AlreadyEmployed}

    def extras(self, state: Employee) -> dict[str, Any]:
        """The fingerprint of the identity number, and whether he works here."""
        number = self.work.db.keyring.fingerprint(state.identity_number.reveal())
        return {"identity": number, "live": state.status is Status.EMPLOYED}

    async def anywhere(self, employee_id: str) -> Employee | None:
        """Somebody of whatever branch: for rules, not for showing."""
        return await Employees(replace(self.work, reach=None)).first({"_id": employee_id})

    async def chain(self, supervisor_id: str | None) -> list[Employee]:
        """A superior with his superiors, upwards; empty when there is none."""
        found: list[Employee] = []
        while supervisor_id is not None and len(found) < HIGHEST_CHAIN:
            superior = await self.anywhere(supervisor_id)
            if superior is None or superior in found:
                break
            found.append(superior)
            supervisor_id = superior.supervisor_id
        return found
