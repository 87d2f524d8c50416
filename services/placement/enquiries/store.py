"""Enquiries in MongoDB, and which insurers have answered."""

from collections.abc import Collection
from datetime import datetime

from pymongo import IndexModel

from chassis.refusals import Missing
from chassis.store import Store
from chassis.work import Work
from services.placement.enquiries.model import COUNTED, Enquiry, Status

ANSWERS = "enquiry_answers"
ANSWER_INDEXES = {ANSWERS: [IndexModel([("enquiry_id", 1)], name="enquiry")]}
MOST_IN_PROJECT = 500


class EnquiryNotFound(Missing):
    """No such enquiry, or not in the caller's branches."""

    rule = "PLC-006"
    zh = "没有询价书 {id}"
    en = "There is no enquiry {id}"


class Enquiries(Store[Enquiry]):
    """The market enquiries."""

    collection = "enquiries"
    model = Enquiry
    missing = EnquiryNotFound
    indexes = [
        IndexModel([("branch", 1), ("_id", -1)], name="branch"),
        IndexModel([("client_id", 1), ("project_id", 1), ("_id", -1)], name="client"),
        IndexModel([("status", 1), ("closes_at", 1)], name="closing"),
        IndexModel([("number", 1)], name="number", unique=True),
    ]

    async def to_close(self, now: datetime, most: int) -> list[Enquiry]:
        """Issued enquiries whose closing instant is over."""
        return await self.some({"status": Status.ISSUED, "closes_at": {"$lt": now}}, most, [("closes_at", 1)])

    async def counted(self, client_ids: Collection[str], project_id: str | None) -> list[Enquiry]:
        """The client's placements of a project (None: of no project) that were not given up."""
        same = {"client_id": {"$in": list(client_ids)}, "project_id": project_id}
        return await self.some(same | {"status": {"$in": COUNTED}}, MOST_IN_PROJECT)


class Answers:
    """When each insurer last answered an enquiry, told by the quotes' events in any order and number."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._documents = work.db[ANSWERS]

    async def note(self, enquiry_id: str, insurer_id: str, at: datetime) -> None:
        """An insurer answered at an instant; an earlier answer changes nothing."""
        told = {"$max": {"at": at}, "$setOnInsert": {"enquiry_id": enquiry_id, "insurer_id": insurer_id}}
        await self._documents.update_one({"_id": f"{enquiry_id} {insurer_id}"}, told, upsert=True)

    async def since(self, enquiry_id: str, begun: datetime) -> set[str]:
        """The insurers that answered at an instant or later."""
        found = await self._documents.find({"enquiry_id": enquiry_id, "at": {"$gte": begun}}).to_list()
        return {answer["insurer_id"] for answer in found}
