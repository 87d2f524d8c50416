"""The clause library: writing it, and quoting from it."""

from collections.abc import Sequence

from chassis.work import Work
from contracts.placement import ClauseAdded
from contracts.shared import LineFamily
from services.placement.clauses import rules
from services.placement.clauses.model import Clause, ClauseKind, ClauseUsed, Edition, Words
from services.placement.clauses.store import ClauseNotFound, Clauses


async def add_clause(code: str, kind: ClauseKind, line_families: list[LineFamily], words: Words, work: Work) -> Clause:
    """Put a clause into the library as its first edition; raises ClauseCodeTaken. Rule: PLC-016."""
    first = Edition(number=1, words=words, made_by=work.actor.id, made_at=work.now)
    clause = Clause(
        id=work.new_id("clauses"),
        branch=work.actor.branch,
        code=code,
        kind=kind,
        line_families=line_families,
        editions=[first],
    )
    return await Clauses(work).add(clause, ClauseAdded(clause_id=clause.id, code=code, kind=kind))


async def revise_clause(clause_id: str, words: Words, work: Work) -> Clause:
    """Add an edition; raises ClauseNotFound. Rule: PLC-016."""
    return await Clauses(work).change(clause_id, lambda clause: rules.revise(clause, words, work.actor.id, work.now))


async def used_clauses(wanted: Sequence[tuple[str, int | None]], work: Work) -> list[ClauseUsed]:
    """Clauses of the library with their words, by id and edition (None: the newest), in the order named.

    Raises:
        ClauseNotFound, EditionNotFound.

    Rule: PLC-016.
    """
    ids = [clause_id for clause_id, _ in wanted]
    found = {clause.id: clause for clause in await Clauses(work).some({"_id": {"$in": ids}}, limit=len(ids) or 1)}
    for clause_id in ids:
        if clause_id not in found:
            raise ClauseNotFound(id=clause_id)
    return [rules.use(found[clause_id], edition) for clause_id, edition in wanted]
