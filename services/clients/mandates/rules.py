"""How a mandate comes into force and ends."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from chassis.clock import business_date
from chassis.moves import move
from chassis.refusals import Conflict, Fault, Forbidden, Invalid
from contracts.clients import (
    MandateActivated,
    MandateChanged,
    MandateEnded,
    MandateExpiring,
    MandateSigned,
)
from services.clients.clients.model import Client
from services.clients.clients.model import Kind as ClientKind
from services.clients.clients.rules import contact_of
from services.clients.mandates.model import (
    MOVES,
    Authority,
    FeeBasis,
    Kind,
    Mandate,
    Signatures,
    Status,
    Terms,
)
from services.clients.trail import Step

WARNED_DAYS = 30
"""Natural days before the last day; lifecycles, MandateExpiring."""
FULL_AUTHORITY = "全权委托"

Activation = tuple[Mandate, MandateActivated]


class FullAuthorityRefused(Invalid):
    """A mandate may name the work that the broker does, never everything."""

    rule = "CLI-054"
    zh = "不接受全权委托"
    en = "A full-authority mandate is not accepted"
    todo_zh = "请在委托书中逐项写明委托事项和险种"
    todo_en = "Name the work and the line families in the mandate"


class TermsFaulty(Invalid):
    """The terms are incomplete or contradict each other."""

    rule = "CLI-055"
    zh = "委托条款有 {count} 处错误"
    en = "The terms have {count} fault(s)"


class MandateFixed(Conflict):
    """Only a draft is edited."""

    rule = "CLI-055"
    zh = "委托书状态为 {state},只有草稿可以修改"
    en = "The mandate is {state}; only a draft can be edited"
    todo_zh = "请由合规部退回后再修改,或起草新的委托书"
    todo_en = "Have compliance return it, or draft a new one"


class ReviewedByAuthor(Forbidden):
    """Whoever wrote in the mandate cannot review it."""

    rule = "CLI-056"
    zh = "委托书的起草人不能审核自己的委托书"
    en = "Whoever wrote in the mandate cannot review it"
    todo_zh = "请由另一位合规人员审核"
    todo_en = "Another compliance officer reviews it"


class ReviewMissing(Conflict):
    """Compliance did not pass it yet."""

    rule = "CLI-056"
    zh = "委托书尚未通过合规审核"
    en = "Compliance has not passed the mandate yet"
    todo_zh = "请合规部审核后再签署"
    todo_en = "Compliance passes it, then it is signed"


class NotInReview(Conflict):
    """A draft is not before compliance."""

    rule = "CLI-056"
    zh = "委托书尚未提交审核"
    en = "The mandate was not given to compliance"
    todo_zh = "请起草人先提交(submission)"
    todo_en = "Its author submits it first"


class ReasonMissing(Invalid):
    """Going back needs a reason."""

    rule = "CLI-072"
    zh = "须写明理由"
    en = "The decision needs a reason"


class SignatoryMissing(Invalid):
    """For a company a contact signs; only an individual signs himself."""

    rule = "CLI-057"
    zh = "企业客户须由联系人签署"
    en = "For a company one of its contacts signs"
    todo_zh = "请填写 client_contact_id"
    todo_en = "Give client_contact_id"


class NotASignatory(Conflict):
    """The contact may not bind the client."""

    rule = "CLI-057"
    zh = "联系人 {contact} 无权代表客户签字"
    en = "Contact {contact} may not sign for the client"
    todo_zh = "请由有权签字的联系人签署,或先在客户资料中登记其签字权"
    todo_en = "A contact who may sign does so, or his right to sign is recorded first"


class SignedOutOfTime(Invalid):
    """Signatures are not in the future, not after the mandate's last day, and not complete before its review."""

    rule = "CLI-057"
    zh = "签署时间不成立"
    en = "The signatures cannot be of this time"


def check_terms(terms: Terms) -> None:
    """Refuse full authority, and terms that are incomplete; names all faults.

    Raises FullAuthorityRefused, TermsFaulty. Rule: CLI-054, CLI-055 (docs/rules/clients.md).
    """
    if terms.authority == Authority.FULL:
        raise FullAuthorityRefused([Fault("/terms/authority", "不接受全权委托", "full authority is not accepted")])
    if FULL_AUTHORITY in terms.services:
        raise FullAuthorityRefused(
            [Fault("/terms/services", "委托事项含“全权委托”", f"the work says {FULL_AUTHORITY}")]
        )
    faults = list(_faults(terms))
    if faults:
        raise TermsFaulty(faults, count=len(faults))


