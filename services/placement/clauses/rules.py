"""Editions of clauses. Pure."""

from datetime import datetime

from chassis.refusals import Missing
from contracts.placement import ClauseChanged
from services.placement.clauses.model import Clause, ClauseUsed, Edition, Words


class EditionNotFound(Missing):
    """The clause has no such edition."""

    rule = "PLC-016"
    zh = "条款 {code} 没有第 {edition} 版"
    en = "Clause {code} has no edition {edition}"
    todo_zh = "请使用已有的版本"
    todo_en = "Use one of the editions that exist"


def revise(clause: Clause, words: Words, by: str, at: datetime) -> tuple[Clause, ClauseChanged]:
    """Add an edition; whoever used an earlier one keeps it. Rule: PLC-016."""
    number = clause.current.number + 1
    edition = Edition(number=number, words=words, made_by=by, made_at=at)
    return clause.but(editions=[*clause.editions, edition]), ClauseChanged(clause_id=clause.id, edition=number)


def use(clause: Clause, edition: int | None) -> ClauseUsed:
    """The clause in an edition (None: the newest), with its words; raises EditionNotFound. Rule: PLC-016."""
    for known in clause.editions:
        if known.number == (edition or clause.current.number):
            return ClauseUsed(
                clause_id=clause.id, edition=known.number, code=clause.code, kind=clause.kind, words=known.words
            )
    raise EditionNotFound(code=clause.code, edition=edition)
