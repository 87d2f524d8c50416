"""Insurers over HTTP. Names and addresses of contacts are masked."""

from typing import Annotated

from pydantic import Field

from chassis.http import Body, View
from contracts.personal import EmailAddress, PersonName, PhoneNumber
from contracts.shared import LineFamily
from services.placement.insurers.model import Contact, ContactRole, Licence, Name, Office, Terms

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{2,20}$")]
Licences = Annotated[list[Licence], Field(min_length=1, max_length=50)]
Offices = Annotated[list[Office], Field(max_length=200)]


class AddContact(Body):
    """Somebody who works at the insurer; no line families means all."""

    role: ContactRole
    name: PersonName
    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    line_families: Annotated[list[LineFamily], Field(max_length=20)] = []


class ChangeContact(Body):
    """What changes; what is left out stays, null takes e-mail or telephone away."""

    role: ContactRole = ContactRole.UNDERWRITER
    name: PersonName = Field(default=None)  # type: ignore[assignment]
    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    line_families: Annotated[list[LineFamily], Field(max_length=20)] = []


class AddInsurer(Body):
    """An insurer for the panel."""

    code: Code
    name: Name
    licences: Licences
    offices: Offices = []
    terms: Terms | None = None


class ChangeInsurer(Body):
    """What changes; what is left out stays. Lists are replaced as a whole, null takes the terms away."""

    name: Name = ""
    licences: Licences = []
    offices: Offices = []
    terms: Terms | None = None


class ContactView(View):
    """A contact, masked."""

    id: str
    role: ContactRole
    name: PersonName
    email: EmailAddress | None
    phone: PhoneNumber | None
    line_families: list[LineFamily]


class InsurerView(View):
    """An insurer."""

    id: str
    version: int
    code: str
    name: str
    licences: list[Licence]
    offices: list[Office]
    contacts: list[ContactView]
    terms: Terms | None


class ContactInClear(View):
    """A contact, unmasked; reading it leaves an audit record."""

    id: str
    role: ContactRole
    name: str
    email: str | None
    phone: str | None

    @classmethod
    def of(cls, state: Contact) -> "ContactInClear":
        """The contact in clear."""
        return cls(
            id=state.id,
            role=state.role,
            name=state.name.reveal(),
            email=state.email.reveal() if state.email else None,
            phone=state.phone.reveal() if state.phone else None,
        )
