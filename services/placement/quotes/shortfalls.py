"""What is restrictive in an offer, and where it stays behind the requested scheme. Pure arithmetic on values."""

from contracts.money import Money
from services.placement.clauses.model import ClauseKind, ClauseUsed
from services.placement.enquiries.model import Deductible, Limit
from services.placement.quotes.model import (
    Offered,
    Restriction,
    RestrictionKind,
    Scheme,
    Shortfall,
    ShortfallKind,
)

NARROWING = {ClauseKind.EXCLUSION: RestrictionKind.EXCLUSION, ClauseKind.WARRANTY: RestrictionKind.WARRANTY}


def restrictions(offered: Offered, scheme: Scheme) -> tuple[Restriction, ...]:
    """Every restrictive condition of an offer: clauses that the broker flagged, exclusions and warranties that nobody
    asked for, and all conditions that the insurer attaches.

    Rule: PLC-054, restrictive conditions are flagged (docs/rules/placement.md).
    """
    asked = {same_as(clause) for clause in scheme.clauses}
    found: list[Restriction] = []
    for clause in offered.clauses:
        unasked = clause.kind in NARROWING and same_as(clause) not in asked
        if clause.restrictive or unasked:
            kind = RestrictionKind.CLAUSE if clause.restrictive else NARROWING[clause.kind]
            found.append(Restriction(kind=kind, text=clause.words.title_zh, text_en=clause.words.title_en))
    return (
        *found,
        *(Restriction(kind=RestrictionKind.SUBJECTIVITY, text=condition.text) for condition in offered.subjectivities),
    )


def shortfalls(offered: Offered, scheme: Scheme) -> tuple[Shortfall, ...]:
    """Everything in which an offer is less than what was asked for: limits, deductible, clauses.

    Rule: PLC-054, shortfalls are flagged (docs/rules/placement.md).
    """
    given = {same_as(clause) for clause in offered.clauses}
    missing = [clause for clause in scheme.clauses if clause.kind not in NARROWING and same_as(clause) not in given]
    return (
        *_short_limits(offered.limits, scheme.limits),
        *_short_deductible(offered.deductible, scheme.deductible),
        *(
            Shortfall(
                kind=ShortfallKind.CLAUSE,
                subject=clause.words.title_zh,
                subject_en=clause.words.title_en,
                requested=clause.code or clause.words.title_zh,
                offered=None,
            )
            for clause in missing
        ),
    )


def same_as(clause: ClauseUsed) -> str:
    """What makes two uses the same clause, whatever their edition: the library's id, else the code, else the title."""
    return clause.clause_id or clause.code or clause.words.title_zh


def _short_limits(offered: tuple[Limit, ...], asked: tuple[Limit, ...]) -> list[Shortfall]:
    given = {limit.subject: limit.amount for limit in offered}
    return [
        Shortfall(
            kind=ShortfallKind.LIMIT, subject=limit.subject, requested=limit.amount, offered=given.get(limit.subject)
        )
        for limit in asked
        if limit.subject not in given or given[limit.subject] < limit.amount
    ]


def _short_deductible(offered: Deductible, asked: Deductible | None) -> list[Shortfall]:
    if asked is None:
        return []
    found: list[Shortfall] = []
    if offered.amount is not None and not _within(offered.amount, asked.amount):
        found.append(
            Shortfall(kind=ShortfallKind.DEDUCTIBLE, subject="", requested=asked.amount, offered=offered.amount)
        )
    if (offered.rate_bp or 0) > (asked.rate_bp or 0):
        found.append(
            Shortfall(kind=ShortfallKind.DEDUCTIBLE_RATE, subject="", requested=asked.rate_bp, offered=offered.rate_bp)
        )
    return found


def _within(amount: Money, most: Money | None) -> bool:
    """Whether an amount is at most another; one in another currency cannot be said to be."""
    return most is not None and most.currency == amount.currency and amount <= most
