"""The paper of a proposal: everything that the client must be told before it decides."""

from collections.abc import Sequence

from chassis.papers import Head
from contracts.money import Money
from services.placement.gates.insured import in_clear
from services.placement.papers.model import (
    Cell,
    ComparisonRow,
    Dimension,
    ProposalPaper,
    Restriction,
    Shortfall,
    Unanswered,
)
from services.placement.papers.model import Offer as OfferColumn
from services.placement.papers.model import RecommendedLine as PaperLine
from services.placement.proposals.model import Proposal
from services.placement.quotes.comparison import Column, Row, valid_on
from services.placement.quotes.wording import (
    restriction_text,
    scheme_entries,
    shortfall_subject,
    shortfall_value,
)


def paper_of(proposal: Proposal, head: Head) -> ProposalPaper:
    """The paper of an edition that is being sent, in the head's language; what it shows is valid at the answer date.

    Rule: PLC-061 to PLC-064, PLC-066, PLC-072.
    """
    assert proposal.answer_until_on is not None
    language, advice = head.language, proposal.advice
    matrix = valid_on(proposal.comparison, proposal.answer_until_on)
    recommended = {line.quote_id for line in advice.recommendation}
    return ProposalPaper(
        head=head,
        line=proposal.called(language),
        insured=in_clear(proposal.insured),
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        answer_until_on=proposal.answer_until_on,
        requested=scheme_entries(proposal.scheme, language),
        offers=tuple(
            OfferColumn(
                insurer=column.insurer_name,
                premium=column.premium,
                valid_until_on=column.valid_until_on,
                recommended=column.quote_id in recommended,
            )
            for column in matrix.columns
        ),
        comparison=tuple(_row(row, language) for row in matrix.rows),
        unanswered=tuple(
            Unanswered(insurer=silent.insurer_name, outcome=silent.outcome, reason=silent.reason)
            for silent in matrix.silent
        ),
        recommendation=_recommendation(proposal),
        reasons=_reasons(proposal),
        restrictions=_restrictions(proposal, matrix.columns, language),
        shortfalls=tuple(short for column in matrix.columns for short in _shortfalls(column, language)),
        exclusions=_exclusions(proposal, language),
        related_parties=advice.related_parties,
        remuneration=advice.remuneration,
        suitability=advice.suitability,
    )


def _row(row: Row, language: str) -> ComparisonRow:
    cells = tuple(
        Cell(
            value=_shown(row.dimension, cell.value, language),
            note=cell.note,
            best=cell.best,
            restrictive=cell.restrictive,
        )
        for cell in row.cells
    )
    return ComparisonRow(dimension=row.dimension, cells=cells)


def _shown(dimension: Dimension, value: Money | int | str | None, language: str) -> Money | int | str | None:
    """A value of the matrix with its unit where a bare number would not say it."""
    if dimension is Dimension.PAYMENT_EFFICIENCY and isinstance(value, int):
        return f"{value} 天" if language == "zh" else f"{value} days"
    return value


def _recommendation(proposal: Proposal) -> tuple[PaperLine, ...]:
    """The recommended panel at the leader's premium, split by share to the fen."""
    lines = proposal.advice.recommendation
    lead = next(line for line in lines if line.lead)
    leading = proposal.offer(lead.quote_id)
    assert leading is not None
    parts = leading.terms.premium.split([line.share_bp for line in lines])
    names = {offer.quote_id: offer.insurer_name for offer in proposal.offers}
    return tuple(
        PaperLine(insurer=names[line.quote_id], share_bp=line.share_bp, lead=line.lead, premium=part)
        for line, part in zip(lines, parts, strict=True)
    )


def _reasons(proposal: Proposal) -> tuple[str, ...]:
    """The reasons; the advice on shortfalls joins them when there is no restrictive condition to stand with."""
    advice = proposal.advice
    alone = advice.shortfall_advice and not any(offer.terms.restrictions for offer in proposal.recommended())
    return (*advice.reasons, advice.shortfall_advice) if alone else advice.reasons


def _restrictions(proposal: Proposal, columns: Sequence[Column], language: str) -> tuple[Restriction, ...]:
    """All restrictive conditions of all offers; the advice stands with the last one of each recommended insurer."""
    recommended = {offer.quote_id for offer in proposal.recommended()}
    found: list[Restriction] = []
    for column in columns:
        mine = [
            Restriction(insurer=column.insurer_name, text=restriction_text(restriction, language))
            for restriction in column.restrictions
        ]
        if mine and column.quote_id in recommended:
            mine[-1] = mine[-1].but(advice=proposal.advice.shortfall_advice)
        found += mine
    return tuple(found)


def _shortfalls(column: Column, language: str) -> list[Shortfall]:
    return [
        Shortfall(
            insurer=column.insurer_name,
            subject=shortfall_subject(short, language),
            requested=shortfall_value(short, short.requested),
            offered=shortfall_value(short, short.offered),
        )
        for short in column.shortfalls
    ]


def _exclusions(proposal: Proposal, language: str) -> tuple[str, ...]:
    """The exclusions of the recommended offers, each once."""
    recommended = {offer.quote_id for offer in proposal.recommended()}
    found = {
        f"{clause.title(language)}:{clause.text(language)}"
        for column in proposal.comparison.columns
        if column.quote_id in recommended
        for clause in column.exclusions
    }
    return tuple(sorted(found))
