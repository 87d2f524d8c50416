"""What finance tells: client money accounts, debit notes and their documents."""

from datetime import date

from .facts import Fact, Part
from .money import Money
from .shared import DocumentFact


class ClientAccountProposed(Fact, topic="finance.client_accounts"):
    """A client money account (客户资金专用账户) of a branch was entered, to be confirmed by a second person."""

    account_id: str
    currency: str


class ClientAccountConfirmed(Fact, topic="finance.client_accounts"):
    """In use: debit notes of the branch, and of those below it that have none, name it."""

    account_id: str
    currency: str
    approver_id: str


class ClientAccountClosed(Fact, topic="finance.client_accounts"):
    """No longer named on new debit notes."""

    account_id: str
    reason: str


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
    collection: str = "broker"
    """broker, or insurer: then it only tells the client what to pay to the insurers (F4)."""


class DebitNoteChanged(Fact, topic="finance.debit_notes"):
    """The draft's instalment plan is now this; the total is the same."""

    debit_note_id: str
    instalments: list[InstalmentDue]


class DebitNoteApproved(Fact, topic="finance.debit_notes"):
    """Checked by somebody other than its maker."""

    debit_note_id: str
    approver_id: str


class DebitNoteNumbered(Fact, topic="finance.debit_notes"):
    """It has the next number of its branch and year, and is about to be issued."""

    debit_note_id: str
    number: str


class DebitNoteIssued(Fact, topic="finance.debit_notes"):
    """Numbered and frozen; the number series of a branch and year has no holes."""

    debit_note_id: str
    number: str
    policy_id: str
    client_id: str
    total: Money
    instalments: list[InstalmentDue]
    document_id: str
    collection: str = "broker"


class DebitNoteCancelled(Fact, topic="finance.debit_notes"):
    """Withdrawn before any payment; its number, if it had one, stays used."""

    debit_note_id: str
    reason: str


class FinanceDocumentIssued(DocumentFact, topic="finance.documents"):
    """A document of finance was frozen and is to be sent."""
