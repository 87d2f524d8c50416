"""What HTTP sends and receives about employees."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from chassis.http import Body, View
from contracts.personal import IdentityNumber, PhoneNumber
from services.hr.employees.model import Place, Status

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$")]
Number = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Z0-9-]{1,20}$")]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Hire(Body):
    """A new employee of a branch, from `from_on` on."""

    number: Number = Field(description="Staff number, unique in the company")
    name: Text
    branch_id: Id
    from_on: date
    position: Text
    identity_number: IdentityNumber
    phone: PhoneNumber | None = None
    user_id: Id | None = Field(default=None, description="Whom he signs in as")
    supervisor_id: Id | None = Field(default=None, description="The employee to whom he reports")


class EditEmployee(Body):
    """What is left out stays as it is; null takes the telephone, the sign-in or the superior away."""

    name: Text = "-"
    position: Text = "-"
    phone: PhoneNumber | None = None
    user_id: Id | None = None
    supervisor_id: Id | None = None


class Transfer(Body):
    """Works for `branch_id` from `from_on` on: today at the latest, and after the last transfer."""

    branch_id: Id
    from_on: date


class Leave(Body):
    """The last day, in the past or to come."""

    last_on: date


class EmployeeView(View):
    """An employee; identity number and telephone are masked."""

    id: str
    version: int
    number: str
    name: str
    branch: str
    places: tuple[Place, ...] = Field(description="All branches he worked for, with their first days")
    user_id: str | None
    supervisor_id: str | None
    position: str
    identity_number: IdentityNumber
    phone: PhoneNumber | None
    status: Status
    last_on: date | None


class PersonalDataView(View):
    """An employee's numbers in clear."""

    id: str
    version: int
    identity_number: str
    phone: str | None
