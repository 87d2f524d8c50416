"""The decisions about a quote. Instants are aware UTC; a validity date counts to its last instant in Shanghai."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from chassis.clock import business_date
from chassis.moves import illegal, move
from chassis.refusals import Conflict, Fault, Forbidden, Invalid
from contracts.placement import (
    EnquiryAmended,
    EnquirySent,
    QuoteAcknowledged,
    QuoteBound,
    QuoteClarificationAsked,
    QuoteDeclined,
    QuoteExpired,
    QuoteNotReceived,
    QuoteNotTakenUp,
    QuoteReceived,
    QuoteRejected,
    QuoteRevised,
    QuoteSelected,
    QuoteShortlisted,
    QuoteStandingRecorded,
    QuoteVerified,
)
from services.placement.enquiries.model import Enquiry
from services.placement.quotes.model import ASKABLE, MOVES, UNANSWERED, Offered, Quote, Scheme, Standing, Status, Terms
from services.placement.quotes.shortfalls import restrictions, shortfalls


class QuoteLate(Conflict):
    """Terms came after the closing instant."""

    rule = "PLC-050"
    zh = "询价已于 {closed_at} 截止,逾期报价不予接受"
    en = "The enquiry closed at {closed_at}; a late quote is not taken"
    todo_zh = "如仍需该报价,请在截止前以修订询价书延长截止时间并通知全部保险公司"
    todo_en = "If it is still wanted, amend the enquiry for all insurers with a later closing time, before it closes"


class OfferFaulty(Invalid):
    """The offer, as typed in, cannot be right."""

    rule = "PLC-051"
    zh = "报价内容有误"
    en = "The offer has faults"
    todo_zh = "请按保险公司的书面报价更正"
    todo_en = "Correct it by the insurer's written quote"


class SecondPersonNeeded(Forbidden):
    """Who recorded terms may not verify them."""

    rule = "PLC-052"
    zh = "报价记录人不能复核自己录入的报价"
    en = "Who recorded a quote may not verify it"
    todo_zh = "请由另一位业务人员对照保险公司的书面报价复核"
    todo_en = "Have somebody else compare it with the insurer's paper"


class RevisionPassed(Conflict):
    """Another revision than the one meant is in force."""

    rule = "PLC-052"
    zh = "当前报价为第 {revision} 版"
    en = "The quote is at revision {revision}"
    todo_zh = "请重新读取并核对该版本"
    todo_en = "Read it again and check that revision"


class QuoteUnverified(Conflict):
    """Above the staff tier a second person must have verified the terms."""

    rule = "PLC-052"
    zh = "超过业务人员授权额度的报价须经第二人复核"
    en = "A quote above the staff tier needs a second person's verification"
    todo_zh = "请由记录人以外的人员复核该报价"
    todo_en = "Have somebody other than the recorder verify it"


class ComparisonIncomplete(Conflict):
    """Not all eight dimensions are on record."""

    rule = "PLC-053"
    zh = "入围前须就八个方面比较,{insurer} 的偿付能力、理赔权限、服务承诺、理赔人员水平和赔付效率尚未记录"
    en = "Quotes are compared in eight dimensions; the standing of {insurer} is not on record"
    todo_zh = "请先记录该保险公司的情况及资料来源"
    todo_en = "Record the insurer's standing with its source first"


class EnquiryOpen(Conflict):
    """Some insurers may still answer."""

    rule = "PLC-053"
    zh = "仍有 {open} 家保险公司未答复且询价未截止,不能入围比较"
    en = "{open} insurers may still answer; quotes are compared at once"
    todo_zh = "请等待全部答复或询价截止"
    todo_en = "Wait until all have answered or the enquiry has closed"


class QuoteLapsed(Conflict):
    """The validity is over."""

    rule = "PLC-055"
    zh = "{insurer} 的报价有效期至 {valid_until_on},已失效"
    en = "The quote of {insurer} was valid until {valid_until_on}"
    todo_zh = "请请保险公司重新报价或延长有效期"
    todo_en = "Ask the insurer for new terms or a longer validity"


def scheme_of(enquiry: Enquiry) -> Scheme:
    """What an enquiry asks for in its present edition, as far as an offer can fall short of it."""
    content = enquiry.content
    return Scheme(
        limits=tuple(content.risk.limits),
        deductible=content.risk.deductible,
        clauses=tuple(content.clauses),
        currency=content.fiscal.currency,
    )


def ask(quote: Quote) -> tuple[Quote, EnquirySent]:
    """A new quote is asked for."""
    return quote, EnquirySent(
        quote_id=quote.id,
        enquiry_id=quote.enquiry_id,
        insurer_id=quote.insurer_id,
        edition=quote.edition,
        closes_at=quote.closes_at,
    )


def amend(quote: Quote, edition: int, closes_at: datetime) -> tuple[Quote, EnquiryAmended] | None:
    """The insurer was sent a newer edition; None for one already known.

    Terms given on an older edition must be given again: the quote goes back to Clarifying.
    """
    if edition <= quote.edition or quote.status not in ASKABLE:
        return None
    target = Status.CLARIFYING if quote.status is Status.QUOTED else quote.status
    amended = move(quote, MOVES, target, edition=edition, closes_at=closes_at)
    return amended, EnquiryAmended(
        quote_id=quote.id,
        enquiry_id=quote.enquiry_id,
        insurer_id=quote.insurer_id,
        edition=edition,
        closes_at=closes_at,
    )


def acknowledge(quote: Quote, at: datetime) -> tuple[Quote, QuoteAcknowledged]:
    """The insurer confirmed that it has the enquiry."""
    if quote.status is Status.ACKNOWLEDGED:
        raise illegal(quote, MOVES, Status.ACKNOWLEDGED)
    acknowledged = move(quote, MOVES, Status.ACKNOWLEDGED, acknowledged_at=at)
    return acknowledged, QuoteAcknowledged(quote_id=quote.id, enquiry_id=quote.enquiry_id, insurer_id=quote.insurer_id)


def receive(quote: Quote, offered: Offered, scheme: Scheme, by: str, at: datetime) -> tuple[Quote, QuoteReceived]:
    """Record the insurer's first terms; the closing instant itself is still in time.

    Raises:
        QuoteLate: the enquiry closed before `at`.
        OfferFaulty: all that cannot be right, at once.
        IllegalMove: terms were given, or the quote has ended.

    Rule: PLC-050, PLC-051.
    """
    if quote.status not in UNANSWERED | {Status.NO_RESPONSE}:
        raise illegal(quote, MOVES, Status.QUOTED)
    if at > quote.closes_at:
        raise QuoteLate(closed_at=quote.closes_at.isoformat())
    quoted = move(quote, MOVES, Status.QUOTED, terms=_terms(quote, offered, scheme, by, at, revision=1))
    return quoted, QuoteReceived(**_told(quoted))


def ask_clarification(quote: Quote, question: str) -> tuple[Quote, QuoteClarificationAsked]:
    """Ask the insurer to clarify or better its terms."""
    if quote.status is Status.CLARIFYING:
        raise illegal(quote, MOVES, Status.CLARIFYING)
    asked = move(quote, MOVES, Status.CLARIFYING, question=question)
    return asked, QuoteClarificationAsked(quote_id=quote.id, enquiry_id=quote.enquiry_id, insurer_id=quote.insurer_id)


def revise(quote: Quote, offered: Offered, scheme: Scheme, by: str, at: datetime) -> tuple[Quote, QuoteRevised]:
    """Record new terms; the old revision is kept as it was, and a verification of it does not carry over.

    Raises:
        QuoteLate: the terms answer a newer edition of the enquiry, which closed before `at`.
        OfferFaulty: all that cannot be right, at once.

    Rule: PLC-050, PLC-051, PLC-056.
    """
    if quote.status is not Status.CLARIFYING or quote.terms is None:
        raise illegal(quote, MOVES, Status.QUOTED)
    if quote.awaited and at > quote.closes_at:
        raise QuoteLate(closed_at=quote.closes_at.isoformat())
    terms = _terms(quote, offered, scheme, by, at, revision=quote.terms.revision + 1)
    revised = move(
        quote,
        MOVES,
        Status.QUOTED,
        terms=terms,
        earlier=(*quote.earlier, quote.terms),
        verified_by="",
        verified_at=None,
    )
    return revised, QuoteRevised(**_told(revised))


def decline(quote: Quote, reason: str) -> tuple[Quote, QuoteDeclined]:
    """The insurer declined, with its reason."""
    declined = move(quote, MOVES, Status.DECLINED, reason=reason)
    return declined, QuoteDeclined(
        quote_id=quote.id, enquiry_id=quote.enquiry_id, insurer_id=quote.insurer_id, reason=reason
    )


def note_no_response(quote: Quote, at: datetime) -> tuple[Quote, QuoteNotReceived] | None:
    """Nothing came by the closing instant; None when something did or the enquiry was given more time.

    Rule: PLC-057.
    """
    if quote.status not in UNANSWERED or at <= quote.closes_at:
        return None
    ended = move(quote, MOVES, Status.NO_RESPONSE)
    return ended, QuoteNotReceived(quote_id=quote.id, enquiry_id=quote.enquiry_id, insurer_id=quote.insurer_id)


def record_standing(quote: Quote, standing: Standing, today: date) -> tuple[Quote, QuoteStandingRecorded]:
    """Record what is known of the insurer beyond its price; allowed while its terms are compared.

    Rule: PLC-053.
    """
    faults: list[Fault] = []
    if not 0 <= standing.solvency_bp <= 1_000_000:
        faults.append(Fault("/solvency_bp", "偿付能力充足率应在 0 至 10000% 之间", "must lie between 0 and 10000 %"))
    if standing.solvency_as_of_on > today:
        faults.append(Fault("/solvency_as_of_on", "日期不能晚于今天", "cannot lie in the future"))
    if standing.claims_authority.amount_minor < 0:
        faults.append(Fault("/claims_authority", "金额不能为负", "cannot be negative"))
    for name in ("service_score", "adjusters_score"):
        if not 1 <= getattr(standing, name) <= 5:
            faults.append(Fault(f"/{name}", "评分为 1 至 5", "scores go from 1 to 5"))
    if standing.payment_days < 0:
        faults.append(Fault("/payment_days", "天数不能为负", "cannot be negative"))
    if faults:
        raise OfferFaulty(faults)
    recorded = move(quote, MOVES, quote.status, standing=standing)
    return recorded, QuoteStandingRecorded(quote_id=quote.id, enquiry_id=quote.enquiry_id, insurer_id=quote.insurer_id)


def verify(quote: Quote, revision: int, by: str, at: datetime) -> tuple[Quote, QuoteVerified]:
    """A second person compared the record with the insurer's paper.

    Raises:
        SecondPersonNeeded: `by` recorded the terms.
        RevisionPassed: another revision is in force now.

    Rule: PLC-052.
    """
    if quote.status is not Status.QUOTED or quote.terms is None:
        raise illegal(quote, MOVES, Status.QUOTED)
    if quote.terms.revision != revision:
        raise RevisionPassed(revision=quote.terms.revision)
    if quote.terms.recorded_by == by:
        raise SecondPersonNeeded
    verified = move(quote, MOVES, Status.QUOTED, verified_by=by, verified_at=at)
    return verified, QuoteVerified(quote_id=quote.id, enquiry_id=quote.enquiry_id, verifier_id=by)


def shortlist(
    quote: Quote, siblings: Sequence[Quote], at: datetime, *, verification_needed: bool
) -> tuple[Quote, QuoteShortlisted]:
    """Keep a compared quote for the proposal. `siblings` are all quotes of the enquiry.

    Raises:
        EnquiryOpen: somebody may still answer.
        QuoteLapsed: its validity is over.
        QuoteUnverified: above the staff tier, and nobody verified this revision.
        ComparisonIncomplete: the insurer's standing is not on record.

    Rule: PLC-052, PLC-053, PLC-055.
    """
    if quote.status is not Status.QUOTED:
        raise illegal(quote, MOVES, Status.SHORTLISTED)
    open_ones = sum(sibling.awaited and at <= sibling.closes_at for sibling in siblings)
    if open_ones:
        raise EnquiryOpen(open=open_ones)
    check_valid(quote, at)
    if verification_needed and not quote.verified_by:
        raise QuoteUnverified
    if quote.standing is None:
        raise ComparisonIncomplete(insurer=quote.insurer_name)
    return move(quote, MOVES, Status.SHORTLISTED), QuoteShortlisted(quote_id=quote.id, enquiry_id=quote.enquiry_id)


def check_valid(quote: Quote, at: datetime) -> None:
    """Raise QuoteLapsed when the terms are no longer valid at an instant. Rule: PLC-055."""
    if quote.terms is None or business_date(at) > quote.terms.valid_until_on:
        valid_until = quote.terms.valid_until_on if quote.terms else "-"
        raise QuoteLapsed(insurer=quote.insurer_name, valid_until_on=valid_until)


def expire(quote: Quote, today: date) -> tuple[Quote, QuoteExpired] | None:
    """Its validity passed; None when it has not, or the quote has ended otherwise. Rule: PLC-055."""
    lapsed = quote.terms is not None and quote.terms.valid_until_on < today
    if not lapsed or Status.EXPIRED not in MOVES[quote.status]:
        return None
    expired = move(quote, MOVES, Status.EXPIRED)
    return expired, QuoteExpired(quote_id=quote.id, enquiry_id=quote.enquiry_id, insurer_id=quote.insurer_id)


def select(quote: Quote, proposal_id: str, decided_at: datetime) -> tuple[Quote, QuoteSelected]:
    """The client accepted the proposal that names it; validity counts at the instant of his decision. Rule: PLC-068."""
    selected = move(quote, MOVES, Status.SELECTED, proposal_id=proposal_id)
    check_valid(quote, decided_at)
    return selected, QuoteSelected(quote_id=quote.id, enquiry_id=quote.enquiry_id, proposal_id=proposal_id)


def reject(quote: Quote) -> tuple[Quote, QuoteRejected] | None:
    """Another one was chosen; None when this one was not on the shortlist any more."""
    if quote.status is not Status.SHORTLISTED:
        return None
    return move(quote, MOVES, Status.REJECTED), QuoteRejected(quote_id=quote.id, enquiry_id=quote.enquiry_id)


def bind(quote: Quote, share_bp: int) -> tuple[Quote, QuoteBound]:
    """The insurer's written line is part of a placement that is bound in full."""
    bound = move(quote, MOVES, Status.BOUND, share_bp=share_bp)
    return bound, QuoteBound(quote_id=quote.id, enquiry_id=quote.enquiry_id, share_bp=share_bp)


