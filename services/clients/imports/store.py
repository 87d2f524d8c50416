"""Imports, their rows, and what is on file of what a file names."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from pymongo import IndexModel, ReplaceOne

from chassis.database import Document
from chassis.ids import derived_id
from chassis.lists import Listing, Slice
from chassis.store import Store
from chassis.work import Work
from services.clients.clients import actions as clients_actions
from services.clients.clients.store import Clients, code_mark
from services.clients.imports import rules
from services.clients.imports.model import Counts, Import, Outcome, ReportRow
from services.clients.imports.rules import Holder, Line, OnFile

ROWS = "import_rows"
BATCH = 1000
T = TypeVar("T")


class Imports(Store[Import]):
    """Imports, dry runs too."""

    collection = "imports"
    model = Import
    missing = rules.ImportNotFound
    indexes = [
        IndexModel([("branch", 1), ("_id", -1)], name="branch"),
        IndexModel([("status", 1), ("continue_at", 1)], name="due"),
    ]


class ReportRows:
    """The rows of one import's report, in the order of the file: those of one plan, and of no other attempt's."""

    indexes = {ROWS: [IndexModel([("import_id", 1), ("outcome", 1), ("_id", 1)], name="import")]}

    def __init__(self, import_id: str, plan_id: str, work: Work) -> None:
        self.import_id, self.plan_id, self.work = import_id, plan_id or import_id, work
        self._documents = work.db[ROWS]
        self._first, self._behind = f"{self.plan_id} ", f"{self.plan_id}!"

    async def keep(self, rows: Sequence[ReportRow]) -> None:
        """Keep the whole report."""
        for batch in batches(rows, BATCH):
            await self._documents.insert_many([self._document(row) for row in batch], ordered=False)

    async def drop_others(self) -> None:
        """Drop what other attempts have left, once this plan is the import's."""
        others = [{"_id": {"$lt": self._first}}, {"_id": {"$gte": self._behind}}]
        await self._documents.delete_many({"import_id": self.import_id, "$or": others})

    async def drop(self) -> None:
        """Drop this plan, as another one is the import's."""
        await self._documents.delete_many(self._own())

    async def correct(self, rows: Iterable[ReportRow]) -> None:
        """Replace rows whose outcome turned out otherwise."""
        changes = [ReplaceOne({"_id": self._id(row.seq)}, self._document(row)) for row in rows]
        if changes:
            await self._documents.bulk_write(changes, ordered=False)

    async def part(self, first: int, last: int) -> dict[int, ReportRow]:
        """The rows from one sequence number to another, inclusive, whatever their branch."""
        condition = {"_id": {"$gte": self._id(first), "$lte": self._id(last)}}
        found = await self._documents.find(condition).to_list()
        return {document["seq"]: _loaded(document) for document in found}

    async def page(self, listing: Listing, condition: Document) -> Slice[ReportRow]:
        """One page of the rows in the caller's branches."""
        where = [part for part in (self._scope(), condition, listing.after()) if part]
        cursor = self._documents.find({"$and": where}).sort("_id", listing.direction).limit(listing.limit + 1)
        found = await cursor.to_list()
        kept = found[: listing.limit]
        more = len(found) > listing.limit
        return Slice([_loaded(document) for document in kept], listing.next_after(kept[-1]) if more else None)

    async def all(self) -> list[ReportRow]:
        """Every row in the caller's branches, in order."""
        return [_loaded(document) async for document in self._documents.find(self._scope()).sort("_id", 1)]

    async def counts(self) -> dict[str, Counts]:
        """How many rows had which outcome, by sheet, whatever their branch."""
        remarked = {"$and": [{"$ne": ["$outcome", Outcome.REFUSED]}, {"$gt": [{"$size": "$findings"}, 0]}]}
        sums: Document = {str(one): {"$sum": {"$cond": [{"$eq": ["$outcome", one]}, 1, 0]}} for one in Outcome}
        sums["remarked"] = {"$sum": {"$cond": [remarked, 1, 0]}}
        steps = [{"$match": self._own()}, {"$group": {"_id": "$sheet", **sums}}]
        found = await (await self._documents.aggregate(steps)).to_list()
        return {document.pop("_id"): Counts(**document) for document in found}

    def _own(self) -> Document:
        return {"import_id": self.import_id, "_id": {"$gte": self._first, "$lt": self._behind}}

    def _scope(self) -> Document:
        reach = self.work.reach
        return self._own() | ({} if reach is None else {"branch": {"$in": list(reach)}})

    def _id(self, seq: int) -> str:
        return f"{self.plan_id} {seq:06d}"

    def _document(self, row: ReportRow) -> Document:
        return {"_id": self._id(row.seq), "import_id": self.import_id, **row.model_dump()}


def _loaded(document: Document) -> ReportRow:
    return ReportRow.model_validate({name: document[name] for name in ReportRow.model_fields})


def new_client_id(number: str, work: Work) -> str:
    """The id of the client that a row with this number's mark makes: always the same one, telling nothing of it."""
    return derived_id("imported client", work.db.keyring.fingerprint(f"imported {number}"))


async def on_file(lines: Sequence[Line], new_ids: dict[int, str], work: Work) -> OnFile:
    """Who is on file of those that a file names, by number, name and code, whatever the branch."""
    clients, found = Clients(work), OnFile()
    for batch in batches(lines, BATCH):
        codes = {code_mark(line.branch, line.code): (line.branch, line.code) for line in batch if line.code}
        numbered, named, coded = await asyncio.gather(
            clients.with_marks("number", [line.number for line in batch if line.number]),
            clients.with_marks("name", [name for line in batch for name in line.names]),
            clients.with_marks("codes", list(codes)),
        )
        for document in numbered:
            found.numbers[document["x"]["number"]] = _holder(document)
        for document in named:
            holders = found.names[document["x"]["name"]]
            if all(holder.client_id != document["_id"] for holder in holders):
                holders.append(_holder(document))
        for document in coded:
            for mark in document["x"]["codes"]:
                if mark in codes:
                    found.codes[codes[mark]] = _holder(document)
        await _add_imported_before(batch, new_ids, found, work)
    return found


async def _add_imported_before(batch: Sequence[Line], new_ids: dict[int, str], found: OnFile, work: Work) -> None:
    """Rows whose client was made by an earlier import and has another number by now, or was merged."""
    open_ids = {new_ids[line.seq]: line.number for line in batch if line.number and line.number not in found.numbers}
    for made in await Clients(work).with_ids(list(open_ids)):
        client, number = await clients_actions.stayed(made.id, work), open_ids[made.id]
        mark = Clients(work).name_mark_of(client)
        assert number is not None
        found.numbers[number] = Holder(client.id, client.branch, client.code, mark, numbered=True)


def _holder(document: Document) -> Holder:
    marks = document["x"]
    return Holder(document["_id"], document["branch"], document["code"], marks["name"], numbered="number" in marks)


def batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """The things in lists of at most `size`."""
    rest = iter(things)
    while batch := list(islice(rest, size)):
        yield batch
