"""Branches in MongoDB, in the shape in which chassis/branches.py reads the tree."""

from pymongo import IndexModel

from chassis.store import Store
from services.identity.branches.model import Branch
from services.identity.branches.rules import BranchCodeTaken, BranchNotFound

MOST = 10_000


class Branches(Store[Branch]):
    """The branches. Everybody may read the tree; a change needs the branch's own place in the caller's reach."""

    collection = "branches"
    model = Branch
    missing = BranchNotFound
    indexes = [IndexModel([("code", 1)], name="code", unique=True)]
    duplicates = {"code": BranchCodeTaken}
    company_wide = True

    async def hold_tree(self) -> None:
        """Inside a transaction: changes of the tree wait for each other, or a branch could close under a new one."""
        await self.work.db["tree"].update_one(
            {"_id": "tree"}, {"$inc": {"changes": 1}}, upsert=True, session=self.work.session
        )

    async def tree(self) -> dict[str, Branch]:
        """All branches by id."""
        return {branch.id: branch for branch in await self.some({}, MOST)}
