"""Quotes in MongoDB."""

from datetime import date, datetime

from pymongo import IndexModel

from chassis.refusals import Missing
from chassis.store import Store
from services.placement.quotes.model import ON_VALIDITY, UNANSWERED, Quote

MOST_OF_ENQUIRY = 500


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

    async def silent(self, now: datetime, limit: int) -> list[Quote]:
        """Quotes without an answer whose closing instant is over."""
        closed = {"status": {"$in": list(UNANSWERED)}, "closes_at": {"$lt": now}}
        return await self.some(closed, limit, [("closes_at", 1)])

    async def lapsed(self, today: date, limit: int) -> list[Quote]:
        """Open terms whose last valid day is over."""
        over = {"status": {"$in": list(ON_VALIDITY)}, "terms.valid_until_on": {"$lt": today}}
        return await self.some(over, limit, [("terms.valid_until_on", 1)])
