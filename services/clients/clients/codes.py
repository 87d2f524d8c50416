"""The next codes of branches' series, reserved by blocks: many clients at once do not wait for one counter."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from chassis.branches import COPY
from chassis.database import Database
from chassis.files import BranchMissing
from chassis.numbering import reserve_numbers
from chassis.work import Work
from services.clients.clients.store import Clients, code_mark

BLOCK = 100


class _Block:
    """Codes of one branch that this process has reserved and not yet given out."""

    def __init__(self) -> None:
        self.left: deque[str] = deque()
        self.filling = asyncio.Lock()


_blocks: WeakKeyDictionary[Database, dict[str, _Block]] = WeakKeyDictionary()


async def draw(branch: str, work: Work) -> str:
    """The next code of the branch's series that no client brought with him. Raises BranchMissing. Rule: CLI-005.

    Codes that a process reserved and did not use are lost when it ends; the index on codes keeps each one unique.
    """
    block = _block(branch, work)
    while not block.left:
        async with block.filling:
            if not block.left:
                block.left.extend(await _reserved(branch, work))
    return block.left.popleft()


@asynccontextmanager
async def drawn(branch: str, work: Work) -> AsyncIterator[str]:
    """A code from `draw` for one try; where the try fails or turns out to repeat an earlier one, the next takes it."""
    code = await draw(branch, work)
    try:
        yield code
    except Exception:
        _block(branch, work).left.appendleft(code)
        raise
    if work.answer.repeated:
        _block(branch, work).left.appendleft(code)


def _block(branch: str, work: Work) -> _Block:
    return _blocks.setdefault(work.db, {}).setdefault(branch, _Block())


async def _reserved(branch: str, work: Work) -> list[str]:
    """Some codes, maybe none of a block in which clients brought all of them with them."""
    found = await work.db[COPY].find_one({"_id": branch})
    if found is None:
        raise BranchMissing(id=branch)
    numbers = await reserve_numbers(work, f"client codes {branch}", BLOCK)
    codes = [f"{found['code']}-C{number:05d}" for number in numbers]
    kept = await Clients(work).with_marks("codes", [code_mark(branch, code) for code in codes])
    used = {mark for client in kept for mark in client["x"]["codes"]}
    return [code for code in codes if code_mark(branch, code) not in used]
