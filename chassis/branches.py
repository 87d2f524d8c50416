"""The branch tree as every service knows it: which branches lie below which, as of a date (S1, S2)."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from pymongo.errors import DuplicateKeyError

from chassis.consuming import Consumers
from chassis.database import Database
from chassis.work import Work
from contracts.identity import BranchChanged, BranchClosed, BranchMoved, BranchOpened

COPY = "copy_branches"


@dataclass(frozen=True)
class Branch:
    """A branch with the history of its place: (from this date on, below this parent); the root's parent is None."""

    id: str
    code: str
    name: str
    region: str
    parents: tuple[tuple[date, str | None], ...]

    def parent(self, on: date) -> str | None:
        """The parent on a business date; before the first known one, the first known."""
        known = [parent for since, parent in self.parents if since <= on]
        return known[-1] if known else self.parents[0][1]

    @classmethod
    def read(cls, found: dict[str, Any]) -> "Branch":
        """From a document {_id, code, name, region, parents: [{parent, from_on}]}."""
        steps = [(date.fromisoformat(step["from_on"]), step["parent"]) for step in found["parents"]]
        steps.sort(key=lambda step: step[0])
        return cls(found["_id"], found["code"], found["name"], found.get("region", ""), tuple(steps))


class BranchTree:
    """The tree, read from the service's own collection and kept for `keep_seconds`."""

    def __init__(self, db: Database, collection: str = COPY, keep_seconds: float = 1.0) -> None:
        self._db, self._collection, self._keep = db, collection, keep_seconds
        self._branches: dict[str, Branch] = {}
        self._read_at = float("-inf")
        self._began_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        self._below: dict[tuple[date, tuple[str, ...]], frozenset[str]] = {}

    async def known(self) -> dict[str, Branch]:
        """All branches by id, at most `keep_seconds` old."""
        asked_at = time.monotonic()
        if asked_at - self._read_at > self._keep:
            if self._reading is None or self._reading.done() or asked_at - self._began_at > self._keep:
                self._began_at = asked_at
                self._reading = asyncio.create_task(self._read(asked_at))
            await asyncio.shield(self._reading)  # one reads for all who ask meanwhile; they share its failure too
        return self._branches

    async def _read(self, began_at: float) -> None:
        found = await self._db[self._collection].find({}, {"once": 0, "outbox": 0}).to_list()
        if began_at > self._read_at:
            self._branches = {document["_id"]: Branch.read(document) for document in found}
            self._below.clear()
            self._read_at = began_at

    async def below(self, roots: Iterable[str], on: date) -> frozenset[str]:
        """The branches named and everything below them on a business date."""
        branches = await self.known()
        key = (on, tuple(roots))
        if key not in self._below:
            self._below[key] = frozenset[str]().union(*(_subtree(branches, root, on) for root in key[1]))
        return self._below[key]


def _subtree(branches: dict[str, Branch], root: str, on: date) -> frozenset[str]:
    children: dict[str | None, list[str]] = {}
    for branch in branches.values():
        children.setdefault(branch.parent(on), []).append(branch.id)
    found, todo = {root}, [root]
    while todo:
        for child in children.get(todo.pop(), ()):
            if child not in found:
                found.add(child)
                todo.append(child)
    return frozenset(found)


consumers = Consumers()
"""Feeds the copy of the tree; every service but identity lists it among its consumers."""


@consumers.on(BranchOpened, BranchMoved, BranchChanged, BranchClosed)
async def copy_branch(fact: BranchOpened | BranchMoved | BranchChanged | BranchClosed, work: Work) -> None:
    """Follow a branch; moves are kept with their dates."""
    event = work.event
    assert event is not None
    update: dict[str, Any] = {"$set": {"v": event.aggregateversion}}
    match fact:
        case BranchOpened():
            step = {"parent": fact.parent_id, "from_on": fact.from_on.isoformat()}
            update["$set"] |= {
                "code": fact.code,
                "name": fact.name,
                "kind": fact.kind,
                "region": fact.region,
                "parents": [step],
            }
        case BranchMoved():
            update["$push"] = {"parents": {"parent": fact.parent_id, "from_on": fact.from_on.isoformat()}}
        case BranchChanged():
            update["$set"] |= {"name": fact.name, "region": fact.region}
        case BranchClosed():
            update["$set"] |= {"closed_on": fact.closed_on}
    newer = {"_id": fact.branch_id, "v": {"$lt": event.aggregateversion}}
    with suppress(DuplicateKeyError):
        await work.db[COPY].update_one(newer, update, upsert=isinstance(fact, BranchOpened))
