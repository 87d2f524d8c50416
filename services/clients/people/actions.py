"""Questions about our own people."""

from chassis.branches import BranchTree
from chassis.refusals import Conflict
from chassis.work import Work
from services.clients.people.model import Post, Tier, User
from services.clients.people.rules import highest_tier, posts_on
from services.clients.people.store import Delegations, Employees, Users


class UserNotInBranch(Conflict):
    """The user holds no role in the branch or above it today."""

    rule = "CLI-061"
    zh = "用户 {user} 今天在该机构没有岗位"
    en = "User {user} holds no role in this branch today"
    todo_zh = "请选择在该机构任职的用户"
    todo_en = "Choose a user who works for this branch"


async def the_colleague(user_id: str, branch: str, work: Work) -> User:
    """A user who holds a role in the branch or above it on `work.today`; raises UserUnknown, UserNotInBranch."""
    user = await Users(work).get(user_id)
    if not await _posts_of(user_id, branch, work):
        raise UserNotInBranch(user=user_id)
    return user


async def tier_of(user_id: str, branch: str, requester_id: str, work: Work) -> Tier | None:
    """The highest tier that a user holds over a branch on `work.today`, by his own posts or lent to him by somebody
    else than the requester; by the server's own data. None for no tier, or an unknown user. Rule: CLI-068.
    """
    posts = await _posts_of(user_id, branch, work)
    tree = BranchTree(work.db)
    for lent in await Delegations(work).lent_to(user_id):
        covers = lent.holds(work.today) and branch in await tree.below([lent.branch_id], work.today)
        if covers and lent.giver_id != requester_id:
            posts += await _posts_of(lent.giver_id, branch, work)
    return highest_tier(posts)


async def is_subordinate(user_id: str, of_user_id: str, work: Work) -> bool:
    """Whether one user reports to another, directly or over others; False where hr has told of no such line."""
    employees = Employees(work)
    superiors = {employee.id for employee in await employees.some({"user_id": of_user_id})}
    level, seen = await employees.some({"user_id": user_id}), set[str]()
    while above := {employee.supervisor_id for employee in level if employee.supervisor_id} - seen:
        if above & superiors:
            return True
        seen |= above
        level = await employees.some({"_id": {"$in": list(above)}})
    return False


async def _posts_of(user_id: str, branch: str, work: Work) -> list[Post]:
    tree, today = BranchTree(work.db), work.today
    held = [post for user in await Users(work).some({"_id": user_id}) for post in posts_on(user, today)]
    return [post for post in held if branch in await tree.below([post.branch_id], today)]
