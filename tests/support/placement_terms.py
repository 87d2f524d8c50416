"""Quotes, proposals, placings, confirmations and policies with sensible defaults."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from contracts.money import Money, yuan
from contracts.shared import LineFamily
from services.placement.clauses.model import ClauseKind, ClauseUsed, Words
from services.placement.confirmations.model import Condition, Confirmation
from services.placement.enquiries.model import Deductible, Limit
from services.placement.papers.model import Collection
from services.placement.placings.model import Instalment, Instruction, Placing, Seat, WrittenLine
from services.placement.policies.model import Cover, Mark, Policy, PolicyDocument, PolicyLine
from services.placement.proposals.model import Acceptance, Advice, Offer, Proposal, RecommendedLine
from services.placement.quotes.comparison import compare
from services.placement.quotes.model import (
    Clause,
    Offered,
    Quote,
    Scheme,
    Standing,
    Status,
    Subjectivity,
    Terms,
)

SENT_AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CLOSES_AT = SENT_AT + timedelta(days=7)
DURING = SENT_AT + timedelta(days=2)
AFTER = CLOSES_AT + timedelta(days=1)
VALID_UNTIL = date(2026, 4, 15)
STARTS_ON, ENDS_ON = date(2026, 4, 1), date(2027, 3, 31)


def words(title: str, text: str = "") -> Words:
    """The words of a clause, in Chinese only."""
    return Words(title_zh=title, text_zh=text or title)


def a_clause(code: str = "EXT-1", kind: ClauseKind = ClauseKind.EXTENSION, **changes: Any) -> Clause:
    """A clause of an offer."""
    return Clause(**({"code": code, "kind": kind, "words": words(f"{code}条款")} | changes))


def a_scheme(**changes: Any) -> Scheme:
    """Asked for: 10 million on buildings, at most 2,000 deductible, one extension."""
    told: dict[str, Any] = {
        "limits": (Limit(subject="建筑物", amount=yuan("10000000.00")),),
        "deductible": Deductible(amount=yuan("2000.00")),
        "clauses": (ClauseUsed(code="EXT-1", kind=ClauseKind.EXTENSION, words=words("EXT-1条款")),),
    }
    return Scheme(**(told | changes))


def an_offer(**changes: Any) -> Offered:
    """An offer that meets the scheme, for 30,000."""
    told: dict[str, Any] = {
        "premium": yuan("30000.00"),
        "rate_ppm": 3000,
        "limits": (Limit(subject="建筑物", amount=yuan("10000000.00")),),
        "deductible": Deductible(amount=yuan("2000.00")),
        "clauses": (a_clause(),),
        "valid_until_on": VALID_UNTIL,
        "evidence_id": "file-1",
    }
    return Offered(**(told | changes))


def terms_of(offered: Offered | None = None, **changes: Any) -> Terms:
    """One revision of recorded terms."""
    offered = offered or an_offer()
    told: dict[str, Any] = {name: getattr(offered, name) for name in Offered.model_fields}
    told |= {"revision": 1, "edition": 1, "recorded_by": "broker", "recorded_at": DURING}
    return Terms(**(told | changes))


def a_standing(**changes: Any) -> Standing:
    """What is known of an insurer."""
    told: dict[str, Any] = {
        "solvency_bp": 22850,
        "solvency_as_of_on": date(2025, 12, 31),
        "claims_authority": yuan("500000.00"),
        "service_promise": "2小时内到达现场",
        "service_score": 4,
        "adjusters_score": 4,
        "payment_days": 7,
        "source": "2025年第四季度偿付能力报告",
    }
    return Standing(**(told | changes))


def a_quote(quote_id: str = "quo-1", status: Status = Status.QUOTED, **changes: Any) -> Quote:
    """A quote with terms and standing where its status has them."""
    bare = {Status.REQUESTED, Status.ACKNOWLEDGED, Status.DECLINED, Status.NO_RESPONSE}
    told: dict[str, Any] = {
        "id": quote_id,
        "branch": "hq",
        "enquiry_id": "enq-1",
        "client_id": "cli-1",
        "line_family": LineFamily.PROPERTY,
        "insurer_id": f"ins-{quote_id}",
        "insurer_name": f"保险公司{quote_id}",
        "edition": 1,
        "sent_at": SENT_AT,
        "closes_at": CLOSES_AT,
        "status": status,
        "terms": None if status in bare else terms_of(),
        "standing": None if status in bare else a_standing(),
    }
    return Quote(**(told | changes))


def an_offer_of(quote: Quote) -> Offer:
    """A quote as a proposal shows it."""
    assert quote.terms is not None
    return Offer(quote_id=quote.id, insurer_id=quote.insurer_id, insurer_name=quote.insurer_name, terms=quote.terms)


def an_advice(**changes: Any) -> Advice:
    """Complete advice that recommends the first quote alone."""
    told: dict[str, Any] = {
        "recommendation": (RecommendedLine(quote_id="quo-1", share_bp=10_000, lead=True),),
        "reasons": ("保费与保障最优",),
        "shortfall_advice": "限制条件对客户影响较小",
        "related_parties": "本公司与所列保险公司无关联关系",
        "remuneration": "由保险公司按保费的 15% 支付经纪佣金",
    }
    return Advice(**(told | changes))


def a_proposal(status: str = "draft", **changes: Any) -> Proposal:
    """A proposal of two shortlisted quotes; sent ones went out on the day after the closing, to be answered in a
    week."""
    quotes = (a_quote("quo-1", Status.SHORTLISTED), a_quote("quo-2", Status.SHORTLISTED))
    with_client = status not in ("draft", "internal_review", "approved")
    told: dict[str, Any] = {
        "id": "pro-1",
        "branch": "hq",
        "number": "BP-HQ-2026-00001",
        "enquiry_id": "enq-1",
        "client_id": "cli-1",
        "line_family": LineFamily.PROPERTY,
        "line": "par",
        "line_zh": "财产一切险",
        "line_en": "Property all risks",
        "insured": ("云泽嘉垣装备制造有限公司",),
        "starts_on": STARTS_ON,
        "ends_on": ENDS_ON,
        "edition": 1,
        "status": status,
        "author_id": "broker",
        "makers": ("broker",),
        "scheme": a_scheme(),
        "offers": tuple(an_offer_of(quote) for quote in quotes),
        "comparison": compare(quotes, a_scheme(), AFTER),
        "advice": an_advice(),
        "premium": yuan("30000.00"),
        "sent_at": AFTER if with_client else None,
        "answer_until_on": date(2026, 3, 17) if with_client else None,
    }
    return Proposal(**(told | changes))


def an_acceptance(**changes: Any) -> Acceptance:
    """A written acceptance of the first quote, decided an hour after the sending."""
    told: dict[str, Any] = {
        "edition": 1,
        "quote_ids": ("quo-1",),
        "contact_id": "con-1",
        "decided_at": AFTER + timedelta(hours=1),
        "disclosure_statement": "本公司已完全了解并严格、全面履行了如实告知义务",
        "exclusions_explained": True,
        "evidence_id": "file-2",
    }
    return Acceptance(**(told | changes))


def a_seat(insurer_id: str = "ins-quo-1", share_bp: int = 6000, *, lead: bool = True, quote_id: str = "") -> Seat:
    """An insurer of the panel."""
    return Seat(
        insurer_id=insurer_id, insurer_name=f"公司{insurer_id}", share_bp=share_bp, lead=lead, quote_id=quote_id
    )


def an_instruction(**changes: Any) -> Instruction:
    """A panel of two, 60 to 40, paid to the broker in two equal parts."""
    told: dict[str, Any] = {
        "panel": (a_seat(quote_id="quo-1"), a_seat("ins-2", 4000, lead=False)),
        "collection": Collection.BROKER,
        "instalments": (Instalment(due_on=STARTS_ON, weight=1), Instalment(due_on=date(2026, 10, 1), weight=1)),
        "owner_id": "executive",
    }
    return Instruction(**(told | changes))


def a_placing(status: str = "issued", **changes: Any) -> Placing:
    """An instruction on the accepted proposal; issued a day after the acceptance."""
    told: dict[str, Any] = {
        "id": "pla-1",
        "branch": "hq",
        "number": "PI-HQ-2026-00001",
        "proposal_number": "BP-HQ-2026-00001",
        "proposal_id": "pro-1",
        "proposal_edition": 1,
        "accepted_at": AFTER + timedelta(hours=1),
        "enquiry_id": "enq-1",
        "client_id": "cli-1",
        "line_family": LineFamily.PROPERTY,
        "line": "par",
        "line_zh": "财产一切险",
        "line_en": "Property all risks",
        "insured": ("云泽嘉垣装备制造有限公司",),
        "starts_on": STARTS_ON,
        "ends_on": ENDS_ON,
        "terms": terms_of(),
        "instruction": an_instruction(),
        "status": status,
        "makers": ("broker",),
        "issued_at": None if status == "draft" else AFTER + timedelta(days=1),
    }
    return Placing(**(told | changes))


def a_line(insurer_id: str = "ins-quo-1", share_bp: int = 6000, **changes: Any) -> WrittenLine:
    """An insurer's written line, two days after the instruction."""
    told: dict[str, Any] = {
        "insurer_id": insurer_id,
        "share_bp": share_bp,
        "reference": f"REF-{insurer_id}",
        "accepted_on": date(2026, 3, 13),
        "evidence_id": "file-3",
        "recorded_by": "broker",
        "recorded_at": AFTER + timedelta(days=3),
    }
    return WrittenLine(**(told | changes))


