"""The branch tree is read once for all who ask at once, and never older than it may be."""

import asyncio
from typing import Any

from chassis.branches import BranchTree

ROOT = {"_id": "hq", "code": "HQ", "name": "总部", "parents": [{"parent": None, "from_on": "2020-01-01"}]}


class Collection:
    """Gives its branches when it is let; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.began, self.let = asyncio.Event(), asyncio.Event()
        self.kept: list[dict[str, Any]] = [ROOT]

    def find(self, *_: Any) -> "Collection":
        self.asked += 1
        return self

    async def to_list(self) -> list[dict[str, Any]]:
        found = list(self.kept)
        self.began.set()
        await self.let.wait()
        return found


async def test_all_who_ask_at_once_share_one_reading():
    branches = Collection()
    tree = BranchTree({"copy_branches": branches})  # type: ignore[arg-type]
    asking = [asyncio.ensure_future(tree.known()) for _ in range(8)]
    await branches.began.wait()
    branches.let.set()
    assert [list(known) for known in await asyncio.gather(*asking)] == [["hq"]] * 8
    assert branches.asked == 1


async def test_who_may_see_nothing_old_does_not_share_a_reading_that_began_before_he_asked():
    branches = Collection()
    tree = BranchTree({"copy_branches": branches}, keep_seconds=0)  # type: ignore[arg-type]
    first = asyncio.ensure_future(tree.known())
    await branches.began.wait()
    branches.began.clear()
    branches.kept = [ROOT, {**ROOT, "_id": "gd", "parents": [{"parent": "hq", "from_on": "2020-01-01"}]}]
    second = asyncio.ensure_future(tree.known())
    await branches.began.wait()
    branches.let.set()
    assert list(await second) == ["hq", "gd"]
    await first
    assert branches.asked == 2


async def test_all_who_ask_at_once_share_a_failure_and_the_next_one_tries_anew():
    branches = Collection()
    tree = BranchTree({"copy_branches": branches})  # type: ignore[arg-type]
    branches.kept = [{"_id": "no branch"}]
    branches.let.set()
    failed = await asyncio.gather(*(tree.known() for _ in range(8)), return_exceptions=True)
    assert [type(error) for error in failed] == [KeyError] * 8
    assert branches.asked == 1
    branches.kept = [ROOT]
    assert list(await tree.known()) == ["hq"]
