"""Find the supervisor of a user, and the general manager."""

from collections.abc import Sequence

from chassis.branches import BranchTree
from chassis.work import Work
from services.notifications.people.model import User
from services.notifications.people.rules import BRANCH_HEAD, GENERAL_MANAGER, SUPERVISOR, nearest_holder
from services.notifications.people.store import Employees, Users


async def supervisor_of(user_id: str, branch: str, work: Work) -> User | None:
    """Whom hr names as superior; else a supervisor, else a head, of the branch or the nearest branch above.

    Rule: NTF-008 (docs/rules/notifications.md).
    """
    named = await _superior(user_id, work)
    if named is not None:
        return named
    upwards = await branches_above(branch, work)
    for role in (SUPERVISOR, BRANCH_HEAD):
        if found := await _holder(role, upwards, work, but=user_id):
            return found
    return None


async def general_manager(branch: str, work: Work) -> User | None:
    """The general manager at headquarters, or the one nearest to it above the branch. Rule: NTF-008."""
    upwards = await branches_above(branch, work)
    return await _holder(GENERAL_MANAGER, upwards[::-1], work)


async def answerable(branch: str, work: Work) -> User | None:
    """Who answers for a branch when nobody is named: its supervisor, head, or the general manager."""
    upwards = await branches_above(branch, work)
    for role in (SUPERVISOR, BRANCH_HEAD, GENERAL_MANAGER):
        if found := await _holder(role, upwards, work):
            return found
    return None


async def branches_above(branch: str, work: Work) -> list[str]:
    """The branch and those above it, nearest first, as of today."""
    tree = await BranchTree(work.db).known()
    found = [branch]
    while found[-1] in tree and (parent := tree[found[-1]].parent(work.today)) and parent not in found:
        found.append(parent)
    return found


async def _superior(user_id: str, work: Work) -> User | None:
    if not user_id:
        return None
    employees, on = Employees(work), work.today
    for employee in await employees.some({"user_id": user_id}):
        for superior in await employees.some({"_id": employee.supervisor_id}):
            if superior.user_id and superior.user_id != user_id and superior.works(on):
                return await _enabled(superior.user_id, work)
    return None


async def _enabled(user_id: str, work: Work) -> User | None:
    found = await Users(work).some({"_id": user_id, "enabled": True})
    return found[0] if found else None


async def _holder(role: str, branches: Sequence[str], work: Work, but: str = "") -> User | None:
    held = {"$elemMatch": {"roles": role, "branch_id": {"$in": list(branches)}}}
    users = await Users(work).some({"assignments": held})
    return nearest_holder(role, users, branches, work.today, but)
