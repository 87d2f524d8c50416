"""Schedules in MongoDB: the schedule as a document, its rows beside it.

Rows are written before their schedule, under ids that follow from it; the schedule is what makes them visible. So a
crash between the two leaves nothing to be seen, and doing it again writes nothing twice.
"""

from pymongo import IndexModel, InsertOne
from pymongo.errors import BulkWriteError

from chassis.lists import Listing, Slice
from chassis.refusals import Missing
from chassis.store import Store
from chassis.work import Work
from services.placement.schedules.model import Schedule, ScheduleRow

BATCH = 1000
ROWS = "schedule_rows"
ROW_INDEXES = {ROWS: [IndexModel([("schedule_id", 1), ("n", 1)], name="schedule", unique=True)]}
_DUPLICATE = 11000


class ScheduleNotFound(Missing):
    """No such schedule, or not in the caller's branches."""

    rule = "PLC-006"
    zh = "没有清单 {id}"
    en = "There is no schedule {id}"


class Schedules(Store[Schedule]):
    """The schedules."""

    collection = "schedules"
    model = Schedule
    missing = ScheduleNotFound
    indexes = [IndexModel([("client_id", 1), ("_id", -1)], name="client")]


class ScheduleRows:
    """The rows of schedules; whoever reads them has found their schedule first."""

    def __init__(self, work: Work) -> None:
        self._documents = work.db[ROWS]

    async def add(self, schedule_id: str, rows: list[ScheduleRow]) -> None:
        """Write rows in batches; those that stand already stay."""
        for start in range(0, len(rows), BATCH):
            writes = [
                InsertOne({"_id": f"{schedule_id} {row.n}", "schedule_id": schedule_id, **row.model_dump()})
                for row in rows[start : start + BATCH]
            ]
            try:
                await self._documents.bulk_write(writes, ordered=False)
            except BulkWriteError as error:
                if any(failed["code"] != _DUPLICATE for failed in (error.details or {})["writeErrors"]):
                    raise

    async def page(self, schedule_id: str, listing: Listing) -> Slice[ScheduleRow]:
        """Rows in the order of the file."""
        where = {"$and": [{"schedule_id": schedule_id}, listing.after()]}
        order = [(listing.field, listing.direction), ("_id", listing.direction)]
        found = await self._documents.find(where).sort(order).limit(listing.limit + 1).to_list()
        kept = found[: listing.limit]
        more = len(found) > listing.limit
        rows = [ScheduleRow.read(_row(document)) for document in kept]
        return Slice(rows, listing.next_after(kept[-1]) if more else None)

    async def all(self, schedule_id: str, most: int) -> list[ScheduleRow]:
        """The first rows, for a document."""
        found = await self._documents.find({"schedule_id": schedule_id}).sort("n", 1).limit(most).to_list()
        return [ScheduleRow.read(_row(document)) for document in found]


def _row(document: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in document.items() if name not in ("_id", "schedule_id")}
