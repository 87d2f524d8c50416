"""Words that several services use."""

from enum import StrEnum

from .facts import Fact, Part
from .personal import EmailAddress, PersonName


class LineFamily(StrEnum):
    """Families of lines of business (险种大类)."""

    PROPERTY = "property"
    ENGINEERING = "engineering"
    LIABILITY = "liability"
    CARGO = "cargo"
    MOTOR = "motor"
    CREDIT = "credit"
    PERSONAL = "personal"
    BENEFITS = "benefits"


class KindOfWork(StrEnum):
    """What a practitioner is authorised for (业务授权范围): schemes and their presentation, policy check, claims
    assistance. SD-22."""

    SCHEME = "scheme"
    POLICY_CHECK = "policy_check"
    CLAIMS = "claims"


class Recipient(Part):
    """Somebody a document goes to. Name and address travel sealed, because the message is sent by another service."""

    kind: str
    """client, insurer or user"""
    party_id: str
    name: PersonName | None = None
    email: EmailAddress | None = None


class DocumentFact(Fact):
    """A frozen document: what it is, about what, and its content, sealed (base64 before sealing)."""

    document_id: str
    kind: str
    """enquiry, proposal, placing_instruction, cover_confirmation, debit_note"""
    about_kind: str
    about_id: str
    title: str
    language: str
    media_type: str
    sha256: str
    size: int
    content: str
    recipients: list[Recipient]
    client_id: str = ""
