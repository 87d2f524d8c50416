"""Makers for hr's tests: employees and practitioner registrations over HTTP, and as values."""

from datetime import date
from typing import Any

from contracts.identity import UserAdded
from contracts.personal import EmailAddress, IdentityNumber
from contracts.shared import KindOfWork, LineFamily
from services.hr.employees.model import Employee, Place
from services.hr.registrations.model import Confirmation, Criteria, Registration, Scope
from tests.support.service import HQ, Caller, RunningService

NUMBERS = ("420100199306117100", "310100197511274004", "330100199203210802", "11010519491231002X", "440524188001010014")
PRACTITIONER = "02310000000000002018100001"
SCOPE = {"kinds_of_work": ["scheme"], "line_families": ["property"]}


class Hr:
    """A running hr service that knows headquarters, two branches (gd with sz below, zj) and some users."""

    def __init__(self, service: RunningService) -> None:
        self.service, self.clock = service, service.clock
        self._hired = 0

    async def set_up(self) -> None:
        """Branches and users, as their events would have told."""
        for branch, parent in (("gd", HQ), ("sz", "gd"), ("zj", HQ)):
            await self.service.knows_branch(branch, parent)
        for user in ("ann", "bob", "officer"):
            email = EmailAddress(f"{user}@b.cn")
            await self.service.receives(
                UserAdded(user_id=user, name=user, email=email, language="zh", assignments=[]), user
            )

    def officer(self, branch: str = HQ, user: str = "officer") -> Caller:
        """Somebody of human resources."""
        return self.service.user(user, branch)

    async def employee(self, branch: str = "gd", **more: Any) -> dict[str, Any]:
        """An employee; each one has a number and an identity number of his own."""
        self._hired += 1
        told = {
            "number": f"E{self._hired:04}",
            "name": f"员工{self._hired}",
            "branch_id": branch,
            "from_on": "2020-01-01",
            "position": "客户经理",
            "identity_number": NUMBERS[self._hired - 1],
        }
        answer = await self.officer().post("/employees", told | more)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def registered(self, employee: dict[str, Any], confirmer: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The employee's registration."""
        answer = await self.officer().post("/registrations", a_request(employee["id"], confirmer["id"], **more))
        assert answer.status_code == 201, answer.text
        return answer.json()


def a_request(employee_id: str, confirmer_id: str, **more: Any) -> dict[str, Any]:
    """What POST /registrations takes."""
    word = {"confirmed_by": confirmer_id, "grounds": "三年从业,考核优秀"}
    criteria = {"sense_of_responsibility": word, "professional_knowledge": word}
    told = {
        "employee_id": employee_id,
        "number": PRACTITIONER,
        "scope": SCOPE,
        "criteria": criteria,
        "from_on": "2026-01-01",
    }
    return told | more


def an_employee(employee_id: str = "e1", **more: Any) -> Employee:
    """An employee, in unit tests."""
    told: dict[str, Any] = {
        "branch": "gd",
        "number": employee_id.upper(),
        "name": employee_id,
        "places": (Place(branch_id="gd", from_on=date(2020, 1, 1)),),
        "position": "客户经理",
        "identity_number": IdentityNumber(NUMBERS[0]),
    }
    return Employee(id=employee_id, **(told | more))


def a_registration(**more: Any) -> Registration:
    """A registration of e1, confirmed by e2, in unit tests."""
    word = Confirmation(confirmed_by="e2", grounds="考核优秀")
    told: dict[str, Any] = {
        "id": "r1",
        "branch": "gd",
        "employee_id": "e1",
        "user_id": "ann",
        "number": IdentityNumber(PRACTITIONER),
        "scope": Scope(kinds_of_work=(KindOfWork.SCHEME,), line_families=(LineFamily.PROPERTY,)),
        "criteria": Criteria(sense_of_responsibility=word, professional_knowledge=word),
        "from_on": date(2026, 1, 1),
    }
    return Registration(**(told | more))
