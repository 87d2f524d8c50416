"""Debit notes in MongoDB."""

from datetime import date

from pymongo import IndexModel

from chassis.database import Document
from chassis.refusals import Missing
from chassis.store import Store
from services.finance.debit_notes.model import DebitNote, Status
from services.finance.debit_notes.rules import AlreadyBilled


class DebitNoteMissing(Missing):
    """No such debit note, or not in the caller's branches."""

    rule = "FIN-008"
    zh = "没有付款通知 {id}"
    en = "There is no debit note {id}"


class DebitNotes(Store[DebitNote]):
    """Debit notes; a policy has one that is not cancelled."""

    collection = "debit_notes"
    model = DebitNote
    missing = DebitNoteMissing
    indexes = [
        IndexModel([("x.live_policy", 1)], name="live_policy", unique=True, sparse=True),
        IndexModel([("number", 1)], name="number", unique=True, partialFilterExpression={"number": {"$gt": ""}}),
        IndexModel([("branch", 1), ("status", 1), ("_id", -1)], name="status"),
        IndexModel([("client_id", 1), ("_id", -1)], name="client"),
        IndexModel([("policy_id", 1), ("_id", -1)], name="policy"),
        IndexModel([("x.due_next_on", 1), ("_id", -1)], name="due", sparse=True),
    ]
    duplicates = {"live_policy": AlreadyBilled}

    def extras(self, state: DebitNote) -> Document:
        """The policy while the note is live, and the next due date once it is issued."""
        keys: Document = {}
        if state.status is not Status.CANCELLED:
            keys["live_policy"] = state.policy_id
        if due_next_on := state.due_next_on():
            keys["due_next_on"] = due_next_on
        return keys

    async def live_for(self, policy_id: str) -> DebitNote | None:
        """The policy's note that is not cancelled."""
        return await self.first({"x.live_policy": policy_id})


def matching(
    client_id: str | None, policy_id: str | None, status: Status | None, overdue: bool | None, on: date
) -> Document:
    """The condition of a list; overdue: issued, and the first unpaid part was due before the business date `on`."""
    condition: Document = {}
    if client_id is not None:
        condition["client_id"] = client_id
    if policy_id is not None:
        condition["policy_id"] = policy_id
    if status is not None:
        condition["status"] = status
    if overdue is not None:
        past = {"$lt": on.isoformat()}
        condition["x.due_next_on"] = past if overdue else {"$not": past}
    return condition
