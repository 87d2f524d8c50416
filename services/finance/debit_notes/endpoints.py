"""The HTTP door of debit notes."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.http import Flag, Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from services.finance.client_accounts.rules import NoClientAccount
from services.finance.debit_notes import actions
from services.finance.debit_notes.model import Status
from services.finance.debit_notes.rules import (
    AlreadyBilled,
    AmountsFrozen,
    NoContact,
    OwnNote,
    PlanBroken,
    PolicyVoid,
)
from services.finance.debit_notes.schemas import (
    CancelDebitNote,
    ChangeDebitNote,
    DebitNoteView,
    DraftDebitNote,
    parts_of,
)
from services.finance.debit_notes.store import DebitNoteMissing, DebitNotes, matching
from services.finance.parties.actions import ClientUnknown
from services.finance.policies.store import PolicyUnknown

router = APIRouter(prefix="/debit_notes", tags=["debit_notes"])
paging = Annotated[Listing, paged("number")]
Id = Annotated[str | None, Query(max_length=64)]


@router.post(
    "",
    status_code=201,
    dependencies=[requires("debit_notes:write")],
    responses=refusals(PolicyUnknown, PolicyVoid, AlreadyBilled, PlanBroken, ClientUnknown),
)
async def draft_debit_note(body: DraftDebitNote, work: Work) -> DebitNoteView:
    """Draft a note for a policy whose first one, made by the system, was cancelled. Rule: FIN-003, FIN-001."""
    parts = parts_of(body.instalments) if body.instalments is not None else None
    return DebitNoteView.seen(await actions.draft_debit_note(body.policy_id, parts, work), work.today)


@router.patch(
    "/{note_id}",
    dependencies=[requires("debit_notes:write")],
    responses=refusals(DebitNoteMissing, AmountsFrozen, PlanBroken),
)
async def change_debit_note(note_id: str, body: ChangeDebitNote, work: Work) -> DebitNoteView:
    """Replace a draft's parts; they add up to the total. Who does so may not approve it. Rule: FIN-001, FIN-002."""
    return DebitNoteView.seen(await actions.change_plan(note_id, parts_of(body.instalments), work), work.today)


@router.post(
    "/{note_id}/approval",
    dependencies=[requires("debit_notes:approve")],
    responses=refusals(DebitNoteMissing, OwnNote, IllegalMove),
)
async def approve_debit_note(note_id: str, work: Work) -> DebitNoteView:
    """Approve a draft that somebody else made. Rule: SYS-011."""
    return DebitNoteView.seen(await actions.approve_debit_note(note_id, work), work.today)


@router.post(
    "/{note_id}/issue",
    dependencies=[requires("debit_notes:issue")],
    responses=refusals(DebitNoteMissing, NoClientAccount, NoContact, ClientUnknown, IllegalMove),
)
async def issue_debit_note(note_id: str, work: Work) -> DebitNoteView:
    """Issue an approved note: numbered, its PDF frozen and sent to the client's finance contacts.

    Rule: FIN-002, FIN-004, FIN-006, FIN-007 (docs/rules/finance.md).
    """
    return DebitNoteView.seen(await actions.issue_debit_note(note_id, work), work.today)


@router.post(
    "/{note_id}/cancellation",
    dependencies=[requires("debit_notes:cancel")],
    responses=refusals(DebitNoteMissing, IllegalMove),
)
async def cancel_debit_note(note_id: str, body: CancelDebitNote, work: Work) -> DebitNoteView:
    """Withdraw a note before anything is paid on it; its number stays used. Rule: FIN-005."""
    return DebitNoteView.seen(await actions.cancel_debit_note(note_id, body.reason, work), work.today)


@router.get("", dependencies=[requires("debit_notes:read")])
async def list_debit_notes(
    work: Work,
    listing: paging,
    client_id: Id = None,
    policy_id: Id = None,
    status: Status | None = None,
    overdue: Annotated[Flag | None, Query(description="Issued, and its first unpaid part was due before today")] = None,
) -> Page[DebitNoteView]:
    """Debit notes by page."""
    condition = matching(client_id, policy_id, status, overdue, work.today)
    found = await DebitNotes(work).page(listing, condition)
    return Page(items=[DebitNoteView.seen(note, work.today) for note in found.items], next=found.next)


@router.get("/{note_id}", dependencies=[requires("debit_notes:read")], responses=refusals(DebitNoteMissing))
async def show_debit_note(note_id: str, work: Work) -> DebitNoteView:
    """One debit note."""
    return DebitNoteView.seen(await DebitNotes(work).get(note_id), work.today)
