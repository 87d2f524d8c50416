"""Terms and schemes as entries of a paper, in its language. What has no English stays Chinese."""

from collections.abc import Sequence

from chassis.papers import Entry
from contracts.money import Money
from services.placement.clauses.model import ClauseUsed
from services.placement.enquiries.model import Deductible, Limit
from services.placement.papers.model import ClauseText
from services.placement.quotes.comparison import percent
from services.placement.quotes.model import (
    Offered,
    Restriction,
    Scheme,
    Shortfall,
    ShortfallKind,
)

DEDUCTIBLE = {"zh": "每次事故免赔额", "en": "Deductible each loss"}
DEDUCTIBLE_RATE = {"zh": "免赔率(占损失金额)", "en": "Deductible, part of the loss"}
CLAUSES = {"zh": "要求的条款", "en": "Clauses asked for"}
RATE = {"zh": "费率", "en": "Rate"}
SUBJECTS = {ShortfallKind.DEDUCTIBLE: DEDUCTIBLE, ShortfallKind.DEDUCTIBLE_RATE: DEDUCTIBLE_RATE}


def scheme_entries(scheme: Scheme, language: str) -> tuple[Entry, ...]:
    """What was asked for."""
    asked = tuple(clause.title(language) for clause in scheme.clauses)
    return (
        *_limits(scheme.limits),
        *(_deductible(scheme.deductible, language) if scheme.deductible else ()),
        *((Entry(label=CLAUSES[language], value=asked),) if asked else ()),
    )


def terms_entries(terms: Offered, language: str) -> tuple[Entry, ...]:
    """What is offered or agreed, without premium and clauses."""
    rate = () if terms.rate_ppm is None else (Entry(label=RATE[language], value=f"{terms.rate_ppm / 1000:.3f}‰"),)
    return (*_limits(terms.limits), *_deductible(terms.deductible, language), *rate)


def clause_texts(clauses: Sequence[ClauseUsed], language: str) -> tuple[ClauseText, ...]:
    """Clauses with their words."""
    return tuple(
        ClauseText(code=clause.code, title=clause.title(language), text=clause.text(language)) for clause in clauses
    )


def restriction_text(restriction: Restriction, language: str) -> str:
    """A restrictive condition in words."""
    return restriction.text_en or restriction.text if language == "en" else restriction.text


def shortfall_subject(short: Shortfall, language: str) -> str:
    """What falls short, in words."""
    if short.kind in SUBJECTS:
        return SUBJECTS[short.kind][language]
    return short.subject_en or short.subject if language == "en" else short.subject


def shortfall_value(short: Shortfall, value: Money | int | str | None) -> Money | str | None:
    """An asked or offered value as it is shown; rates as percent."""
    return percent(value) if isinstance(value, int) else value


def _limits(limits: Sequence[Limit]) -> tuple[Entry, ...]:
    return tuple(Entry(label=limit.subject, value=limit.amount) for limit in limits)


def _deductible(bears: Deductible, language: str) -> tuple[Entry, ...]:
    note = f"({bears.note})" if bears.note else ""
    found = [Entry(label=f"{DEDUCTIBLE[language]}{note}", value=bears.amount)]
    if bears.rate_bp is not None:
        found.append(Entry(label=DEDUCTIBLE_RATE[language], value=percent(bears.rate_bp)))
    return tuple(found)
