"""The comparison matrix: all quotes of an enquiry at once, in eight dimensions (SD-14). Pure arithmetic on values."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import compress

from chassis.model import Value
from contracts.money import Money
from services.placement.clauses.model import ClauseKind
from services.placement.papers.model import Dimension, Outcome
from services.placement.quotes.model import (
    COMPARED,
    Clause,
    Quote,
    Restriction,
    Scheme,
    Shortfall,
    ShortfallKind,
    Standing,
    Status,
    Terms,
)
from services.placement.quotes.shortfalls import same_as

OUTCOMES = {
    Status.DECLINED: Outcome.DECLINED,
    Status.NO_RESPONSE: Outcome.NO_RESPONSE,
    Status.EXPIRED: Outcome.EXPIRED,
}
NARROWING = {ClauseKind.EXCLUSION, ClauseKind.WARRANTY}
Rank = tuple[int, ...] | None
"""How good a value is: the lower the better; None is "not on record"."""


class Column(Value):
    """One insurer's offer, with everything in it that the client must be told of."""

    quote_id: str
    insurer_id: str
    insurer_name: str
    status: Status
    revision: int
    premium: Money
    rate_ppm: int | None
    valid_until_on: date
    restrictions: tuple[Restriction, ...]
    shortfalls: tuple[Shortfall, ...]
    exclusions: tuple[Clause, ...]


class Cell(Value):
    """One offer in one dimension; None is "not on record". Ratios are texts such as "228.50%", scores "4/5"."""

    value: Money | int | str | None
    note: str = ""
    best: bool = False
    restrictive: bool = False


class Row(Value):
    """One dimension with a cell for each column, in the columns' order."""

    dimension: Dimension
    cells: tuple[Cell, ...]


class Silent(Value):
    """An insurer that was asked and has no offer to compare: why, and in its own words."""

    insurer_id: str
    insurer_name: str
    outcome: Outcome
    reason: str = ""


