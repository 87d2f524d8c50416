"""What placement knows of clients, mandates, notices, projects, practitioners and users: copies fed by their events."""

from datetime import date
from enum import StrEnum

from chassis.model import Value
from contracts.clients import ContactCard, TeamMember
from contracts.identity import Assignment
from contracts.personal import EmailAddress, PersonName
from contracts.shared import KindOfWork, LineFamily

CONTRACT = "contract"
"""The kind of mandate (委托合同) that unlocks placement; a letter (授权委托书) only unlocks fact-finding."""


class ClientCopy(Value):
    """A client as its own service tells of it; `merged_into` leads to the record that stayed."""

    id: str
    branch: str
    code: str
    kind: str
    status: str
    name: str | None
    person_name: PersonName | None
    region: str
    industry: str = ""
    team: list[TeamMember] = []
    contacts: list[ContactCard] = []
    merged_into: str | None = None

    def called(self) -> str:
        """The full name, for documents that go to the client or on its behalf."""
        if self.name is not None:
            return self.name
        return self.person_name.reveal() if self.person_name else ""


class NoticeStatus(StrEnum):
    """How far a client notice has come."""

    DRAFTED = "drafted"
    ISSUED = "issued"
    ACKNOWLEDGED = "acknowledged"
    SUPERSEDED = "superseded"


class NoticeCopy(Value):
    """A client notice (客户告知书)."""

    id: str
    branch: str
    client_id: str
    status: NoticeStatus


class MandateStatus(StrEnum):
    """Whether a mandate has effect."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


class MandateCopy(Value):
    """A mandate; dates are inclusive business dates."""

    id: str
    branch: str
    client_id: str
    kind: str = ""
    status: MandateStatus = MandateStatus.PENDING
    line_families: list[LineFamily] = []
    from_on: date | None = None
    until_on: date | None = None

    def covers(self, line_family: LineFamily | None, on: date) -> bool:
        """Whether it is live on a business date and names the line family (None: whatever it names)."""
        if self.status is not MandateStatus.ACTIVE or self.from_on is None or self.until_on is None:
            return False
        return self.from_on <= on <= self.until_on and (line_family is None or line_family in self.line_families)


class ProjectCopy(Value):
    """A project registration (项目报备), as much as placement needs: whose it is and whether it is still open."""

    id: str
    branch: str
    client_id: str = ""
    open: bool = True


class RegistrationStatus(StrEnum):
    """The state of a practitioner registration (执业登记)."""

    REGISTERED = "registered"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"


class RegistrationCopy(Value):
    """A practitioner registration with its scope of authority."""

    id: str
    branch: str
    employee_id: str
    user_id: str | None = None
    status: RegistrationStatus
    kinds_of_work: list[KindOfWork] = []
    line_families: list[LineFamily] = []
    from_on: date

    def in_force(self, on: date) -> bool:
        """Whether its holder may practise on a business date."""
        return self.status is RegistrationStatus.REGISTERED and self.from_on <= on

    def allows(self, kind: KindOfWork, line_family: LineFamily) -> bool:
        """Whether its scope has this kind of work for this line family."""
        return kind in self.kinds_of_work and line_family in self.line_families


class EmployeeCopy(Value):
    """Somebody who works here: his sign-in and the employee he reports to. `last_on` is his last day."""

    id: str
    branch: str
    user_id: str | None = None
    supervisor_id: str | None = None
    last_on: date | None = None


class UserCopy(Value):
    """A user with his roles by branch."""

    id: str
    branch: str
    name: str
    email: EmailAddress
    language: str
    assignments: list[Assignment] = []
    disabled: bool = False
