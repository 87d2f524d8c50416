"""Insurers: what they may write and where, who works there, and what was agreed with them."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chassis.model import Aggregate, Value
from contracts.personal import EmailAddress, PersonName, PhoneNumber
from contracts.shared import LineFamily

ANYWHERE = "*"
Name = Annotated[str, Field(min_length=1, max_length=120)]
Region = Annotated[str, Field(pattern=r"^[1-9][0-9]$", description="Province, two-digit code of GB/T 2260")]
Days = Annotated[int, Field(ge=0, le=365)]


class Licence(Value):
    """Line families that an insurer may write in regions (province codes, "*" for the whole country), until a date."""

    line_families: Annotated[list[LineFamily], Field(min_length=1, max_length=20)]
    regions: Annotated[list[Annotated[str, Field(pattern=r"^([1-9][0-9]|\*)$")]], Field(min_length=1, max_length=40)]
    until_on: date | None = None


class Office(Value):
    """A branch of an insurer."""

    name: Name
    region: Region


class ContactRole(StrEnum):
    """What a contact of an insurer is there for."""

    UNDERWRITER = "underwriter"
    CLAIMS = "claims"
    FINANCE = "finance"
    MANAGEMENT = "management"


class Contact(Value):
    """Somebody at an insurer. No line families: all of them."""

    id: str
    role: ContactRole
    name: PersonName
    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    line_families: list[LineFamily] = []

    def serves(self, role: ContactRole, line_family: LineFamily) -> bool:
        """Whether he is the one for a role and a line family."""
        return self.role is role and (not self.line_families or line_family in self.line_families)


class Terms(Value):
    """What the cooperation agreement says (Art 49). `issue_days` are working days to issue a policy, others natural."""

    agreement: Name
    from_on: date
    until_on: date | None = None
    issue_days: Days | None = None
    remittance_days: Days | None = None
    commission_days: Days | None = None
    penalty: Annotated[str, Field(max_length=500)] = ""


class Insurer(Aggregate):
    """An insurer of the panel."""

    code: str
    name: str
    licences: list[Licence]
    offices: list[Office] = []
    contacts: list[Contact] = []
    terms: Terms | None = None
