"""The decisions about a proposal. Instants are aware UTC, dates are business dates, shares are basis points."""

from collections.abc import Sequence
from datetime import date, datetime

from chassis.clock import business_date
from chassis.moves import illegal, move
from chassis.refusals import Conflict, Fault, Invalid
from contracts.money import Money
from contracts.placement import (
    ProposalAccepted,
    ProposalApproved,
    ProposalChanged,
    ProposalDeclined,
    ProposalDiscussed,
    ProposalDrafted,
    ProposalExpired,
    ProposalReturned,
    ProposalSent,
    ProposalSubmitted,
    ProposalSuperseded,
)
from services.placement.authority.model import Tier
from services.placement.authority.rules import OwnWork
from services.placement.proposals.completeness import acceptance_faults, gaps
from services.placement.proposals.model import MOVES, WITH_THE_CLIENT, Acceptance, Advice, Offer, Proposal, Status
from services.placement.quotes.comparison import Comparison


class NothingToPropose(Conflict):
    """No quote of the enquiry is shortlisted and valid."""

    rule = "PLC-060"
    zh = "该询价没有已入围且在有效期内的报价"
    en = "No quote of this enquiry is shortlisted and still valid"
    todo_zh = "请先将可用的报价入围"
    todo_en = "Shortlist a usable quote first"


class EnquiryNotClosed(Conflict):
    """Insurers may still answer, or the enquiry was given up."""

    rule = "PLC-060"
    zh = "询价当前为 {status},截止或全部答复后方可编制建议书"
    en = "The enquiry is {status}; a proposal is drafted when it is closed"
    todo_zh = "请等待询价截止或全部答复"
    todo_en = "Wait until it has closed or all have answered"


class ProposalIncomplete(Invalid):
    """What the client must be told is not all there."""

    rule = "PLC-061"
    zh = "保险建议书不完整"
    en = "The proposal is not complete"
    todo_zh = "请补充所列内容后再提交审核"
    todo_en = "Add what is listed, then submit it again"


class OfferLapses(Conflict):
    """A quoted term ends before the day on which the client is to answer."""

    rule = "PLC-066"
    zh = "部分报价在答复期限 {answer_until_on} 之前失效"
    en = "Some quotes lapse before the answer date {answer_until_on}"
    todo_zh = "请提前答复期限,或以新版建议书去掉失效的报价"
    todo_en = "Set an earlier answer date, or make a new edition without those quotes"


class AnswerDatePast(Invalid):
    """The answer date is over before the proposal leaves."""

    rule = "PLC-066"
    zh = "答复期限不能早于今天"
    en = "The answer date cannot lie before today"


class EditionSuperseded(Conflict):
    """A newer edition took its place."""

    rule = "PLC-070"
    zh = "第 {edition} 版建议书已被新版取代"
    en = "Edition {edition} was superseded by a newer one"
    todo_zh = "请以最新版建议书取得客户的书面确认"
    todo_en = "Have the client accept the newest edition"


class AcceptanceFaulty(Invalid):
    """The written acceptance does not say what it must, all faults at once."""

    rule = "PLC-067"
    zh = "客户的书面确认不符合要求"
    en = "The written acceptance does not say what it must"
    todo_zh = "请取得写明版本、保险公司和如实告知声明,并由有权签字人签署的书面确认"
    todo_en = "Get one that names edition, insurers and the disclosure statement, signed by somebody who may"


class QuoteExpiredAtDecision(Conflict):
    """A chosen quote was no longer valid when the client decided."""

    rule = "PLC-068"
    zh = "{insurer} 的报价有效期至 {valid_until_on},客户于 {decided_on} 确认时已失效"
    en = "The quote of {insurer} was valid until {valid_until_on}; the client decided on {decided_on}"
    todo_zh = "请请保险公司重新报价,并以新版建议书征求客户意见"
    todo_en = "Ask the insurer for new terms and put a new edition before the client"


class AnswerLate(Conflict):
    """The client decided after the answer date."""

    rule = "PLC-068"
    zh = "答复期限为 {answer_until_on},客户于 {decided_on} 才确认"
    en = "The answer was due by {answer_until_on}; the client decided on {decided_on}"
    todo_zh = "请以新版建议书重新征求客户意见"
    todo_en = "Put a new edition before the client"


class DecisionOutOfTime(Invalid):
    """The decision lies in the future or before the proposal was sent."""

    rule = "PLC-069"
    zh = "决定时间须在发出之后、当前时间之前"
    en = "The decision lies between the sending and now"


