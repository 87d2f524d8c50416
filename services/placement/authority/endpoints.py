"""Authority matrices: drafted, activated by a second person, asked for a day."""

from typing import Annotated

from fastapi import APIRouter

from chassis.http import Day, Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from services.placement.authority import actions
from services.placement.authority.model import Kind, Status
from services.placement.authority.rules import MatrixFaulty, MatrixMissing, OwnWork
from services.placement.authority.schemas import ActivateMatrix, ChangeMatrix, DraftMatrix, MatrixView
from services.placement.authority.store import Matrices, MatrixDateTaken, MatrixNotFound

router = APIRouter(prefix="/authority_matrices", tags=["authority_matrices"])
paging = Annotated[Listing, paged("from_on")]


@router.post("", status_code=201, dependencies=[requires("authority:write")])
async def draft_matrix(body: DraftMatrix, work: Work) -> MatrixView:
    """Draft an authority matrix; its holes and overlaps are shown, and refused when it is to be activated.

    Rule: PLC-009 (docs/rules/placement.md).
    """
    return MatrixView.of(await actions.draft_matrix(body.kind, body.rows, body.note, work))


@router.patch(
    "/{matrix_id}", dependencies=[requires("authority:write")], responses=refusals(MatrixNotFound, IllegalMove)
)
async def change_matrix(matrix_id: str, body: ChangeMatrix, work: Work) -> MatrixView:
    """Change a draft. Rows are replaced as a whole."""
    rows = body.rows if "rows" in body.model_fields_set else None
    note = body.note if "note" in body.model_fields_set else None
    return MatrixView.of(await actions.redraft_matrix(matrix_id, rows, note, work))


@router.post(
    "/{matrix_id}/activation",
    dependencies=[requires("authority:activate")],
    responses=refusals(MatrixNotFound, IllegalMove, OwnWork, MatrixFaulty, MatrixDateTaken),
)
async def activate_matrix(matrix_id: str, body: ActivateMatrix, work: Work) -> MatrixView:
    """Let a matrix decide from a day on. Somebody other than its maker does this.

    Rule: PLC-009, PLC-010, SYS-011 (docs/rules/placement.md).
    """
    return MatrixView.of(await actions.activate_matrix(matrix_id, body.from_on, work))


@router.get("", dependencies=[requires("authority:read")])
async def list_matrices(
    work: Work,
    listing: paging,
    kind: Kind | None = None,
    status: Status | None = None,
) -> Page[MatrixView]:
    """Matrices by page: drafts, past, present and future ones."""
    wanted = {name: value for name, value in (("kind", kind), ("status", status)) if value is not None}
    found = await Matrices(work).page(listing, wanted)
    return Page(items=[MatrixView.of(matrix) for matrix in found.items], next=found.next)


@router.get("/in_force", dependencies=[requires("authority:read")], responses=refusals(MatrixMissing))
async def show_matrix_in_force(kind: Kind, work: Work, on: Day | None = None) -> MatrixView:
    """The matrix that decides on a business date, today unless another one is named.

    Rule: PLC-010 (docs/rules/placement.md).
    """
    return MatrixView.of(await actions.the_matrix(kind, on or work.today, work))


@router.get("/{matrix_id}", dependencies=[requires("authority:read")], responses=refusals(MatrixNotFound))
async def show_matrix(matrix_id: str, work: Work) -> MatrixView:
    """One matrix."""
    return MatrixView.of(await Matrices(work).get(matrix_id))