def a_bound_placing(**changes: Any) -> Placing:
    """A placing with both lines written, 60 and 40."""
    told: dict[str, Any] = {"lines": (a_line(), a_line("ins-2", 4000)), "bound_at": AFTER + timedelta(days=3)}
    return a_placing("bound", **(told | changes))


def a_confirmation(status: str = "draft", **changes: Any) -> Confirmation:
    """A confirmation of the bound placing."""
    told: dict[str, Any] = {
        "id": "con-1",
        "branch": "hq",
        "number": "CC-HQ-2026-00001",
        "placing_id": "pla-1",
        "policy_id": "pol-1",
        "client_id": "cli-1",
        "line_family": LineFamily.PROPERTY,
        "status": status,
        "author_id": "broker",
        "issued_at": None if status == "draft" else AFTER + timedelta(days=4),
    }
    return Confirmation(**(told | changes))


def a_condition(*, before_binding: bool = False, met: bool = False) -> Condition:
    """A subjectivity of the bound terms."""
    return Condition(insurer="公司", text="提供消防验收报告", before_binding=before_binding, met=met)


def a_subjectivity(*, before_binding: bool = False) -> Subjectivity:
    """A condition that an insurer attaches."""
    return Subjectivity(text="提供消防验收报告", before_binding=before_binding)


