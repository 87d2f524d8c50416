"""The clause library."""

from typing import Annotated

from fastapi import APIRouter

from chassis.http import Listing, Page, Work, paged, refusals, requires
from contracts.shared import LineFamily
from services.placement.clauses import actions
from services.placement.clauses.model import ClauseKind
from services.placement.clauses.schemas import AddClause, ClauseLine, ClauseView, ReviseClause
from services.placement.clauses.store import ClauseCodeTaken, ClauseNotFound, Clauses

router = APIRouter(prefix="/clauses", tags=["clauses"])
paging = Annotated[Listing, paged("code", default="code")]


@router.post("", status_code=201, dependencies=[requires("clauses:write")], responses=refusals(ClauseCodeTaken))
async def add_clause(body: AddClause, work: Work) -> ClauseView:
    """Put a wording into the library.

    Rule: PLC-016 (docs/rules/placement.md).
    """
    clause = await actions.add_clause(body.code, body.kind, body.line_families, body.words, work)
    return ClauseView.of(clause)


@router.post("/{clause_id}/editions", dependencies=[requires("clauses:write")], responses=refusals(ClauseNotFound))
async def revise_clause(clause_id: str, body: ReviseClause, work: Work) -> ClauseView:
    """Add a new edition of a wording; enquiries that quote an earlier one keep it.

    Rule: PLC-016 (docs/rules/placement.md).
    """
    return ClauseView.of(await actions.revise_clause(clause_id, body.words, work))


@router.get("", dependencies=[requires("clauses:read")])
async def list_clauses(
    work: Work,
    listing: paging,
    kind: ClauseKind | None = None,
    line_family: LineFamily | None = None,
) -> Page[ClauseLine]:
    """The library by page, in its newest editions."""
    told = (("kind", kind), ("line_families", line_family))
    found = await Clauses(work).page(listing, {name: value for name, value in told if value is not None})
    return Page(items=[ClauseLine.of(clause) for clause in found.items], next=found.next)


@router.get("/{clause_id}", dependencies=[requires("clauses:read")], responses=refusals(ClauseNotFound))
async def show_clause(clause_id: str, work: Work) -> ClauseView:
    """One clause with all its editions."""
    return ClauseView.of(await Clauses(work).get(clause_id))
