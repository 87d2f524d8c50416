"""Quotes over HTTP: recorded, clarified, verified, compared, shortlisted."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.files import FileMissing
from chassis.http import Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from services.placement.clauses.store import ClauseNotFound
from services.placement.enquiries.store import EnquiryNotFound
from services.placement.gates.rules import (
    MandateMissing,
    NoticeMissing,
    PractitionerOutOfScope,
    PractitionerUnregistered,
)
from services.placement.quotes import actions
from services.placement.quotes.model import Status
from services.placement.quotes.rules import (
    ComparisonIncomplete,
    EnquiryOpen,
    OfferFaulty,
    QuoteLapsed,
    QuoteLate,
    QuoteUnverified,
    RevisionPassed,
    SecondPersonNeeded,
)
from services.placement.quotes.schemas import (
    AskClarification,
    ComparisonView,
    DeclineQuote,
    QuoteLine,
    QuoteView,
    RecordStanding,
    RecordTerms,
    VerifyQuote,
)
from services.placement.quotes.store import QuoteNotFound, Quotes

router = APIRouter(tags=["quotes"])
paging = Annotated[Listing, paged("closes_at")]
GATES = (QuoteNotFound, IllegalMove, NoticeMissing, MandateMissing, PractitionerUnregistered, PractitionerOutOfScope)
Filter = Annotated[str | None, Query(max_length=64)]


@router.get("/quotes", dependencies=[requires("quotes:read")])
async def list_quotes(
    work: Work,
    listing: paging,
    enquiry_id: Filter = None,
    client_id: Filter = None,
    insurer_id: Filter = None,
    status: Status | None = None,
) -> Page[QuoteLine]:
    """Quotes by page, narrowed to an enquiry, a client, an insurer or a status."""
    told = {"enquiry_id": enquiry_id, "client_id": client_id, "insurer_id": insurer_id, "status": status}
    found = await Quotes(work).lines(listing, {name: value for name, value in told.items() if value is not None})
    return Page(items=[QuoteLine.of(quote) for quote in found.items], next=found.next)


@router.get("/quotes/{quote_id}", dependencies=[requires("quotes:read")], responses=refusals(QuoteNotFound))
async def show_quote(quote_id: str, work: Work) -> QuoteView:
    """A quote with all its revisions."""
    return QuoteView.of(await Quotes(work).get(quote_id))


@router.post("/quotes/{quote_id}/acknowledgement", dependencies=[requires("quotes:write")], responses=refusals(*GATES))
async def acknowledge_quote(quote_id: str, work: Work) -> QuoteView:
    """The insurer confirmed that it has the enquiry."""
    return QuoteView.of(await actions.acknowledge_quote(quote_id, work))


@router.post(
    "/quotes/{quote_id}/terms",
    dependencies=[requires("quotes:write")],
    responses=refusals(*GATES, QuoteLate, OfferFaulty, FileMissing, ClauseNotFound),
)
async def receive_terms(quote_id: str, body: RecordTerms, work: Work) -> QuoteView:
    """Record the insurer's terms, in time up to the closing instant; restrictive conditions and shortfalls are found.

    Rule: PLC-050, PLC-051, PLC-054 (docs/rules/placement.md).
    """
    clauses = [clause.told() for clause in body.clauses]
    return QuoteView.of(await actions.receive_terms(quote_id, body.offered(), clauses, work))


@router.post("/quotes/{quote_id}/clarification", dependencies=[requires("quotes:write")], responses=refusals(*GATES))
async def ask_clarification(quote_id: str, body: AskClarification, work: Work) -> QuoteView:
    """Ask the insurer to clarify or better its terms."""
    return QuoteView.of(await actions.ask_clarification(quote_id, body.question, work))


@router.post(
    "/quotes/{quote_id}/revision",
    dependencies=[requires("quotes:write")],
    responses=refusals(*GATES, QuoteLate, OfferFaulty, FileMissing, ClauseNotFound),
)
async def revise_terms(quote_id: str, body: RecordTerms, work: Work) -> QuoteView:
    """Record the insurer's new terms; the old revision is kept, and a verification of it does not carry over.

    Rule: PLC-050, PLC-051, PLC-056 (docs/rules/placement.md).
    """
    clauses = [clause.told() for clause in body.clauses]
    return QuoteView.of(await actions.revise_terms(quote_id, body.offered(), clauses, work))


@router.post("/quotes/{quote_id}/declinature", dependencies=[requires("quotes:write")], responses=refusals(*GATES))
async def decline_quote(quote_id: str, body: DeclineQuote, work: Work) -> QuoteView:
    """The insurer declined, with its reason."""
    return QuoteView.of(await actions.decline_quote(quote_id, body.reason, work))


@router.post(
    "/quotes/{quote_id}/standing",
    dependencies=[requires("quotes:write")],
    responses=refusals(*GATES, OfferFaulty, FileMissing),
)
async def record_standing(quote_id: str, body: RecordStanding, work: Work) -> QuoteView:
    """Record solvency, claims authority, service, adjusters and payment speed of the insurer, with the source.

    Rule: PLC-053 (docs/rules/placement.md).
    """
    return QuoteView.of(await actions.record_standing(quote_id, body.standing(), work))


@router.post(
    "/quotes/{quote_id}/verification",
    dependencies=[requires("quotes:verify")],
    responses=refusals(*GATES, SecondPersonNeeded, RevisionPassed),
)
async def verify_quote(quote_id: str, body: VerifyQuote, work: Work) -> QuoteView:
    """A second person compared this revision with the insurer's paper.

    Rule: PLC-052 (docs/rules/placement.md).
    """
    return QuoteView.of(await actions.verify_quote(quote_id, body.revision, work))


@router.post(
    "/quotes/{quote_id}/shortlisting",
    dependencies=[requires("quotes:write")],
    responses=refusals(*GATES, EnquiryOpen, QuoteLapsed, QuoteUnverified, ComparisonIncomplete),
)
async def shortlist_quote(quote_id: str, work: Work) -> QuoteView:
    """Keep a compared quote for the proposal.

    Rule: PLC-052, PLC-053, PLC-055 (docs/rules/placement.md).
    """
    return QuoteView.of(await actions.shortlist_quote(quote_id, work))


@router.get(
    "/enquiries/{enquiry_id}/comparison",
    dependencies=[requires("quotes:read")],
    responses=refusals(EnquiryNotFound),
)
async def compare_quotes(enquiry_id: str, work: Work) -> ComparisonView:
    """All offers of an enquiry at once, in eight dimensions, with restrictive conditions and who did not offer.

    Rule: PLC-053, PLC-054 (docs/rules/placement.md).
    """
    matrix = await actions.compare_quotes(enquiry_id, work)
    work.answer.version = None
    return ComparisonView(id=enquiry_id, **{name: getattr(matrix, name) for name in type(matrix).model_fields})
