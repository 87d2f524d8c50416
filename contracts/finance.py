"""What finance tells: debit notes and their documents."""

from datetime import date

from .facts import Fact, Part
from .money import Money
from .shared import DocumentPart


class InstalmentDue(Part):
    """One part of a debit note; all parts add up to the total."""

    number: int
    due_on: date
    amount: Money


class DebitNoteDrafted(Fact, topic="finance.debit_notes"):
    """Raised from a bound policy, to be approved by a second person."""

    debit_note_id: str
    policy_id: str
    client_id: str
    total: Money
    instalments: list[InstalmentDue]


class DebitNoteApproved(Fact, topic="finance.debit_notes"):
    """Checked by somebody other than its maker."""

    debit_note_id: str
    approver_id: str


class DebitNoteIssued(Fact, topic="finance.debit_notes"):
    """Numbered and frozen; the number series of a branch and year has no holes."""

    debit_note_id: str
    number: str
    policy_id: str
    client_id: str
    total: Money
    instalments: list[InstalmentDue]
    document_id: str


class DebitNoteCancelled(Fact, topic="finance.debit_notes"):
    """Withdrawn before any payment; its number, if it had one, stays used."""

    debit_note_id: str
    reason: str


class FinanceDocumentIssued(Fact, DocumentPart, topic="finance.documents"):
    """A document of finance was frozen and is to be sent."""