def a_cover(**changes: Any) -> Cover:
    """The cover as it was bound."""
    told: dict[str, Any] = {
        "insured": ("云泽嘉垣装备制造有限公司",),
        "lines": (
            a_policy_line("ins-quo-1", 6000, yuan("18000.00"), lead=True),
            a_policy_line("ins-2", 4000, yuan("12000.00"), lead=False),
        ),
        "premium": yuan("30000.00"),
        "limits": (Limit(subject="建筑物", amount=yuan("10000000.00")),),
        "deductible": Deductible(amount=yuan("2000.00")),
        "clauses": (a_clause(), a_clause("EXC-1", ClauseKind.EXCLUSION)),
        "conditions": ("提供消防验收报告",),
        "starts_on": STARTS_ON,
        "ends_on": ENDS_ON,
    }
    return Cover(**(told | changes))


def a_policy_line(insurer_id: str, share_bp: int, premium: Money, *, lead: bool) -> PolicyLine:
    """An insurer's share."""
    return PolicyLine(
        insurer_id=insurer_id, insurer_name=f"公司{insurer_id}", share_bp=share_bp, lead=lead, premium=premium
    )


def a_policy(status: str = "bound", **changes: Any) -> Policy:
    """A policy bound on 13 March 2026, with a document where its status needs one."""
    with_document = status not in ("bound", "policy_awaited")
    told: dict[str, Any] = {
        "id": "pol-1",
        "branch": "hq",
        "placing_id": "pla-1",
        "proposal_id": "pro-1",
        "client_id": "cli-1",
        "line_family": LineFamily.PROPERTY,
        "line": "par",
        "line_zh": "财产一切险",
        "line_en": "Property all risks",
        "cover": a_cover(),
        "lead_insurer_id": "ins-quo-1",
        "collection": Collection.BROKER,
        "instalments": (Instalment(due_on=STARTS_ON, weight=1),),
        "applied_on": date(2026, 3, 11),
        "bound_at": AFTER + timedelta(days=3),
        "owner_id": "executive",
        "placers": ("broker",),
        "status": status,
        "documents": (a_document(),) if with_document else (),
    }
    return Policy(**(told | changes))


def a_document(number: str = "PAR2026000001") -> PolicyDocument:
    """A document that came from the insurer."""
    return PolicyDocument(file_id="file-4", number=number, received_on=date(2026, 3, 20), recorded_by="executive")


def a_mark(on: date = date(2026, 4, 2), **changes: Any) -> Mark:
    """That something reached the client."""
    told: dict[str, Any] = {
        "on": on,
        "evidence_id": "file-5",
        "recorded_by": "executive",
        "recorded_at": datetime(2026, 4, 3, 1, 0, tzinfo=UTC),
    }
    return Mark(**(told | changes))
