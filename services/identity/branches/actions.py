"""Load, decide, save; changes of the tree's shape one after another."""

from dataclasses import replace
from datetime import date

from chassis.branches import BranchTree
from chassis.lists import Listing, Slice
from chassis.store import together
from chassis.work import Work
from services.identity.branches import rules
from services.identity.branches.model import HEADQUARTERS_ID, Branch, Kind, Place
from services.identity.branches.store import Branches


async def found_headquarters(code: str, name: str, region: str, on: date, work: Work) -> tuple[Branch, bool]:
    """Headquarters, and whether it was made now; one that exists stays as it is. Rule: IDN-001."""
    branches = Branches(work)
    if (existing := await branches.first({"_id": HEADQUARTERS_ID})) is not None:
        return existing, False
    return await branches.add(*rules.found(HEADQUARTERS_ID, code, name, region, on)), True


async def open_branch(
    code: str, name: str, kind: Kind, region: str, parent_id: str, from_on: date | None, work: Work
) -> Branch:
    """Open a branch below a parent, from a date on (today without one). Rule: IDN-001, IDN-006."""

    async def act(inside: Work) -> Branch:
        branch_id = work.new_id("branches")
        branches = Branches(inside)
        if (done := await branches.already(branch_id)) is not None:
            return done
        await branches.hold_tree()
        place = Place(parent=parent_id, from_on=from_on or work.today)
        new = Branch(id=branch_id, branch=branch_id, code=code, name=name, kind=kind, region=region, parents=(place,))
        decided = rules.open_branch(await branches.tree(), new, work.reach)
        seen = replace(inside, reach=None if work.reach is None else work.reach | {branch_id})
        return await Branches(seen).add(*decided)

    return await together(work, act)


async def move_branch(branch_id: str, parent_id: str, from_on: date, work: Work) -> Branch:
    """Put a branch below another parent from a date on. Rule: IDN-001, IDN-003, IDN-006."""

    async def act(inside: Work) -> Branch:
        branches = Branches(inside)
        await branches.hold_tree()
        tree = await branches.tree()
        return await branches.change(
            branch_id, lambda branch: rules.move(tree, branch, parent_id, from_on, work.today, work.reach)
        )

    return await together(work, act)


async def edit_branch(branch_id: str, name: str | None, region: str | None, work: Work) -> Branch:
    """Another name or region; None leaves it. Rule: IDN-005."""
    return await Branches(work).change(
        branch_id, lambda branch: rules.edit(branch, name or branch.name, region or branch.region)
    )


async def close_branch(branch_id: str, closed_on: date, work: Work) -> Branch:
    """Take no new business after a date. Rule: IDN-003, IDN-007."""

    async def act(inside: Work) -> Branch:
        branches = Branches(inside)
        await branches.hold_tree()
        tree = await branches.tree()
        return await branches.change(branch_id, lambda branch: rules.close(tree, branch, closed_on, inside.today))

    return await together(work, act)


async def list_branches(listing: Listing, below: str | None, on: date | None, work: Work) -> Slice[Branch]:
    """Branches by page; with `below`, that branch and all below it on a date (today without one)."""
    condition = {}
    if below is not None:
        condition = {
            "_id": {"$in": list(await BranchTree(work.db, Branches.collection).below([below], on or work.today))}
        }
    return await Branches(work).page(listing, condition)
