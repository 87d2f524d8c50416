"""Placing instructions over HTTP: drafted, issued, each insurer's written line, bound."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.files import FileMissing
from chassis.http import Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from services.placement.gates.rules import (
    MandateMissing,
    NoticeMissing,
    PractitionerOutOfScope,
    PractitionerUnregistered,
)
from services.placement.insurers.rules import InsurerNotLicensed, InsurerUnreachable
from services.placement.insurers.store import InsurerNotFound
from services.placement.placings import actions
from services.placement.placings.model import Instalment, Status
from services.placement.placings.rules import (
    AlreadyPartlyBound,
    LeadNotChosen,
    LeadRefused,
    LineFaulty,
    LineRefusedBefore,
    LinesOutstanding,
    NotOnPanel,
    PanelFaulty,
    ProposalNotAccepted,
    QuoteNotSelected,
    QuoteOnPanel,
    SigningFaulty,
)
from services.placement.placings.schemas import (
    ChangePlacing,
    DraftPlacing,
    GiveReason,
    IssuePlacing,
    PlacingLine,
    PlacingView,
    RecordLine,
    RefuseLine,
    SignDown,
)
from services.placement.placings.store import AlreadyPlaced, PlacingNotFound, Placings
from services.placement.proposals.store import ProposalNotFound
from services.placement.quotes.schemas import LeaveQuote, QuoteView
from services.placement.quotes.store import QuoteNotFound

router = APIRouter(prefix="/placings", tags=["placings"])
of_quotes = APIRouter(prefix="/quotes", tags=["quotes"])
paging = Annotated[Listing, paged()]
GATES = (PlacingNotFound, IllegalMove, NoticeMissing, MandateMissing, PractitionerUnregistered, PractitionerOutOfScope)
PANEL = (LeadNotChosen, PanelFaulty, InsurerNotFound, InsurerNotLicensed)
Filter = Annotated[str | None, Query(max_length=64)]


@router.post(
    "",
    status_code=201,
    dependencies=[requires("placings:write")],
    responses=refusals(ProposalNotFound, ProposalNotAccepted, AlreadyPlaced, *PANEL, *GATES[2:]),
)
async def draft_placing(body: DraftPlacing, work: Work) -> PlacingView:
    """Draft an instruction to a panel on one accepted edition of a proposal, at the terms of its leading quote.

    Rule: PLC-075 to PLC-077, PLC-081 (docs/rules/placement.md).
    """
    rest = {
        "collection": body.collection,
        "instalments": [Instalment(**part.model_dump()) for part in body.instalments],
        "owner_id": body.owner_id or work.actor.id,
        "reply_by_on": body.reply_by_on,
    }
    panel = [(seat.insurer_id, seat.share_bp, seat.lead) for seat in body.panel]
    return PlacingView.told(await actions.draft_placing(body.proposal_id, panel, rest, work))


@router.get("", dependencies=[requires("placings:read")])
async def list_placings(
    work: Work,
    listing: paging,
    proposal_id: Filter = None,
    client_id: Filter = None,
    status: Status | None = None,
) -> Page[PlacingLine]:
    """Instructions by page, narrowed to a proposal, a client or a status."""
    told = {"proposal_id": proposal_id, "client_id": client_id, "status": status}
    found = await Placings(work).page(listing, {name: value for name, value in told.items() if value is not None})
    return Page(items=[PlacingLine.of(placing) for placing in found.items], next=found.next)


@router.get("/{placing_id}", dependencies=[requires("placings:read")], responses=refusals(PlacingNotFound))
async def show_placing(placing_id: str, work: Work) -> PlacingView:
    """An instruction, the lines written so far, and what they total."""
    return PlacingView.told(await Placings(work).get(placing_id))


@router.patch("/{placing_id}", dependencies=[requires("placings:write")], responses=refusals(*GATES, *PANEL))
async def change_placing(placing_id: str, body: ChangePlacing, work: Work) -> PlacingView:
    """Change a draft's panel, payment, owner or reply date."""
    changes = {name: getattr(body, name) for name in body.model_fields_set - {"panel", "instalments"}}
    if "instalments" in body.model_fields_set:
        changes["instalments"] = [Instalment(**part.model_dump()) for part in body.instalments]
    panel = [(seat.insurer_id, seat.share_bp, seat.lead) for seat in body.panel]
    wanted = panel if "panel" in body.model_fields_set else None
    return PlacingView.told(await actions.change_placing(placing_id, wanted, changes, work))