def leave(quote: Quote, reason: str) -> tuple[Quote, QuoteNotTakenUp]:
    """Selected, but not taken up."""
    left = move(quote, MOVES, Status.NOT_TAKEN_UP, reason=reason)
    return left, QuoteNotTakenUp(quote_id=quote.id, enquiry_id=quote.enquiry_id, reason=reason)


def leave_selected(quote: Quote, reason: str) -> tuple[Quote, QuoteNotTakenUp] | None:
    """Its placement was bound without it, or withdrawn; None when this one was left before. Rule: PLC-078."""
    return leave(quote, reason) if quote.status is Status.SELECTED else None


def _terms(quote: Quote, offered: Offered, scheme: Scheme, by: str, at: datetime, *, revision: int) -> Terms:
    if faults := _faults(offered, scheme, business_date(at)):
        raise OfferFaulty(faults)
    given = {name: getattr(offered, name) for name in Offered.model_fields}
    return Terms(
        **given,
        revision=revision,
        edition=quote.edition,
        recorded_by=by,
        recorded_at=at,
        restrictions=restrictions(offered, scheme),
        shortfalls=shortfalls(offered, scheme),
    )


def _faults(offered: Offered, scheme: Scheme, today: date) -> list[Fault]:
    faults: list[Fault] = []
    if offered.premium.amount_minor <= 0:
        faults.append(Fault("/premium", "保险费须大于零", "must be more than zero"))
    if offered.valid_until_on < today:
        faults.append(Fault("/valid_until_on", "报价有效期不能早于今天", "cannot lie before today"))
    if offered.rate_ppm is not None and not 0 < offered.rate_ppm <= 1_000_000:
        faults.append(Fault("/rate_ppm", "费率须在 0 与 100% 之间", "must lie between 0 and 100 %"))
    if not offered.limits:
        faults.append(Fault("/limits", "须列明保险金额或赔偿限额", "sums insured or limits must be named"))
    subjects = [limit.subject for limit in offered.limits]
    if len(set(subjects)) != len(subjects):
        faults.append(Fault("/limits", "同一标的出现两次", "an interest stands twice"))
    amounts = [("/premium", offered.premium), ("/deductible/amount", offered.deductible.amount)]
    amounts += [(f"/limits/{n}/amount", limit.amount) for n, limit in enumerate(offered.limits)]
    for pointer, amount in amounts:
        if amount is not None and amount.currency != scheme.currency:
            faults.append(Fault(pointer, f"币种须为 {scheme.currency}", f"the enquiry asks for {scheme.currency}"))
        if amount is not None and amount.amount_minor < 0:
            faults.append(Fault(pointer, "金额不能为负", "cannot be negative"))
    return faults


def _told(quote: Quote) -> dict[str, Any]:
    assert quote.terms is not None
    return {
        "quote_id": quote.id,
        "enquiry_id": quote.enquiry_id,
        "insurer_id": quote.insurer_id,
        "revision": quote.terms.revision,
        "premium": quote.terms.premium,
        "valid_until_on": quote.terms.valid_until_on,
        "restrictive": len(quote.terms.restrictions),
    }