def _faults(terms: Terms) -> Iterable[Fault]:
    if not terms.line_families or len(set(terms.line_families)) != len(terms.line_families):
        yield Fault("/terms/line_families", "须列明险种大类,且不得重复", "name at least one line family, each once")
    if not terms.services.strip():
        yield Fault("/terms/services", "须写明委托事项", "say what work is mandated")
    if terms.until_on < terms.from_on:
        yield Fault("/terms/until_on", "止期早于起期", "ends before it begins")
    fee = terms.fee.fee
    if terms.fee.basis == FeeBasis.COMMISSION:
        if fee is not None:
            yield Fault(
                "/terms/fee/fee", "仅收佣金时不得约定客户付费", "the client pays no fee when the basis is commission"
            )
    elif (fee is None or fee.amount_minor <= 0) and not terms.fee.text.strip():
        yield Fault("/terms/fee", "须约定费用金额或计算方式", "agree the fee's amount, or say how it is computed")


def edit(mandate: Mandate, terms: Terms, by: str) -> tuple[Mandate, MandateChanged]:
    """New terms of a draft. Raises MandateFixed, FullAuthorityRefused, TermsFaulty."""
    if mandate.status != Status.DRAFT:
        raise MandateFixed(state=str(mandate.status))
    check_terms(terms)
    return mandate.but(terms=terms, authors=_with(mandate.authors, by)), _changed(mandate, Status.DRAFT)


def submit(mandate: Mandate, by: str, at: datetime) -> tuple[Mandate, MandateChanged]:
    """Give a draft to compliance. Raises IllegalMove, MandateFixed, TermsFaulty, FullAuthorityRefused."""
    if mandate.status == Status.IN_REVIEW:
        raise MandateFixed(state=str(mandate.status))
    step = Step(status=Status.IN_REVIEW, at=at, by=by)
    authors = _with(mandate.authors, by)
    given = move(mandate, MOVES, Status.IN_REVIEW, authors=authors, steps=(*mandate.steps, step))
    check_terms(mandate.terms)
    return given, _changed(mandate, Status.IN_REVIEW)


def review(mandate: Mandate, passed: bool, reason: str, by: str, at: datetime) -> tuple[Mandate, MandateChanged]:
    """Compliance passes the mandate, which then waits for signatures, or returns it with a reason.

    Raises IllegalMove, NotInReview, ReasonMissing, ReviewedByAuthor. Rule: CLI-056 (docs/rules/clients.md).
    """
    if mandate.status == Status.DRAFT:
        raise NotInReview
    target = Status.IN_REVIEW if passed else Status.DRAFT
    step = Step(status="passed" if passed else "returned", at=at, by=by, reason=reason)
    reviewed = move(
        mandate,
        MOVES,
        target,
        reviewed_by=by if passed else "",
        reviewed_at=at if passed else None,
        steps=(*mandate.steps, step),
    )
    if by in mandate.authors:
        raise ReviewedByAuthor
    if not passed and not reason.strip():
        raise ReasonMissing([Fault("/reason", "须写明退回理由", "say why it goes back")])
    return reviewed, _changed(mandate, target)


def sign(
    mandate: Mandate, signatures: Signatures, by: str, at: datetime
) -> tuple[Mandate, MandateSigned] | tuple[Mandate, MandateSigned, MandateActivated]:
    """Record both signatures; the mandate is in force at once when its first day has come. `at` is now, aware UTC.

    Raises IllegalMove, ReviewMissing, SignedOutOfTime. Rule: CLI-056, CLI-057 (docs/rules/clients.md).
    """
    step = Step(status=Status.SIGNED, at=at, by=by, evidence_id=signatures.evidence_id)
    signed = move(mandate, MOVES, Status.SIGNED, signatures=signatures, steps=(*mandate.steps, step))
    if mandate.reviewed_at is None:
        raise ReviewMissing
    if faults := list(_time_faults(signatures, mandate.reviewed_at, mandate.terms.until_on, at)):
        raise SignedOutOfTime(faults)
    fact = MandateSigned(mandate_id=mandate.id, client_id=mandate.client_id, signed_at=signatures.complete_at)
    if business_date(at) < mandate.terms.from_on:
        return signed, fact
    active, activated = activate(signed, by, at)
    return active, fact, activated


def check_signatory(client: Client, contact_id: str | None) -> None:
    """Refuse a client's signature by nobody, or by a contact who may not sign.

    Raises SignatoryMissing, ContactNotFound, NotASignatory. Rule: CLI-057 (docs/rules/clients.md).
    """
    if contact_id is not None:
        if not contact_of(client, contact_id).may_sign:
            raise NotASignatory(contact=contact_id)
    elif client.kind != ClientKind.INDIVIDUAL:
        raise SignatoryMissing([Fault("/client_contact_id", "企业客户须由联系人签署", "a contact signs for a company")])


