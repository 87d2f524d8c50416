"""Proposals over HTTP: drafted, reviewed, sent, discussed, superseded, accepted in writing."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.files import FileMissing
from chassis.http import Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from services.placement.authority.rules import OwnWork, TierTooLow
from services.placement.enquiries.store import EnquiryNotFound
from services.placement.gates.rules import (
    MandateMissing,
    NoticeMissing,
    PractitionerOutOfScope,
    PractitionerUnregistered,
)
from services.placement.letterhead.rules import NoContact
from services.placement.proposals import actions
from services.placement.proposals.model import Status
from services.placement.proposals.rules import (
    AcceptanceFaulty,
    AnswerDatePast,
    AnswerLate,
    DecisionOutOfTime,
    EditionSuperseded,
    EnquiryNotClosed,
    NothingToPropose,
    OfferLapses,
    ProposalIncomplete,
    QuoteExpiredAtDecision,
)
from services.placement.proposals.schemas import (
    AcceptProposal,
    ChangeProposal,
    DeclineProposal,
    DiscussProposal,
    DraftProposal,
    ProposalLine,
    ProposalView,
    ReturnProposal,
    SendProposal,
)
from services.placement.proposals.store import EditionTaken, ProposalNotFound, Proposals
from services.placement.questionnaires.rules import MayNotSign

router = APIRouter(prefix="/proposals", tags=["proposals"])
paging = Annotated[Listing, paged("answer_until_on")]
GATES = (ProposalNotFound, IllegalMove, NoticeMissing, MandateMissing, PractitionerUnregistered, PractitionerOutOfScope)
Filter = Annotated[str | None, Query(max_length=64)]


@router.post(
    "",
    status_code=201,
    dependencies=[requires("proposals:write")],
    responses=refusals(EnquiryNotFound, EnquiryNotClosed, NothingToPropose, EditionTaken, *GATES[2:]),
)
async def draft_proposal(body: DraftProposal, work: Work) -> ProposalView:
    """Draft the first edition on a closed enquiry, with its shortlisted quotes that are valid and their comparison.

    Rule: PLC-060 (docs/rules/placement.md).
    """
    return ProposalView.of(await actions.draft_proposal(body.enquiry_id, work))


@router.get("", dependencies=[requires("proposals:read")])
async def list_proposals(
    work: Work,
    listing: paging,
    enquiry_id: Filter = None,
    client_id: Filter = None,
    status: Status | None = None,
) -> Page[ProposalLine]:
    """Proposals by page, narrowed to an enquiry, a client or a status."""
    told = {"enquiry_id": enquiry_id, "client_id": client_id, "status": status}
    found = await Proposals(work).page(listing, {name: value for name, value in told.items() if value is not None})
    return Page(items=[ProposalLine.of(proposal) for proposal in found.items], next=found.next)


@router.get("/{proposal_id}", dependencies=[requires("proposals:read")], responses=refusals(ProposalNotFound))
async def show_proposal(proposal_id: str, work: Work) -> ProposalView:
    """One edition of a proposal."""
    return ProposalView.of(await Proposals(work).get(proposal_id))


@router.patch(
    "/{proposal_id}",
    dependencies=[requires("proposals:write")],
    responses=refusals(*GATES, NothingToPropose),
)
async def change_proposal(proposal_id: str, body: ChangeProposal, work: Work) -> ProposalView:
    """Write the draft's advice, choose which shortlisted quotes it shows; whoever does may not review it."""
    return ProposalView.of(await actions.change_proposal(proposal_id, body.advice, body.quote_ids, work))


@router.post(
    "/{proposal_id}/submission",
    dependencies=[requires("proposals:write")],
    responses=refusals(*GATES, ProposalIncomplete),
)
async def submit_proposal(proposal_id: str, work: Work) -> ProposalView:
    """Give a complete draft to the tier that the authority matrix names for its premium.

    Rule: PLC-013, PLC-061 to PLC-064 (docs/rules/placement.md).
    """
    return ProposalView.of(await actions.submit_proposal(proposal_id, work))


@router.post(
    "/{proposal_id}/approval",
    dependencies=[requires("proposals:review")],
    responses=refusals(*GATES, OwnWork, TierTooLow),
)
async def approve_proposal(proposal_id: str, work: Work) -> ProposalView:
    """Approve it at its tier; never by somebody who wrote in it.

    Rule: PLC-012, SYS-011 (docs/rules/placement.md).
    """
    return ProposalView.of(await actions.approve_proposal(proposal_id, work))


@router.post(
    "/{proposal_id}/return",
    dependencies=[requires("proposals:review")],
    responses=refusals(*GATES, OwnWork, TierTooLow),
)
async def return_proposal(proposal_id: str, body: ReturnProposal, work: Work) -> ProposalView:
    """Send it back to be changed."""
    return ProposalView.of(await actions.return_proposal(proposal_id, body.reason, work))


@router.post(
    "/{proposal_id}/sending",
    dependencies=[requires("proposals:send")],
    responses=refusals(*GATES, OfferLapses, AnswerDatePast, NoContact),
)
async def send_proposal(proposal_id: str, body: SendProposal, work: Work) -> ProposalView:
    """Freeze the paper and send it to the client's contacts; every quoted term is valid at the answer date.

    Rule: PLC-066 (docs/rules/placement.md).
    """
    return ProposalView.of(await actions.send_proposal(proposal_id, body.answer_until_on, body.languages, work))


@router.post("/{proposal_id}/discussion", dependencies=[requires("proposals:write")], responses=refusals(*GATES))
async def discuss_proposal(proposal_id: str, body: DiscussProposal, work: Work) -> ProposalView:
    """The client has questions."""
    return ProposalView.of(await actions.discuss_proposal(proposal_id, body.note, work))


@router.post("/{proposal_id}/answer", dependencies=[requires("proposals:write")], responses=refusals(*GATES))
async def answer_client(proposal_id: str, body: DiscussProposal, work: Work) -> ProposalView:
    """The client's questions are answered; the edition stands as it was sent."""
    return ProposalView.of(await actions.answer_client(proposal_id, body.note, work))


@router.post(
    "/{proposal_id}/editions",
    status_code=201,
    dependencies=[requires("proposals:write")],
    responses=refusals(*GATES, NothingToPropose),
)
async def draft_edition(proposal_id: str, work: Work) -> ProposalView:
    """Draft the next edition, with the advice of this one, which is superseded by it.

    Rule: PLC-070 (docs/rules/placement.md).
    """
    return ProposalView.of(await actions.draft_edition(proposal_id, work))


@router.post(
    "/{proposal_id}/acceptance",
    dependencies=[requires("proposals:accept")],
    responses=refusals(
        *GATES,
        EditionSuperseded,
        MayNotSign,
        AcceptanceFaulty,
        DecisionOutOfTime,
        AnswerLate,
        QuoteExpiredAtDecision,
        FileMissing,
    ),
)
async def accept_proposal(proposal_id: str, body: AcceptProposal, work: Work) -> ProposalView:
    """Record the client's written acceptance of this edition; the chosen quotes are selected, the others rejected.

    Validity is judged at the instant of the client's decision.

    Rule: PLC-067 to PLC-070, PLC-072 (docs/rules/placement.md).
    """
    return ProposalView.of(await actions.accept_proposal(proposal_id, body.acceptance(), work))


@router.post("/{proposal_id}/declinature", dependencies=[requires("proposals:accept")], responses=refusals(*GATES))
async def decline_proposal(proposal_id: str, body: DeclineProposal, work: Work) -> ProposalView:
    """The client said no."""
    return ProposalView.of(await actions.decline_proposal(proposal_id, body.reason, work))
