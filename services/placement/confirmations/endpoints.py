"""Cover confirmations over HTTP: drafted, issued at exactly 100 %, delivered."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.files import FileMissing
from chassis.http import Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from services.placement.confirmations import actions
from services.placement.confirmations.model import Status
from services.placement.confirmations.rules import (
    AnswersOutstanding,
    ConditionOpen,
    ConditionUnknown,
    DeliveredOutOfTime,
    SharesIncomplete,
)
from services.placement.confirmations.schemas import (
    ConfirmationView,
    DeliverConfirmation,
    DraftConfirmation,
    IssueConfirmation,
)
from services.placement.confirmations.store import AlreadyConfirmed, ConfirmationNotFound, Confirmations
from services.placement.gates.rules import (
    MandateMissing,
    NoticeMissing,
    PractitionerOutOfScope,
    PractitionerUnregistered,
)
from services.placement.letterhead.rules import NoContact
from services.placement.placings.rules import LeadRefused
from services.placement.placings.store import PlacingNotFound

router = APIRouter(prefix="/confirmations", tags=["confirmations"])
paging = Annotated[Listing, paged()]
GATES = (IllegalMove, NoticeMissing, MandateMissing, PractitionerUnregistered, PractitionerOutOfScope)
NOT_WHOLE = (SharesIncomplete, AnswersOutstanding, LeadRefused)
Filter = Annotated[str | None, Query(max_length=64)]


@router.post(
    "",
    status_code=201,
    dependencies=[requires("confirmations:write")],
    responses=refusals(PlacingNotFound, AlreadyConfirmed, *GATES[1:]),
)
async def draft_confirmation(body: DraftConfirmation, work: Work) -> ConfirmationView:
    """Draft the confirmation of a placing, with the conditions of its terms."""
    return ConfirmationView.of(await actions.draft_confirmation(body.placing_id, work))


@router.get("", dependencies=[requires("confirmations:read")])
async def list_confirmations(
    work: Work,
    listing: paging,
    placing_id: Filter = None,
    client_id: Filter = None,
    status: Status | None = None,
) -> Page[ConfirmationView]:
    """Confirmations by page, narrowed to a placing, a client or a status."""
    told = {"placing_id": placing_id, "client_id": client_id, "status": status}
    found = await Confirmations(work).page(listing, {name: value for name, value in told.items() if value is not None})
    return Page(items=[ConfirmationView.of(confirmation) for confirmation in found.items], next=found.next)


@router.get(
    "/{confirmation_id}", dependencies=[requires("confirmations:read")], responses=refusals(ConfirmationNotFound)
)
async def show_confirmation(confirmation_id: str, work: Work) -> ConfirmationView:
    """One confirmation."""
    return ConfirmationView.of(await Confirmations(work).get(confirmation_id))


@router.post(
    "/{confirmation_id}/issue",
    dependencies=[requires("confirmations:write")],
    responses=refusals(ConfirmationNotFound, *GATES, *NOT_WHOLE, ConditionOpen, ConditionUnknown, NoContact),
)
async def issue_confirmation(confirmation_id: str, body: IssueConfirmation, work: Work) -> ConfirmationView:
    """Confirm the cover to the client: only when the bound shares total exactly 100 %; the refusal names their sum.

    Rule: PLC-085, PLC-086 (docs/rules/placement.md).
    """
    return ConfirmationView.of(await actions.issue_confirmation(confirmation_id, body.met, body.languages, work))


@router.post(
    "/{confirmation_id}/delivery",
    dependencies=[requires("confirmations:deliver")],
    responses=refusals(ConfirmationNotFound, IllegalMove, DeliveredOutOfTime, FileMissing),
)
async def deliver_confirmation(confirmation_id: str, body: DeliverConfirmation, work: Work) -> ConfirmationView:
    """The client has it, with its receipt.

    Rule: PLC-087 (docs/rules/placement.md).
    """
    return ConfirmationView.of(
        await actions.deliver_confirmation(confirmation_id, body.delivered_at, body.evidence_id, work)
    )