class Comparison(Value):
    """The matrix; `pending` are insurers that may still answer."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    silent: tuple[Silent, ...]
    pending: tuple[str, ...]


def compare(quotes: Sequence[Quote], scheme: Scheme, at: datetime) -> Comparison:
    """All offers side by side, cheapest first, the best value of each dimension marked; equal ones are all marked.

    Only terms on the edition that the insurer was sent last are compared. Before the closing instant an insurer that
    has not answered that edition may still do so; after it, it has not answered.

    Rule: PLC-053, eight dimensions; PLC-054, restrictive conditions (docs/rules/placement.md).
    """
    offers = [
        (quote, quote.terms)
        for quote in quotes
        if quote.status in COMPARED and quote.terms is not None and not quote.awaited
    ]
    offers.sort(key=lambda offer: (offer[1].premium.amount_minor, offer[0].insurer_name, offer[0].id))
    terms, standings = [terms for _, terms in offers], [quote.standing for quote, _ in offers]
    pending = [quote for quote in quotes if quote.awaited and at <= quote.closes_at]
    told = {quote.insurer_id for quote in (*pending, *(quote for quote, _ in offers))}
    silent = {
        quote.insurer_id: Silent(
            insurer_id=quote.insurer_id,
            insurer_name=quote.insurer_name,
            outcome=OUTCOMES.get(quote.status, Outcome.NO_RESPONSE),
            reason=quote.reason,
        )
        for quote in quotes
        if quote.insurer_id not in told
    }
    return Comparison(
        columns=tuple(_column(quote, offered) for quote, offered in offers),
        rows=(
            _row(Dimension.PREMIUM, [_premium(one) for one in terms]),
            _row(Dimension.DEDUCTIBLE, [_deductible(one) for one in terms]),
            _row(Dimension.CLAUSES, [_clauses(one, scheme) for one in terms]),
            _row(Dimension.SOLVENCY, [_solvency(one) for one in standings]),
            _row(Dimension.CLAIMS_AUTHORITY, [_authority(one, scheme) for one in standings]),
            _row(Dimension.SERVICE_PROMISE, [_service(one) for one in standings]),
            _row(Dimension.ADJUSTERS, [_adjusters(one) for one in standings]),
            _row(Dimension.PAYMENT_EFFICIENCY, [_payment(one) for one in standings]),
        ),
        silent=tuple(silent.values()),
        pending=tuple(quote.insurer_name for quote in pending),
    )


def valid_on(comparison: Comparison, day: date) -> Comparison:
    """The matrix as it holds on a day: an offer whose validity ends before has lapsed then, and is not compared.

    Rule: PLC-066.
    """
    holds = [column.valid_until_on >= day for column in comparison.columns]
    columns = tuple(compress(comparison.columns, holds))
    heard = {column.insurer_id for column in columns}
    lapsed = tuple(
        Silent(insurer_id=column.insurer_id, insurer_name=column.insurer_name, outcome=Outcome.EXPIRED)
        for column in comparison.columns
        if column.valid_until_on < day and column.insurer_id not in heard
    )
    rows = tuple(row.but(cells=tuple(compress(row.cells, holds))) for row in comparison.rows)
    return comparison.but(columns=columns, rows=rows, silent=(*comparison.silent, *lapsed))


def percent(basis_points: int) -> str:
    """Basis points as a text: 22850 is "228.50%"."""
    return f"{basis_points // 100}.{basis_points % 100:02d}%"


def _column(quote: Quote, terms: Terms) -> Column:
    return Column(
        quote_id=quote.id,
        insurer_id=quote.insurer_id,
        insurer_name=quote.insurer_name,
        status=quote.status,
        revision=terms.revision,
        premium=terms.premium,
        rate_ppm=terms.rate_ppm,
        valid_until_on=terms.valid_until_on,
        restrictions=terms.restrictions,
        shortfalls=terms.shortfalls,
        exclusions=tuple(clause for clause in terms.clauses if clause.kind is ClauseKind.EXCLUSION),
    )


def _row(dimension: Dimension, cells: Sequence[tuple[Cell, Rank]]) -> Row:
    ranks = [rank for _, rank in cells if rank is not None]
    best = min(ranks) if len(ranks) > 1 else None
    return Row(
        dimension=dimension, cells=tuple(cell.but(best=rank is not None and rank == best) for cell, rank in cells)
    )


def _premium(terms: Terms) -> tuple[Cell, Rank]:
    note = "" if terms.rate_ppm is None else f"{terms.rate_ppm / 1000:.3f}‰"
    return Cell(value=terms.premium, note=note), (terms.premium.amount_minor,)


def _deductible(terms: Terms) -> tuple[Cell, Rank]:
    """By amount, then by rate: a rate alone says nothing about small losses."""
    bears = terms.deductible
    rate = "" if bears.rate_bp is None else percent(bears.rate_bp)
    higher = any(short.kind in DEDUCTIBLES for short in terms.shortfalls)
    cell = Cell(
        value=bears.amount or rate or None, note=_joined(rate if bears.amount else "", bears.note), restrictive=higher
    )
    return cell, (bears.amount.amount_minor if bears.amount else 0, bears.rate_bp or 0)


def _clauses(terms: Terms, scheme: Scheme) -> tuple[Cell, Rank]:
    """How many of the clauses asked for are granted; fewer gaps and fewer restrictive conditions are better."""
    asked = [same_as(clause) for clause in scheme.clauses if clause.kind not in NARROWING]
    granted = len({same_as(clause) for clause in terms.clauses} & set(asked))
    narrowing = [restriction.text for restriction in terms.restrictions]
    cell = Cell(value=f"{granted}/{len(asked)}", note=";".join(narrowing), restrictive=bool(narrowing))
    return cell, (len(asked) - granted, len(narrowing))


def _solvency(standing: Standing | None) -> tuple[Cell, Rank]:
    if standing is None:
        return Cell(value=None), None
    note = _joined(standing.solvency_as_of_on.isoformat(), standing.source)
    return Cell(value=percent(standing.solvency_bp), note=note), (-standing.solvency_bp,)


def _authority(standing: Standing | None, scheme: Scheme) -> tuple[Cell, Rank]:
    """An amount in another currency than the enquiry's is shown, and not ranked."""
    if standing is None:
        return Cell(value=None), None
    authority = standing.claims_authority
    return Cell(value=authority), (-authority.amount_minor,) if authority.currency == scheme.currency else None


def _service(standing: Standing | None) -> tuple[Cell, Rank]:
    if standing is None:
        return Cell(value=None), None
    return Cell(value=f"{standing.service_score}/5", note=standing.service_promise), (-standing.service_score,)


def _adjusters(standing: Standing | None) -> tuple[Cell, Rank]:
    if standing is None:
        return Cell(value=None), None
    return Cell(value=f"{standing.adjusters_score}/5", note=standing.adjusters_note), (-standing.adjusters_score,)


def _payment(standing: Standing | None) -> tuple[Cell, Rank]:
    if standing is None:
        return Cell(value=None), None
    return Cell(value=standing.payment_days), (standing.payment_days,)


def _joined(*parts: str) -> str:
    return ";".join(part for part in parts if part)


DEDUCTIBLES = {ShortfallKind.DEDUCTIBLE, ShortfallKind.DEDUCTIBLE_RATE}
