"""The HTTP door of mandates."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.files import FileMissing
from chassis.http import Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from services.clients.clients.refusals import ClientNotFound, ContactNotFound, NumberMissing, RecordMerged
from services.clients.mandates import actions
from services.clients.mandates.model import Mandate, Signatures, Status
from services.clients.mandates.rules import (
    FullAuthorityRefused,
    MandateFixed,
    NotASignatory,
    NotInReview,
    ReasonMissing,
    ReviewedByAuthor,
    ReviewMissing,
    SignatoryMissing,
    SignedOutOfTime,
    TermsFaulty,
)
from services.clients.mandates.schemas import (
    ChangeMandate,
    DraftMandate,
    MandateView,
    ReviewMandate,
    SignMandate,
    TerminateMandate,
)
from services.clients.mandates.store import MandateNotFound, Mandates
from services.clients.people.actions import UserNotInBranch
from services.clients.people.store import UserUnknown

router = APIRouter(prefix="/mandates", tags=["mandates"])


@router.post(
    "",
    status_code=201,
    dependencies=[requires("mandates:write")],
    responses=refusals(ClientNotFound, RecordMerged, FullAuthorityRefused, TermsFaulty),
)
async def draft_mandate(body: DraftMandate, work: Work) -> MandateView:
    """Draft a mandate contract (委托合同) or letter of authority (授权委托书) for a client.

    Rule: CLI-054, CLI-055 (docs/rules/clients.md).
    """
    return await _view(await actions.draft_mandate(body.client_id, body.terms.terms(), work), work)


@router.patch(
    "/{mandate_id}",
    dependencies=[requires("mandates:write")],
    responses=refusals(MandateNotFound, MandateFixed, FullAuthorityRefused, TermsFaulty),
)
async def change_mandate(mandate_id: str, body: ChangeMandate, work: Work) -> MandateView:
    """Replace the terms of a draft.

    Rule: CLI-054, CLI-055 (docs/rules/clients.md).
    """
    return await _view(await actions.edit_mandate(mandate_id, body.terms.terms(), work), work)


@router.post(
    "/{mandate_id}/submission",
    dependencies=[requires("mandates:write")],
    responses=refusals(MandateNotFound, IllegalMove, MandateFixed, FullAuthorityRefused, TermsFaulty),
)
async def submit_mandate(mandate_id: str, work: Work) -> MandateView:
    """Give a draft to compliance.

    Rule: CLI-056 (docs/rules/clients.md).
    """
    return await _view(await actions.submit_mandate(mandate_id, work), work)


@router.post(
    "/{mandate_id}/review",
    dependencies=[requires("mandates:review")],
    responses=refusals(MandateNotFound, IllegalMove, NotInReview, ReviewedByAuthor, ReasonMissing),
)
async def review_mandate(mandate_id: str, body: ReviewMandate, work: Work) -> MandateView:
    """Compliance passes the mandate to be signed, or returns it as a draft with a reason. Never by one of its authors.

    Rule: CLI-056 (docs/rules/clients.md).
    """
    return await _view(await actions.review_mandate(mandate_id, body.passed, body.reason, work), work)


@router.post(
    "/{mandate_id}/signature",
    dependencies=[requires("mandates:write")],
    responses=refusals(
        MandateNotFound,
        IllegalMove,
        ReviewMissing,
        NumberMissing,
        SignatoryMissing,
        ContactNotFound,
        NotASignatory,
        SignedOutOfTime,
        UserUnknown,
        UserNotInBranch,
        FileMissing,
    ),
)
async def sign_mandate(mandate_id: str, body: SignMandate, work: Work) -> MandateView:
    """Record that both sides signed. The mandate is in force at once when its first day has come, else on that day.

    Rule: CLI-056, CLI-057, CLI-058 (docs/rules/clients.md).
    """
    signatures = Signatures(**{name: getattr(body, name) for name in SignMandate.model_fields})
    return await _view(await actions.sign_mandate(mandate_id, signatures, work), work)


@router.post(
    "/{mandate_id}/termination",
    dependencies=[requires("mandates:terminate")],
    responses=refusals(MandateNotFound, IllegalMove, FileMissing),
)
async def terminate_mandate(mandate_id: str, body: TerminateMandate, work: Work) -> MandateView:
    """End a signed or active mandate today.

    Rule: CLI-059 (docs/rules/clients.md).
    """
    return await _view(await actions.terminate_mandate(mandate_id, body.reason, body.evidence_id, work), work)


@router.get("/{mandate_id}", dependencies=[requires("mandates:read")], responses=refusals(MandateNotFound))
async def show_mandate(mandate_id: str, work: Work) -> MandateView:
    """One mandate, with warnings of contracts that it overlaps."""
    return await _view(await Mandates(work).get(mandate_id), work)


@router.get("", dependencies=[requires("mandates:read")])
async def list_mandates(
    work: Work,
    paging: Annotated[Listing, paged("terms.until_on")],
    client_id: Annotated[str | None, Query(max_length=64)] = None,
    status: Annotated[Status | None, Query()] = None,
) -> Page[MandateView]:
    """Mandates by page, newest first; of one client, or in one status."""
    told = {"client_id": client_id, "status": status}
    found = await Mandates(work).page(paging, {name: value for name, value in told.items() if value is not None})
    return Page(items=[MandateView.of(mandate) for mandate in found.items], next=found.next)


async def _view(mandate: Mandate, work: Work) -> MandateView:
    return MandateView.of(mandate, await actions.overlapping(mandate, work))