def draft(proposal: Proposal) -> tuple[Proposal, ProposalDrafted]:
    """A new edition. Refuses one without an offer. Rule: PLC-060."""
    if not proposal.offers:
        raise NothingToPropose
    return proposal, ProposalDrafted(
        proposal_id=proposal.id,
        enquiry_id=proposal.enquiry_id,
        client_id=proposal.client_id,
        edition=proposal.edition,
    )


def change(
    proposal: Proposal, advice: Advice, offers: tuple[Offer, ...], comparison: Comparison, by: str
) -> tuple[Proposal, ProposalChanged]:
    """Write the draft's advice and choose its offers; whoever does is one of its makers. Rule: PLC-060."""
    if proposal.status is not Status.DRAFT:
        raise illegal(proposal, MOVES, Status.DRAFT)
    if not offers:
        raise NothingToPropose
    changed = move(
        proposal,
        MOVES,
        Status.DRAFT,
        advice=advice,
        offers=offers,
        comparison=comparison,
        premium=highest_premium(offers),
        makers=_with(proposal.makers, by),
    )
    return changed, ProposalChanged(proposal_id=proposal.id)


def highest_premium(offers: Sequence[Offer]) -> Money:
    """The dearest of the offers: what the client may come to owe."""
    return max((offer.terms.premium for offer in offers), key=lambda premium: premium.amount_minor)


def submit(
    proposal: Proposal, tier: Tier, by: str, today: date, *, natural_person: bool
) -> tuple[Proposal, ProposalSubmitted]:
    """Give a complete draft to the tier that the authority matrix names; who hands it in may not review it.

    Raises:
        ProposalIncomplete: with all that is missing.

    Rule: PLC-061 to PLC-064.
    """
    submitted = move(proposal, MOVES, Status.INTERNAL_REVIEW, tier=tier, makers=_with(proposal.makers, by))
    if faults := gaps(proposal, today, natural_person=natural_person):
        raise ProposalIncomplete(faults)
    return submitted, ProposalSubmitted(proposal_id=proposal.id, tier=tier, premium=proposal.premium)


def check_reviewer(proposal: Proposal, by: str) -> None:
    """Refuse a reviewer who wrote in the proposal. Rule: SYS-011."""
    if by in proposal.makers:
        raise OwnWork


def approve(proposal: Proposal, tier: Tier, by: str) -> tuple[Proposal, ProposalApproved]:
    """The tier approved it, never somebody who wrote in it; `tier` is the one that decided. Rule: PLC-013, SYS-011."""
    check_reviewer(proposal, by)
    approved = move(proposal, MOVES, Status.APPROVED, tier=tier, reviewer_id=by, remark="")
    return approved, ProposalApproved(proposal_id=proposal.id, reviewer_id=by)


def send_back(proposal: Proposal, by: str, reason: str) -> tuple[Proposal, ProposalReturned]:
    """The tier sent it back to be changed. Rule: SYS-011."""
    if proposal.status is not Status.INTERNAL_REVIEW:
        raise illegal(proposal, MOVES, Status.DRAFT)
    check_reviewer(proposal, by)
    returned = move(proposal, MOVES, Status.DRAFT, tier=None, remark=reason)
    return returned, ProposalReturned(proposal_id=proposal.id, reviewer_id=by, reason=reason)


def send(
    proposal: Proposal, answer_until_on: date, document_ids: tuple[str, ...], at: datetime
) -> tuple[Proposal, ProposalSent]:
    """Send the approved edition; the client may answer until a business date, inclusive.

    Raises:
        AnswerDatePast, OfferLapses.

    Rule: PLC-066, every quoted term is valid at the answer date.
    """
    if proposal.status is not Status.APPROVED:
        raise illegal(proposal, MOVES, Status.SENT)
    check_sendable(proposal, answer_until_on, business_date(at))
    sent = move(proposal, MOVES, Status.SENT, sent_at=at, answer_until_on=answer_until_on, document_ids=document_ids)
    return sent, ProposalSent(
        proposal_id=proposal.id,
        client_id=proposal.client_id,
        edition=proposal.edition,
        answer_until_on=answer_until_on,
        document_id=document_ids[0],
    )


