"""What HTTP sends and receives about practitioner registrations."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from chassis.http import Body, View
from contracts.personal import IdentityNumber
from contracts.shared import KindOfWork, LineFamily
from services.hr.registrations.model import Confirmation, Criteria, Registration, Scope, Status

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500)]


class ScopeBody(Body):
    """Which work in which lines of business."""

    kinds_of_work: list[KindOfWork] = Field(min_length=1, max_length=10)
    line_families: list[LineFamily] = Field(min_length=1, max_length=20)

    def read(self) -> Scope:
        """As the model has it."""
        return Scope(kinds_of_work=tuple(self.kinds_of_work), line_families=tuple(self.line_families))


class ConfirmationBody(Body):
    """Who confirms that a criterion is met (an employee, not himself), and on what grounds."""

    confirmed_by: Id
    grounds: Words

    def read(self) -> Confirmation:
        """As the model has it."""
        return Confirmation(confirmed_by=self.confirmed_by, grounds=self.grounds)


class CriteriaBody(Body):
    """The two conditions that an authorised person meets."""

    sense_of_responsibility: ConfirmationBody
    professional_knowledge: ConfirmationBody

    def read(self) -> Criteria:
        """As the model has it."""
        return Criteria(
            sense_of_responsibility=self.sense_of_responsibility.read(),
            professional_knowledge=self.professional_knowledge.read(),
        )


class Register(Body):
    """A registration from `from_on` on."""

    employee_id: Id
    number: IdentityNumber = Field(description="Practitioner number (执业登记编号), 26 digits")
    scope: ScopeBody
    criteria: CriteriaBody
    from_on: date


class Suspend(Body):
    """Why he may not practise for the time being."""

    reason: Words


class Cancel(Body):
    """Why it ends, and on which day (today without it)."""

    reason: Words
    cancelled_on: date | None = None


class RegistrationView(View):
    """A registration; the number is masked."""

    id: str
    version: int
    branch: str
    employee_id: str
    user_id: str | None
    number: IdentityNumber
    scope: Scope
    criteria: Criteria
    from_on: date
    status: Status
    reason: str
    cancelled_on: date | None


class NumberView(View):
    """The practitioner number in clear, as shown to clients."""

    id: str
    version: int
    number: str

    @classmethod
    def of(cls, state: Registration) -> "NumberView":
        """The number of a registration."""
        return cls(id=state.id, version=state.version, number=state.number.reveal())