@router.post(
    "/{placing_id}/issue",
    dependencies=[requires("placings:write")],
    responses=refusals(*GATES, QuoteNotSelected, InsurerNotLicensed, InsurerUnreachable),
)
async def issue_placing(placing_id: str, body: IssuePlacing, work: Work) -> PlacingView:
    """Freeze the paper and send it to the underwriters of the whole panel.

    Rule: PLC-008, PLC-075, PLC-077 (docs/rules/placement.md).
    """
    return PlacingView.told(await actions.issue_placing(placing_id, body.languages, work))


@router.post(
    "/{placing_id}/lines",
    dependencies=[requires("placings:bind")],
    responses=refusals(*GATES, NotOnPanel, LineRefusedBefore, LineFaulty, FileMissing),
)
async def write_line(placing_id: str, body: RecordLine, work: Work) -> PlacingView:
    """Record an insurer's written line; a later one of the same insurer takes its place.

    The placement is bound when all have answered and the lines total exactly 100 %.

    Rule: PLC-078 (docs/rules/placement.md).
    """
    return PlacingView.told(await actions.write_line(placing_id, body.model_dump(), work))


@router.post(
    "/{placing_id}/refused_lines",
    dependencies=[requires("placings:bind")],
    responses=refusals(*GATES, NotOnPanel, LineRefusedBefore),
)
async def refuse_line(placing_id: str, body: RefuseLine, work: Work) -> PlacingView:
    """Record that an insurer of the panel refused."""
    return PlacingView.told(await actions.refuse_line(placing_id, body.insurer_id, body.reason, work))


@router.post(
    "/{placing_id}/signing",
    dependencies=[requires("placings:bind")],
    responses=refusals(*GATES, LinesOutstanding, LeadRefused, SigningFaulty, FileMissing),
)
async def sign_down(placing_id: str, body: SignDown, work: Work) -> PlacingView:
    """Sign written lines down so that they total exactly 100 %.

    Rule: PLC-077, PLC-079 (docs/rules/placement.md).
    """
    shares = {share.insurer_id: share.share_bp for share in body.shares}
    return PlacingView.told(await actions.sign_down(placing_id, shares, body.evidence_id, work))


@router.post(
    "/{placing_id}/refusal", dependencies=[requires("placings:write")], responses=refusals(PlacingNotFound, IllegalMove)
)
async def refuse_placing(placing_id: str, body: GiveReason, work: Work) -> PlacingView:
    """It cannot be placed like this; another instruction may follow on the same acceptance."""
    return PlacingView.told(await actions.refuse_placing(placing_id, body.reason, work))


@router.post(
    "/{placing_id}/withdrawal",
    dependencies=[requires("placings:withdraw")],
    responses=refusals(PlacingNotFound, IllegalMove, AlreadyPartlyBound),
)
async def withdraw_placing(placing_id: str, body: GiveReason, work: Work) -> PlacingView:
    """The client withdraws before anything is bound; its selected quotes are not taken up.

    Rule: PLC-080 (docs/rules/placement.md).
    """
    return PlacingView.told(await actions.withdraw_placing(placing_id, body.reason, work))


@of_quotes.post(
    "/{quote_id}/non_take_up",
    dependencies=[requires("quotes:leave")],
    responses=refusals(QuoteNotFound, IllegalMove, QuoteOnPanel),
)
async def leave_quote(quote_id: str, body: LeaveQuote, work: Work) -> QuoteView:
    """The client withdraws before a selected quote is bound; refused while it is on the panel of a live instruction.

    Rule: PLC-077 (docs/rules/placement.md).
    """
    return QuoteView.of(await actions.leave_quote(quote_id, body.reason, work))
