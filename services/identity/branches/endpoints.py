"""The HTTP door of branches."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.http import Day, Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from services.identity.branches import actions, rules
from services.identity.branches.schemas import BranchView, CloseBranch, EditBranch, MoveBranch, OpenBranch
from services.identity.branches.store import Branches

router = APIRouter(prefix="/branches", tags=["branches"])
SHAPE = (rules.BranchNotFound, rules.BranchOutOfReach, rules.HeadquartersStays, rules.KindTooHigh, rules.ClosedBranch)


@router.post(
    "",
    status_code=201,
    dependencies=[requires("branches:write")],
    responses=refusals(*SHAPE, rules.BranchCodeTaken, rules.RegionUnknown),
)
async def open_branch(body: OpenBranch, work: Work) -> BranchView:
    """Open a branch below one that the caller administers.

    Rule: IDN-001, IDN-004, IDN-005, IDN-006, IDN-007 (docs/rules/identity.md).
    """
    branch = await actions.open_branch(body.code, body.name, body.kind, body.region, body.parent_id, body.from_on, work)
    return BranchView.on(branch, work.today)


@router.get("", dependencies=[requires("branches:read")])
async def list_branches(
    work: Work,
    paging: Annotated[Listing, paged("code", "name", default="code")],
    below: Annotated[str | None, Query(max_length=64)] = None,
    on: Day | None = None,
) -> Page[BranchView]:
    """All branches of the company; with `below`, one and everything under it as of `on` (today without it)."""
    found = await actions.list_branches(paging, below, on, work)
    return Page(items=[BranchView.on(branch, on or work.today) for branch in found.items], next=found.next)


@router.get("/{branch_id}", dependencies=[requires("branches:read")], responses=refusals(rules.BranchNotFound))
async def show_branch(branch_id: str, work: Work) -> BranchView:
    """One branch with the history of its places."""
    return BranchView.on(await Branches(work).get(branch_id), work.today)


@router.patch(
    "/{branch_id}",
    dependencies=[requires("branches:write")],
    responses=refusals(rules.BranchNotFound, rules.RegionUnknown),
)
async def edit_branch(branch_id: str, body: EditBranch, work: Work) -> BranchView:
    """Correct a branch's name or region.

    Rule: IDN-005, IDN-006 (docs/rules/identity.md).
    """
    return BranchView.on(await actions.edit_branch(branch_id, body.name, body.region, work), work.today)


@router.post(
    "/{branch_id}/move",
    dependencies=[requires("branches:write")],
    responses=refusals(*SHAPE, rules.MoveInThePast),
)
async def move_branch(branch_id: str, body: MoveBranch, work: Work) -> BranchView:
    """Put a branch below another from a date on; who sees what follows on that date.

    Rule: IDN-001, IDN-003, IDN-006 (docs/rules/identity.md).
    """
    return BranchView.on(await actions.move_branch(branch_id, body.parent_id, body.from_on, work), work.today)


@router.post(
    "/{branch_id}/closure",
    dependencies=[requires("branches:write")],
    responses=refusals(
        rules.BranchNotFound, rules.ClosedInThePast, rules.BranchesBelow, rules.HeadquartersStays, IllegalMove
    ),
)
async def close_branch(branch_id: str, body: CloseBranch, work: Work) -> BranchView:
    """Close a branch after a day; its records stay.

    Rule: IDN-003, IDN-007 (docs/rules/identity.md).
    """
    return BranchView.on(await actions.close_branch(branch_id, body.closed_on, work), work.today)
