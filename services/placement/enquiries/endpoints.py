"""Market enquiries: from the draft to the market and back."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from chassis.documents import PDF
from chassis.files import FileMissing, attachment
from chassis.http import Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from contracts.shared import LineFamily
from services.placement.authority.rules import DelegateBelowRequester, MatrixMissing, OwnWork, TierTooLow
from services.placement.clauses.rules import EditionNotFound
from services.placement.clauses.store import ClauseNotFound
from services.placement.enquiries import actions
from services.placement.enquiries.completeness import EnquiryIncomplete, TooFewInsurers
from services.placement.enquiries.model import Status
from services.placement.enquiries.rules import (
    ClosingPassed,
    ConfirmationOutOfTime,
    ConsentMissing,
    EnquiryOver,
    NothingAmended,
    StillOpen,
)
from services.placement.enquiries.schemas import (
    AmendEnquiry,
    ChangeEnquiry,
    DraftEnquiry,
    EnquiryLine,
    EnquiryView,
    GiveConsent,
    GiveUpEnquiry,
    IssueEnquiry,
    Lang,
    ReturnEnquiry,
)
from services.placement.enquiries.store import Enquiries, EnquiryNotFound
from services.placement.exchange_rates.rules import RateMissing
from services.placement.gates.rules import (
    MandateMissing,
    NoticeMissing,
    PractitionerOutOfScope,
    PractitionerUnregistered,
)
from services.placement.gates.store import ClientUnknown, UserUnknown
from services.placement.insurers.rules import InsurerNotLicensed, InsurerUnreachable
from services.placement.insurers.store import InsurerNotFound
from services.placement.questionnaires.rules import MayNotSign, QuestionnaireNotReturned
from services.placement.questionnaires.store import QuestionnaireNotFound
from services.placement.schedules.store import ScheduleNotFound

router = APIRouter(prefix="/enquiries", tags=["enquiries"])
paging = Annotated[Listing, paged("closes_at", "number")]
GATES = (
    EnquiryNotFound,
    IllegalMove,
    ClientUnknown,
    NoticeMissing,
    MandateMissing,
    UserUnknown,
    PractitionerUnregistered,
    PractitionerOutOfScope,
)


@router.post(
    "",
    status_code=201,
    dependencies=[requires("enquiries:write")],
    responses=refusals(QuestionnaireNotFound, QuestionnaireNotReturned, *GATES),
)
async def draft_enquiry(body: DraftEnquiry, work: Work) -> EnquiryView:
    """Draft a market enquiry from a returned questionnaire; its answers fill the sections.

    Rule: PLC-002, PLC-004, PLC-005, PLC-025 (docs/rules/placement.md).
    """
    return EnquiryView.of(await actions.draft_enquiry(body.questionnaire_id, body.handler_id, work))


@router.get("", dependencies=[requires("enquiries:read")])
async def list_enquiries(
    work: Work,
    listing: paging,
    client_id: Annotated[str | None, Query(max_length=64)] = None,
    project_id: Annotated[str | None, Query(max_length=64)] = None,
    line_family: LineFamily | None = None,
    status: Status | None = None,
) -> Page[EnquiryLine]:
    """Enquiries by page."""
    told = (("client_id", client_id), ("project_id", project_id), ("line_family", line_family), ("status", status))
    found = await Enquiries(work).page(listing, {name: value for name, value in told if value is not None})
    return Page(items=[EnquiryLine.of(enquiry) for enquiry in found.items], next=found.next)


@router.get("/{enquiry_id}", dependencies=[requires("enquiries:read")], responses=refusals(EnquiryNotFound))
async def show_enquiry(enquiry_id: str, work: Work) -> EnquiryView:
    """One enquiry with all its editions."""
    return EnquiryView.of(await actions.the_enquiry(enquiry_id, work))


@router.get(
    "/{enquiry_id}/preview",
    dependencies=[requires("enquiries:read")],
    responses=refusals(EnquiryNotFound, EnquiryIncomplete),
    response_class=Response,
)
async def preview_enquiry(enquiry_id: str, work: Work, closes_at: AwareDatetime, language: Lang = "zh") -> Response:
    """The PDF as it would be issued, for the client to consent to; nothing is kept.

    Rule: PLC-028 (docs/rules/placement.md).
    """
    content = await actions.preview_enquiry(enquiry_id, closes_at, language, work)
    return attachment(content, PDF, f"enquiry-{enquiry_id}.pdf")


@router.patch(
    "/{enquiry_id}",
    dependencies=[requires("enquiries:write")],
    responses=refusals(*GATES, ScheduleNotFound, ClauseNotFound, EditionNotFound),
)
async def change_enquiry(enquiry_id: str, body: ChangeEnquiry, work: Work) -> EnquiryView:
    """Write in a draft: each field that is sent is replaced, lists as a whole. Who writes in it may not review it.

    Rule: PLC-016, SYS-011 (docs/rules/placement.md).
    """
    changed = await actions.change_enquiry(enquiry_id, body.sections(), body.fields(), body.wanted_clauses(), work)
    return EnquiryView.of(changed)


@router.post(
    "/{enquiry_id}/submission",
    dependencies=[requires("enquiries:write")],
    responses=refusals(*GATES, EnquiryIncomplete, MatrixMissing, RateMissing, ScheduleNotFound),
)
async def submit_enquiry(enquiry_id: str, work: Work) -> EnquiryView:
    """Hand a complete draft in for review. The tier comes from the authority matrix of the day.

    Premiums of the same client and project whose covers begin within one year are added up before the tier is chosen.

    Rule: PLC-010, PLC-012, PLC-013, PLC-026 (docs/rules/placement.md).
    """
    return EnquiryView.of(await actions.submit_enquiry(enquiry_id, work))


@router.post(
    "/{enquiry_id}/approval",
    dependencies=[requires("enquiries:review")],
    responses=refusals(*GATES, OwnWork, TierTooLow, DelegateBelowRequester),
)
async def approve_enquiry(enquiry_id: str, work: Work) -> EnquiryView:
    """Approve it, at its tier or above, never as one who wrote in it.

    Rule: PLC-012, PLC-013, PLC-015, SYS-011 (docs/rules/placement.md).
    """
    return EnquiryView.of(await actions.approve_enquiry(enquiry_id, work))


@router.post(
    "/{enquiry_id}/return",
    dependencies=[requires("enquiries:review")],
    responses=refusals(*GATES, OwnWork, TierTooLow, DelegateBelowRequester),
)
async def return_enquiry(enquiry_id: str, body: ReturnEnquiry, work: Work) -> EnquiryView:
    """Send it back to its authors with what is to be changed.

    Rule: PLC-012, SYS-011 (docs/rules/placement.md).
    """
    return EnquiryView.of(await actions.return_enquiry(enquiry_id, body.reason, work))


@router.post(
    "/{enquiry_id}/consent",
    dependencies=[requires("enquiries:consent")],
    responses=refusals(*GATES, MayNotSign, FileMissing, ConfirmationOutOfTime),
)
async def consent_enquiry(enquiry_id: str, body: GiveConsent, work: Work) -> EnquiryView:
    """Record the client's written consent to the reviewed enquiry.

    Rule: PLC-022, PLC-027, PLC-028 (docs/rules/placement.md).
    """
    return EnquiryView.of(
        await actions.consent_enquiry(enquiry_id, body.contact_id, body.consented_at, body.file_id, work)
    )


@router.post(
    "/{enquiry_id}/issue",
    dependencies=[requires("enquiries:write")],
    responses=refusals(
        *GATES,
        TooFewInsurers,
        ClosingPassed,
        InsurerNotFound,
        InsurerNotLicensed,
        InsurerUnreachable,
        ScheduleNotFound,
    ),
)
async def issue_enquiry(enquiry_id: str, body: IssueEnquiry, work: Work) -> EnquiryView:
    """Issue it to insurers: the paper is frozen and goes to their underwriters. Fewer than three give a notice.

    Rule: PLC-008, PLC-028, PLC-029, PLC-030, PLC-031 (docs/rules/placement.md).
    """
    issued = await actions.issue_enquiry(enquiry_id, body.insurer_ids, body.closes_at, body.language, work)
    return EnquiryView.of(issued)


@router.post(
    "/{enquiry_id}/amendment",
    dependencies=[requires("enquiries:write")],
    responses=refusals(
        *GATES,
        EnquiryOver,
        NothingAmended,
        EnquiryIncomplete,
        ClosingPassed,
        ConsentMissing,
        ConfirmationOutOfTime,
        MayNotSign,
        FileMissing,
        InsurerNotLicensed,
        InsurerUnreachable,
        ScheduleNotFound,
        ClauseNotFound,
        EditionNotFound,
    ),
)
async def amend_enquiry(enquiry_id: str, body: AmendEnquiry, work: Work) -> EnquiryView:
    """Send a new edition to everybody who has the one before. Changed content needs the client's written consent.

    Rule: PLC-008, PLC-027, PLC-031, PLC-032 (docs/rules/placement.md).
    """
    given = body.consent
    consent = (given.contact_id, given.consented_at, given.file_id) if given else None
    amended = await actions.amend_enquiry(
        enquiry_id,
        body.sections(),
        body.wanted_clauses(),
        body.closes_at,
        body.changes,
        consent,
        body.language,
        work,
    )
    return EnquiryView.of(amended)


@router.post(
    "/{enquiry_id}/closing",
    dependencies=[requires("enquiries:write")],
    responses=refusals(EnquiryNotFound, IllegalMove, StillOpen),
)
async def close_enquiry(enquiry_id: str, work: Work) -> EnquiryView:
    """Close it when all insurers have answered or the closing instant is over, without waiting for the clock.

    Rule: PLC-033 (docs/rules/placement.md).
    """
    return EnquiryView.of(await actions.close_enquiry(enquiry_id, work))


@router.post(
    "/{enquiry_id}/withdrawal",
    dependencies=[requires("enquiries:withdraw")],
    responses=refusals(EnquiryNotFound, IllegalMove),
)
async def withdraw_enquiry(enquiry_id: str, body: GiveUpEnquiry, work: Work) -> EnquiryView:
    """Give it up before a proposal is built on it."""
    return EnquiryView.of(await actions.withdraw_enquiry(enquiry_id, body.reason, work))


@router.post(
    "/{enquiry_id}/failure",
    dependencies=[requires("enquiries:write")],
    responses=refusals(EnquiryNotFound, IllegalMove),
)
async def fail_enquiry(enquiry_id: str, body: GiveUpEnquiry, work: Work) -> EnquiryView:
    """Say that it closed without a usable quote."""
    return EnquiryView.of(await actions.fail_enquiry(enquiry_id, body.reason, work))
