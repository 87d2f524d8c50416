"""Proposals in MongoDB."""

from collections.abc import Sequence
from datetime import date

from pymongo import IndexModel

from chassis.refusals import Conflict, Missing
from chassis.store import Store
from contracts.money import Money
from services.placement.proposals.model import WITH_THE_CLIENT, Proposal, Status


class ProposalNotFound(Missing):
    """No such proposal."""

    rule = "PLC-006"
    zh = "没有保险建议书 {id}"
    en = "There is no proposal {id}"


class EditionTaken(Conflict):
    """The enquiry has this edition already."""

    rule = "PLC-060"
    zh = "该询价已有保险建议书"
    en = "This enquiry has a proposal already"
    todo_zh = "请在已有的建议书上编制新版"
    todo_en = "Make a new edition of the one that is there"


class Proposals(Store[Proposal]):
    """All editions of all proposals."""

    collection = "proposals"
    model = Proposal
    missing = ProposalNotFound
    indexes = [
        IndexModel([("enquiry_id", 1), ("edition", 1)], name="edition", unique=True),
        IndexModel([("status", 1), ("answer_until_on", 1)], name="answer"),
        IndexModel([("client_id", 1), ("_id", -1)], name="client"),
        IndexModel([("branch", 1), ("_id", -1)], name="branch"),
    ]
    duplicates = {"edition": EditionTaken}

    async def unanswered(self, today: date, limit: int) -> list[Proposal]:
        """Proposals with the client whose answer date is over."""
        over = {"status": {"$in": list(WITH_THE_CLIENT)}, "answer_until_on": {"$lt": today}}
        return await self.some(over, limit, [("answer_until_on", 1)])

    async def premiums(self, enquiry_ids: Sequence[str]) -> dict[str, Money | None]:
        """By enquiry, the premium of its last edition, in whatever branch; None: the client said no. Rule: PLC-013."""
        last = {"enquiry_id": {"$in": list(enquiry_ids)}, "status": {"$ne": Status.SUPERSEDED}}
        shown = {"enquiry_id": 1, "premium": 1, "status": 1}
        found = await self._documents.find(last, shown, session=self.work.session).to_list()
        return {
            document["enquiry_id"]: None
            if document["status"] == Status.DECLINED
            else Money.model_validate(document["premium"])
            for document in found
        }