def check_sendable(proposal: Proposal, answer_until_on: date, today: date) -> None:
    """Refuse an answer date that is over, or later than an offer's validity. Rule: PLC-066."""
    if answer_until_on < today:
        raise AnswerDatePast([Fault("/answer_until_on", AnswerDatePast.zh, AnswerDatePast.en)])
    lapsing = [offer for offer in proposal.offers if offer.terms.valid_until_on < answer_until_on]
    if lapsing:
        faults = [
            Fault(
                f"/offers/{offer.quote_id}",
                f"{offer.insurer_name} 的报价有效期至 {offer.terms.valid_until_on}",
                f"the quote of {offer.insurer_name} is valid until {offer.terms.valid_until_on}",
            )
            for offer in lapsing
        ]
        raise OfferLapses(faults, answer_until_on=answer_until_on)


def discuss(proposal: Proposal, question: str) -> tuple[Proposal, ProposalDiscussed]:
    """The client has questions."""
    discussing = move(proposal, MOVES, Status.DISCUSSING, remark=question)
    return discussing, ProposalDiscussed(proposal_id=proposal.id, status=str(Status.DISCUSSING))


def answer(proposal: Proposal, note: str) -> tuple[Proposal, ProposalDiscussed]:
    """The questions are answered; the edition stands as it was sent."""
    if proposal.status is not Status.DISCUSSING:
        raise illegal(proposal, MOVES, Status.SENT)
    answered = move(proposal, MOVES, Status.SENT, remark=note)
    return answered, ProposalDiscussed(proposal_id=proposal.id, status=str(Status.SENT))


def supersede(proposal: Proposal, by_id: str) -> tuple[Proposal, ProposalSuperseded]:
    """A new edition takes its place. Rule: PLC-070."""
    superseded = move(proposal, MOVES, Status.SUPERSEDED, superseded_by=by_id)
    return superseded, ProposalSuperseded(proposal_id=proposal.id, by_id=by_id)


def accept(proposal: Proposal, acceptance: Acceptance, now: datetime) -> tuple[Proposal, ProposalAccepted]:
    """Record the client's written acceptance of this edition.

    `acceptance.decided_at` is the instant of the client's decision: answer date and validity of each chosen quote are
    judged by it, not by when it is recorded; the last instant of those days is still in time.

    Raises:
        EditionSuperseded, AcceptanceFaulty, DecisionOutOfTime, AnswerLate, QuoteExpiredAtDecision.
        IllegalMove: it is not with the client, or was accepted before.

    Rule: PLC-067 to PLC-070.
    """
    if proposal.status is Status.SUPERSEDED:
        raise EditionSuperseded(edition=proposal.edition)
    accepted = move(proposal, MOVES, Status.ACCEPTED, acceptance=acceptance)
    assert proposal.sent_at is not None and proposal.answer_until_on is not None
    if faults := acceptance_faults(proposal, acceptance):
        raise AcceptanceFaulty(faults)
    if not proposal.sent_at <= acceptance.decided_at <= now:
        raise DecisionOutOfTime([Fault("/decided_at", DecisionOutOfTime.zh, DecisionOutOfTime.en)])
    decided_on = business_date(acceptance.decided_at)
    if decided_on > proposal.answer_until_on:
        raise AnswerLate(answer_until_on=proposal.answer_until_on, decided_on=decided_on)
    for offer in proposal.offers:
        if offer.quote_id in acceptance.quote_ids and decided_on > offer.terms.valid_until_on:
            raise QuoteExpiredAtDecision(
                insurer=offer.insurer_name, valid_until_on=offer.terms.valid_until_on, decided_on=decided_on
            )
    return accepted, ProposalAccepted(
        proposal_id=proposal.id,
        client_id=proposal.client_id,
        edition=proposal.edition,
        quote_ids=list(acceptance.quote_ids),
        accepted_at=acceptance.decided_at,
    )


def decline(proposal: Proposal, reason: str) -> tuple[Proposal, ProposalDeclined]:
    """The client said no."""
    declined = move(proposal, MOVES, Status.DECLINED, remark=reason)
    return declined, ProposalDeclined(proposal_id=proposal.id, client_id=proposal.client_id, reason=reason)


def expire(proposal: Proposal, today: date) -> tuple[Proposal, ProposalExpired] | None:
    """No answer in time; None when there is still time or it is not with the client. Rule: PLC-071."""
    until = proposal.answer_until_on
    if proposal.status not in WITH_THE_CLIENT or until is None or until >= today:
        return None
    expired = move(proposal, MOVES, Status.EXPIRED)
    return expired, ProposalExpired(proposal_id=proposal.id, client_id=proposal.client_id)


def _with(makers: tuple[str, ...], by: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*makers, by)))