def _time_faults(signatures: Signatures, reviewed_at: datetime, until_on: date, at: datetime) -> Iterable[Fault]:
    """Papers tell the minute, so the minute of the review is in time."""
    for name in ("client_signed_at", "broker_signed_at"):
        if getattr(signatures, name) > at:
            yield Fault(f"/{name}", "签署时间在将来", "lies in the future")
    if signatures.complete_at < reviewed_at.replace(second=0, microsecond=0):
        yield Fault("/broker_signed_at", "双方签署完毕早于合规审核通过", "both signed before compliance passed it")
    if business_date(signatures.complete_at) > until_on or business_date(at) > until_on:
        yield Fault("/client_signed_at", f"委托期已于 {until_on} 届满", f"the mandate ran until {until_on}")


def activate(mandate: Mandate, by: str, at: datetime) -> Activation:
    """A signed mandate comes into force. Raises IllegalMove. Rule: CLI-058 (docs/rules/clients.md)."""
    step = Step(status=Status.ACTIVE, at=at, by=by)
    active = move(mandate, MOVES, Status.ACTIVE, steps=(*mandate.steps, step))
    terms = mandate.terms
    return active, MandateActivated(
        mandate_id=mandate.id,
        client_id=mandate.client_id,
        kind=terms.kind,
        line_families=list(terms.line_families),
        from_on=terms.from_on,
        until_on=terms.until_on,
    )


def warn(mandate: Mandate, on: date) -> tuple[Mandate, MandateExpiring] | None:
    """Tell once that the last day is at most 30 natural days away; None when it was told, or is not yet time. Rule:
    CLI-059.
    """
    told = mandate.status != Status.ACTIVE or mandate.warned_on is not None
    if told or mandate.terms.until_on > warned_until(on):
        return None
    terms = mandate.terms
    fact = MandateExpiring(
        mandate_id=mandate.id,
        client_id=mandate.client_id,
        until_on=terms.until_on,
        kind=terms.kind,
        line_families=list(terms.line_families),
    )
    return mandate.but(warned_on=on), fact


def warned_until(on: date) -> date:
    """The latest last day that is near on a business date: 30 natural days on."""
    return on + timedelta(days=WARNED_DAYS)


def expire(mandate: Mandate, by: str, at: datetime) -> tuple[Mandate, MandateEnded] | None:
    """End an active mandate whose last day is over; None while it runs, or when it has ended. Rule: CLI-059."""
    if mandate.status != Status.ACTIVE or business_date(at) <= mandate.terms.until_on:
        return None
    return _ended(mandate, Status.EXPIRED, mandate.terms.until_on, "expired", None, by, at)


def terminate(mandate: Mandate, reason: str, evidence_id: str, by: str, at: datetime) -> tuple[Mandate, MandateEnded]:
    """End a signed or active mandate today, by notice of one side. Raises IllegalMove. Rule: CLI-059."""
    return _ended(mandate, Status.TERMINATED, business_date(at), reason, evidence_id, by, at)


def _ended(
    mandate: Mandate, target: Status, on: date, reason: str, evidence_id: str | None, by: str, at: datetime
) -> tuple[Mandate, MandateEnded]:
    step = Step(status=target, at=at, by=by, reason=reason, evidence_id=evidence_id)
    ended = move(mandate, MOVES, target, ended_on=on, steps=(*mandate.steps, step))
    return ended, MandateEnded(mandate_id=mandate.id, client_id=mandate.client_id, ended_on=on, reason=reason)


def follow(mandate: Mandate, client_id: str) -> tuple[Mandate, MandateChanged]:
    """The client's record was merged into another one. Rule: CLI-007."""
    moved = mandate.but(client_id=client_id)
    return moved, _changed(moved, mandate.status)


def overlaps(one: Mandate, other: Mandate) -> bool:
    """Whether two contracts of a client name a common line family for a common day. Rule: CLI-060 (a warning)."""
    contracts = one.id != other.id and one.terms.kind == other.terms.kind == Kind.CONTRACT
    together = one.terms.from_on <= other.terms.until_on and other.terms.from_on <= one.terms.until_on
    return contracts and together and bool(set(one.terms.line_families) & set(other.terms.line_families))


def _with(authors: tuple[str, ...], by: str) -> tuple[str, ...]:
    return authors if by in authors else (*authors, by)


def _changed(mandate: Mandate, status: Status) -> MandateChanged:
    return MandateChanged(mandate_id=mandate.id, client_id=mandate.client_id, status=status)
