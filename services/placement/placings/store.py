"""Placing instructions in MongoDB."""

from pymongo import IndexModel

from chassis.database import Document
from chassis.refusals import Conflict, Missing
from chassis.store import Store
from services.placement.placings.model import LIVE, Placing


class PlacingNotFound(Missing):
    """No such instruction."""

    rule = "PLC-006"
    zh = "没有出单通知 {id}"
    en = "There is no placing instruction {id}"


class AlreadyPlaced(Conflict):
    """The accepted proposal has a live instruction."""

    rule = "PLC-075"
    zh = "该建议书已有一份有效的出单通知"
    en = "This proposal has a placing instruction already"
    todo_zh = "请在已有的出单通知上继续办理"
    todo_en = "Go on with the one that is there"


class Placings(Store[Placing]):
    """All instructions; an accepted proposal has at most one that is live."""

    collection = "placings"
    model = Placing
    missing = PlacingNotFound
    indexes = [
        IndexModel([("x.live", 1)], name="live", unique=True, partialFilterExpression={"x.live": {"$exists": True}}),
        IndexModel(
            [("instruction.panel.quote_id", 1)], name="quote", partialFilterExpression={"x.live": {"$exists": True}}
        ),
        IndexModel([("client_id", 1), ("_id", -1)], name="client"),
        IndexModel([("branch", 1), ("_id", -1)], name="branch"),
    ]
    duplicates = {"live": AlreadyPlaced}

    def extras(self, state: Placing) -> Document:
        """The proposal, while the instruction is live."""
        return {"live": state.proposal_id} if state.status in LIVE else {}

    async def resting_on(self, quote_id: str) -> str | None:
        """The number of the live instruction, in whatever branch, whose panel rests on a quote; None: of none."""
        live = {"instruction.panel.quote_id": quote_id, "x.live": {"$exists": True}}
        found = await self._documents.find_one(live, {"_id": 0, "number": 1}, session=self.work.session)
        return found["number"] if found else None
