"""Quotes in MongoDB."""

from datetime import date, datetime

from pymongo import IndexModel

from chassis.database import Document
from chassis.lists import Listing, Slice
from chassis.refusals import Missing
from chassis.store import Store
from services.placement.quotes.model import ON_VALIDITY, UNANSWERED, Outline, Quote

MOST_OF_ENQUIRY = 500
SHOWN = (
    *("enquiry_id", "insurer_id", "insurer_name", "status", "closes_at"),
    *("terms.premium", "terms.valid_until_on", "terms.restrictions.kind"),
)


class QuoteNotFound(Missing):
    """No such quote."""

    rule = "PLC-006"
    zh = "没有报价 {id}"
    en = "There is no quote {id}"


class Quotes(Store[Quote]):
    """The quotes of all enquiries."""

    collection = "quotes"
    model = Quote
    missing = QuoteNotFound
    indexes = [
        IndexModel([("enquiry_id", 1), ("insurer_id", 1)], name="enquiry"),
        IndexModel([("status", 1), ("closes_at", 1)], name="closing"),
        IndexModel([("status", 1), ("terms.valid_until_on", 1)], name="validity"),
        IndexModel([("branch", 1), ("_id", -1)], name="branch"),
    ]

    async def of_enquiry(self, enquiry_id: str) -> list[Quote]:
        """All quotes of an enquiry, in the order in which the insurers were asked."""
        return await self.some({"enquiry_id": enquiry_id}, MOST_OF_ENQUIRY, [("sent_at", 1), ("_id", 1)])

    async def lines(self, listing: Listing, condition: Document) -> Slice[Outline]:
        """One page of quotes, of each what a line shows: the terms and their clauses are far larger."""
        found = await self.outlines(listing, condition, SHOWN)
        return Slice([_outline(document) for document in found.items], found.next)

    async def silent(self, now: datetime, limit: int) -> list[Quote]:
        """Quotes without an answer whose closing instant is over."""
        closed = {"status": {"$in": list(UNANSWERED)}, "closes_at": {"$lt": now}}
        return await self.some(closed, limit, [("closes_at", 1)])

    async def lapsed(self, today: date, limit: int) -> list[Quote]:
        """Open terms whose last valid day is over."""
        over = {"status": {"$in": list(ON_VALIDITY)}, "terms.valid_until_on": {"$lt": today}}
        return await self.some(over, limit, [("terms.valid_until_on", 1)])


def _outline(document: Document) -> Outline:
    terms = document.pop("terms", None) or {}
    return Outline(
        id=document.pop("_id"),
        version=document.pop("v"),
        **document,
        premium=terms.get("premium"),
        valid_until_on=terms.get("valid_until_on"),
        restrictive=len(terms.get("restrictions", ())),
    )
