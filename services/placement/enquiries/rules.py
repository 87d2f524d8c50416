"""The lifecycle of an enquiry: every move with its conditions. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from chassis.model import Value
from chassis.moves import IllegalMove, move
from chassis.refusals import Conflict, Invalid
from contracts.placement import (
    SlipAmended,
    SlipApproved,
    SlipChanged,
    SlipClosed,
    SlipConsented,
    SlipConverted,
    SlipDrafted,
    SlipFailed,
    SlipIssued,
    SlipReturned,
    SlipSubmittedForReview,
    SlipWithdrawn,
)
from services.placement.authority.model import Tier
from services.placement.enquiries.completeness import LEAST_INSURERS, TooFewInsurers, check_complete
from services.placement.enquiries.model import (
    MOVES,
    Amendment,
    CloseReason,
    Consent,
    Content,
    Counted,
    Edition,
    Enquiry,
    Review,
    Risk,
    Status,
)
from services.placement.gates.insured import as_kept


class ConfirmationOutOfTime(Conflict):
    """A written confirmation is older than what it confirms, or lies in the future."""

    rule = "PLC-027"
    zh = "书面认可的时间 {at} 不在 {since} 与当前时间之间"
    en = "The written consent of {at} does not lie between {since} and now"
    todo_zh = "请核对签署时间"
    todo_en = "Check when it was signed"


class ConsentMissing(Conflict):
    """An edition whose content the client has not consented to cannot leave."""

    rule = "PLC-032"
    zh = "修订改变了询价书内容,但没有客户的书面认可"
    en = "The amendment changes what the client consented to"
    todo_zh = "请取得客户对修订内容的书面认可,或只修改截止时间"
    todo_en = "Get the client's written consent to the change, or change only the closing time"


class ClosingPassed(Invalid):
    """The closing instant does not lie ahead."""

    rule = "PLC-031"
    zh = "报价截止时间 {closes_at} 不晚于当前时间"
    en = "The closing instant {closes_at} does not lie ahead"
    todo_zh = "请选择将来的截止时间"
    todo_en = "Choose an instant that lies ahead"


class EnquiryOver(Conflict):
    """The closing instant of an issued enquiry has passed; it is not amended any more."""

    rule = "PLC-031"
    zh = "询价已于 {closes_at} 截止,不能再修订"
    en = "The enquiry closed at {closes_at} and is not amended any more"
    todo_zh = "如仍需询价,请重新起草询价书"
    todo_en = "If terms are still wanted, draft a new enquiry"


class NothingAmended(Invalid):
    """An amendment that changes nothing."""

    rule = "PLC-032"
    zh = "修订没有改变任何内容"
    en = "The amendment changes nothing"
    todo_zh = "请修改内容或截止时间"
    todo_en = "Change the content or the closing time"


class StillOpen(Conflict):
    """The closing instant lies ahead and not all insurers have answered."""

    rule = "PLC-033"
    zh = "截止时间未到,且尚有 {open} 家保险公司未答复"
    en = "The closing instant lies ahead, and {open} insurer(s) have not answered"
    todo_zh = "请等待答复或截止"
    todo_en = "Wait for the answers or the closing instant"


def draft(enquiry: Enquiry) -> tuple[Enquiry, SlipDrafted]:
    """A new draft. Rule: PLC-025."""
    return enquiry, SlipDrafted(
        enquiry_id=enquiry.id,
        client_id=enquiry.client_id,
        project_id=enquiry.project_id,
        line_family=enquiry.line_family,
    )


def change(enquiry: Enquiry, changes: dict[str, Any], by: str) -> tuple[Enquiry, SlipChanged]:
    """Write in a draft; who does so may not review it. Raises IllegalMove once it was handed in."""
    makers = list(dict.fromkeys([*enquiry.makers, by]))
    return move(enquiry, MOVES, Status.DRAFTING, makers=makers, **changes), SlipChanged(enquiry_id=enquiry.id)


def revise(content: Content, wanted: Mapping[str, Any]) -> Content:
    """The content with parts replaced by name; of a section only the fields that were set, the others stay."""
    changes: dict[str, Any] = {}
    for name, part in wanted.items():
        if isinstance(part, Value):
            before = getattr(content, name)
            told = {field: getattr(part, field) for field in part.model_fields_set}
            if isinstance(before, Risk) and "insured" in told:
                told["insured"] = [as_kept(name, before.insured) for name in told["insured"]]
            changes[name] = before.but(**told)
        else:
            changes[name] = part
    return content.but(**changes)


def a_year_from(starts_on: date) -> date:
    """The last day of a year of cover; a year that begins on 29 February ends on 28 February."""
    next_year = starts_on.year + 1
    leap = (starts_on.month, starts_on.day) == (2, 29)
    return date(next_year, 2, 28) if leap else starts_on.replace(year=next_year) - timedelta(days=1)


def same_year(one: Enquiry, other: Enquiry) -> bool:
    """Whether two covers begin within one year: a renewal does not add up with what it renews; an open day does.

    Rule: PLC-013.
    """
    if one.starts_on is None or other.starts_on is None:
        return True
    return max(one.starts_on, other.starts_on) <= a_year_from(min(one.starts_on, other.starts_on))


def submit(enquiry: Enquiry, tier: Tier, counted: Counted | None, by: str) -> tuple[Enquiry, SlipSubmittedForReview]:
    """Hand a complete draft in to the tier that its premium needs; who hands it in may not review it.

    `counted` is what chose the tier; None only for a draft without an estimate, which is refused.

    Raises:
        IllegalMove, EnquiryIncomplete (with everything that is missing).

    Rule: PLC-012, PLC-026.
    """
    makers = list(dict.fromkeys([*enquiry.makers, by]))
    submitted = move(enquiry, MOVES, Status.INTERNAL_REVIEW, tier=tier, counted=counted, makers=makers)
    check_complete(enquiry)
    assert enquiry.premium_estimate is not None
    return submitted, SlipSubmittedForReview(
        enquiry_id=enquiry.id, tier=tier, premium_estimate=enquiry.premium_estimate
    )


def send_back(enquiry: Enquiry, tier: Tier, by: str, reason: str, at: datetime) -> tuple[Enquiry, SlipReturned]:
    """The reviewer wants it changed; raises IllegalMove."""
    review = Review(reviewer_id=by, tier=tier, decided_at=at, approved=False, reason=reason)
    returned = move(enquiry, MOVES, Status.DRAFTING, tier=None, reviews=[*enquiry.reviews, review])
    return returned, SlipReturned(enquiry_id=enquiry.id, reviewer_id=by, reason=reason)


def approve(enquiry: Enquiry, tier: Tier, by: str, at: datetime) -> tuple[Enquiry, SlipApproved]:
    """The tier approves; `tier` is the one that decided, at least the one it was handed in to.

    Raises:
        IllegalMove.

    Rule: PLC-012, PLC-013.
    """
    review = Review(reviewer_id=by, tier=tier, decided_at=at, approved=True)
    approved = move(enquiry, MOVES, Status.CLIENT_CONSENT, tier=tier, reviews=[*enquiry.reviews, review])
    return approved, SlipApproved(enquiry_id=enquiry.id, reviewer_id=by)


def consent(enquiry: Enquiry, given: Consent, now: datetime) -> tuple[Enquiry, SlipConsented]:
    """The client consented in writing, after the review and not in the future.

    Raises:
        IllegalMove, ConfirmationOutOfTime.

    Rule: PLC-027, PLC-028.
    """
    ready = move(enquiry, MOVES, Status.READY, consent=given)
    check_time(given, enquiry.reviews[-1].decided_at, now)
    return ready, SlipConsented(enquiry_id=enquiry.id, client_id=enquiry.client_id, consented_at=given.consented_at)


def check_time(given: Consent, since: datetime, now: datetime) -> None:
    """Refuse a consent that is older than what it is about, or in the future; raises ConfirmationOutOfTime.

    Rule: PLC-027.
    """
    if not since <= given.consented_at <= now:
        raise ConfirmationOutOfTime(at=given.consented_at.isoformat(), since=since.isoformat())


def _only_from(before: Status, enquiry: Enquiry) -> None:
    """Two moves lead to `issued`, the first issue and an amendment; each has its own beginning."""
    if enquiry.status is not before:
        allowed = ", ".join(sorted(MOVES[enquiry.status])) or "-"
        raise IllegalMove(noun="Enquiry", state=str(enquiry.status), target=str(Status.ISSUED), allowed=allowed)


def issue(
    enquiry: Enquiry, insurer_ids: Sequence[str], closes_at: datetime, document_id: str, by: str, now: datetime
) -> tuple[Enquiry, SlipIssued]:
    """Issue the first edition to insurers, who may answer until the closing instant, inclusive.

    Raises:
        IllegalMove, TooFewInsurers, ClosingPassed.

    Rule: PLC-028, PLC-029, PLC-031.
    """
    insurers = list(dict.fromkeys(insurer_ids))
    _only_from(Status.READY, enquiry)
    issued = move(enquiry, MOVES, Status.ISSUED, insurer_ids=insurers, closes_at=closes_at, edition=1)
    if len(insurers) < LEAST_INSURERS:
        raise TooFewInsurers(least=LEAST_INSURERS, count=len(insurers))
    if closes_at <= now:
        raise ClosingPassed(closes_at=closes_at.isoformat())
    assert enquiry.consent is not None
    edition = Edition(
        number=1,
        content=enquiry.content,
        insurer_ids=insurers,
        closes_at=closes_at,
        issued_at=now,
        issued_by=by,
        document_id=document_id,
        consent=enquiry.consent,
    )
    return issued.but(editions=[edition]), SlipIssued(
        enquiry_id=enquiry.id,
        client_id=enquiry.client_id,
        edition=1,
        insurer_ids=insurers,
        closes_at=closes_at,
        document_id=document_id,
    )


def amend(enquiry: Enquiry, wanted: Amendment, document_id: str, by: str, now: datetime) -> tuple[Enquiry, SlipAmended]:
    """A new edition to all insurers that have the one before. New content needs the client's written consent.

    Raises:
        IllegalMove, EnquiryOver, NothingAmended, EnquiryIncomplete, ClosingPassed, ConsentMissing,
        ConfirmationOutOfTime.

    Rule: PLC-027, PLC-031, PLC-032.
    """
    number = enquiry.edition + 1
    _only_from(Status.ISSUED, enquiry)
    last = enquiry.editions[-1]
    closes_at = wanted.closes_at or last.closes_at
    amended = move(enquiry, MOVES, Status.ISSUED, content=wanted.content, closes_at=closes_at, edition=number)
    _check_amendment(amended, closes_at, last, wanted.consent, now)
    edition = last.but(
        number=number,
        content=wanted.content,
        closes_at=closes_at,
        issued_at=now,
        issued_by=by,
        document_id=document_id,
        consent=wanted.consent or last.consent,
        changes=wanted.changes,
    )
    return amended.but(editions=[*enquiry.editions, edition], consent=edition.consent), SlipAmended(
        enquiry_id=enquiry.id,
        client_id=enquiry.client_id,
        edition=number,
        insurer_ids=enquiry.insurer_ids,
        closes_at=closes_at,
        document_id=document_id,
    )


def _check_amendment(
    amended: Enquiry, closes_at: datetime, last: Edition, given: Consent | None, now: datetime
) -> None:
    if now > last.closes_at:
        raise EnquiryOver(closes_at=last.closes_at.isoformat())
    changed = amended.content != last.content
    if not changed and closes_at == last.closes_at:
        raise NothingAmended
    check_complete(amended)
    if closes_at <= now:
        raise ClosingPassed(closes_at=closes_at.isoformat())
    if given is not None:
        check_time(given, last.issued_at, now)
    elif changed:
        raise ConsentMissing


def close(enquiry: Enquiry, answered: Collection[str], now: datetime) -> tuple[Enquiry, SlipClosed] | None:
    """Close an issued enquiry whose closing instant is over or whose insurers have all answered; None for others.

    The closing instant itself is still in time.

    Rule: PLC-031, PLC-033.
    """
    if enquiry.status is not Status.ISSUED or enquiry.closes_at is None:
        return None
    if set(enquiry.insurer_ids) <= set(answered):
        reason = CloseReason.ALL_ANSWERED
    elif now > enquiry.closes_at:
        reason = CloseReason.CLOSING_TIME
    else:
        return None
    closed = move(enquiry, MOVES, Status.CLOSED, close_reason=reason)
    return closed, SlipClosed(enquiry_id=enquiry.id, client_id=enquiry.client_id, reason=reason)


def close_by_hand(enquiry: Enquiry, answered: Collection[str], now: datetime) -> tuple[Enquiry, SlipClosed]:
    """Close it now instead of waiting for the clock; raises IllegalMove, StillOpen. Rule: PLC-033."""
    closed = close(enquiry, answered, now)
    if closed is None:
        move(enquiry, MOVES, Status.CLOSED)
        raise StillOpen(open=len(set(enquiry.insurer_ids) - set(answered)))
    return closed


def convert(enquiry: Enquiry, proposal_id: str) -> tuple[Enquiry, SlipConverted] | None:
    """A proposal was built on it. None when another edition of the proposal had done so, or it was given up before.

    Rule: PLC-033.
    """
    if enquiry.status is not Status.CLOSED:
        return None
    converted = move(enquiry, MOVES, Status.CONVERTED, proposal_id=proposal_id)
    return converted, SlipConverted(enquiry_id=enquiry.id, proposal_id=proposal_id)


def withdraw(enquiry: Enquiry, reason: str) -> tuple[Enquiry, SlipWithdrawn]:
    """Give it up; raises IllegalMove once a proposal was built on it."""
    gone = move(enquiry, MOVES, Status.WITHDRAWN, given_up_for=reason)
    return gone, SlipWithdrawn(enquiry_id=enquiry.id, client_id=enquiry.client_id, reason=reason)


def fail(enquiry: Enquiry, reason: str) -> tuple[Enquiry, SlipFailed]:
    """It closed without a usable quote; raises IllegalMove."""
    failed = move(enquiry, MOVES, Status.FAILED, given_up_for=reason)
    return failed, SlipFailed(enquiry_id=enquiry.id, client_id=enquiry.client_id)
