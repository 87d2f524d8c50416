"""Clients and prospects.

    add                    a mandate becomes active
─────────▶ prospect ─────────────────────────────▶ client
               │                                      │
               └───────────────▶ merged ◀─────────────┘   (a duplicate; leads to the record that stayed)
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chassis.model import Aggregate, Value
from contracts.personal import EmailAddress, IdentityNumber, PersonName, PhoneNumber, PostalAddress


class Kind(StrEnum):
    COMPANY = "company"
    INDIVIDUAL = "individual"


class Status(StrEnum):
    PROSPECT = "prospect"
    CLIENT = "client"
    MERGED = "merged"


MOVES = {
    Status.PROSPECT: frozenset({Status.CLIENT, Status.MERGED}),
    Status.CLIENT: frozenset({Status.MERGED}),
    Status.MERGED: frozenset[Status](),
}


class NumberKind(StrEnum):
    """A company has a unified social credit code; an individual a resident identity card or a passport."""

    USCC = "uscc"
    RESIDENT_ID = "resident_id"
    PASSPORT = "passport"


class Identity(Value):
    """A checked identity number; unique in the whole company."""

    kind: NumberKind
    number: IdentityNumber


class Classification(StrEnum):
    """How much of the firm's attention a client gets (C5)."""

    A = "A"
    B = "B"
    C = "C"


class ContactRole(StrEnum):
    DECISION = "decision"
    INSURANCE = "insurance"
    FINANCE = "finance"
    CLAIMS = "claims"


class Contact(Value):
    """Somebody to ask. `may_sign`: he binds the client with his signature."""

    id: str
    name: PersonName
    title: str = ""
    phone: PhoneNumber | None = None
    email: EmailAddress | None = None
    roles: tuple[ContactRole, ...] = ()
    may_sign: bool = False


class TeamRole(StrEnum):
    DIRECTOR = "director"
    MANAGER = "manager"
    EXECUTIVE = "executive"
    BROKER = "broker"


class Seat(Value):
    """A user's place in the service team (C9)."""

    user_id: Annotated[str, Field(max_length=64)]
    role: TeamRole


class FormerCode(Value):
    """A code under which a branch knew the client before; it still leads here."""

    branch: str
    code: str


class Client(Aggregate):
    """A client or prospect.

    A company has `name` and `address` in clear, an individual `person_name` and `person_address`, sealed. `region` is
    the province (GB/T 2260, two digits). `on_file_since_on` is what the branch that kept the record first tells.
    """

    kind: Kind
    status: Status = Status.PROSPECT
    code: str
    former_codes: tuple[FormerCode, ...] = ()
    name: str | None = None
    person_name: PersonName | None = None
    identity: Identity | None = None
    industry: str = ""
    region: str = ""
    city: str = ""
    address: str | None = None
    person_address: PostalAddress | None = None
    classification: Classification | None = None
    parent_id: str | None = None
    team: tuple[Seat, ...] = ()
    manager_name: str = ""
    """The account manager as an imported file names him, until the team is set."""
    contacts: tuple[Contact, ...] = ()
    note: str = ""
    on_file_since_on: date
    merged_into: str | None = None
