"""What HTTP sends and receives of debit notes."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from chassis.http import Body, View
from contracts.money import Money
from services.finance.debit_notes.model import DebitNote, Instalment, Status
from services.finance.policies.model import Collection


class Part(Body):
    """A part of the premium; due by the end of a business date."""

    due_on: date
    amount: Money


Parts = Annotated[list[Part], Field(min_length=1, max_length=60)]


class DraftDebitNote(Body):
    """A note for a policy; without `instalments` by the policy's own plan."""

    policy_id: Annotated[str, Field(max_length=64)]
    instalments: Parts | None = None


class ChangeDebitNote(Body):
    """The draft's parts, all of them: they replace what was there."""

    instalments: Parts


class CancelDebitNote(Body):
    """Why a note is withdrawn."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


def parts_of(told: list[Part]) -> tuple[Instalment, ...]:
    """The parts, numbered from 1."""
    return tuple(Instalment(number=n, due_on=part.due_on, amount=part.amount) for n, part in enumerate(told, 1))


class InsurerView(View):
    """An insurer's share, in basis points of 100 %, and its part of the premium."""

    insurer_id: str
    insurer_name: str
    share_bp: int
    lead: bool
    premium: Money


class PartView(View):
    """A part of the premium."""

    number: int
    due_on: date
    amount: Money


class DebitNoteView(View):
    """A debit note (`collection` broker) or a notice of direct payment (`collection` insurer)."""

    id: str
    version: int
    branch: str
    status: Status
    number: str
    policy_id: str
    client_id: str
    line: str
    insured_name: str | None
    collection: Collection
    starts_on: date
    ends_on: date
    lines: list[InsurerView]
    total: Money
    instalments: list[PartView]
    makers: list[str]
    approved_by: str
    approved_at: datetime | None
    issued_on: date | None
    document_ids: list[str]
    cancelled_because: str
    overdue: bool

    @classmethod
    def seen(cls, note: DebitNote, on: date) -> "DebitNoteView":
        """The note as of a business date."""
        due_next_on = note.due_next_on()
        overdue = due_next_on is not None and due_next_on < on
        return cls.model_validate({**note.model_dump(), "overdue": overdue})
