"""Policies in MongoDB, and their versions, which are only ever added."""

from datetime import date

from pymongo import ASCENDING, IndexModel

from chassis.database import Document
from chassis.refusals import Missing
from chassis.store import Store
from chassis.work import Work
from services.placement.policies.model import Policy, Status, Version
from services.placement.policies.rules import NumberTaken

VERSIONS = "policy_versions"
VERSION_INDEXES = {VERSIONS: [IndexModel([("policy_id", 1), ("number", 1)], name="policy", unique=True)]}
MOST_VERSIONS = 1000


class PolicyNotFound(Missing):
    """No such policy."""

    rule = "PLC-006"
    zh = "没有保单 {id}"
    en = "There is no policy {id}"


class Policies(Store[Policy]):
    """The policy register (Y1)."""

    collection = "policies"
    model = Policy
    missing = PolicyNotFound
    indexes = [
        IndexModel(
            [("x.number", 1)], name="number", unique=True, partialFilterExpression={"x.number": {"$exists": True}}
        ),
        IndexModel([("client_id", 1), ("_id", -1)], name="client"),
        IndexModel([("cover.number", 1)], name="policy_number"),
        IndexModel([("cover.lines.insurer_id", 1), ("_id", -1)], name="insurer"),
        IndexModel([("cover.ends_on", 1), ("_id", 1)], name="expiry"),
        IndexModel([("status", 1), ("cover.starts_on", 1)], name="inception"),
        IndexModel([("status", 1), ("cover.ends_on", 1)], name="ending"),
        IndexModel([("branch", 1), ("_id", -1)], name="branch"),
    ]
    duplicates = {"number": NumberTaken}

    def extras(self, state: Policy) -> Document:
        """The leading insurer and the number of the last document: one policy each. Void policies give theirs back."""
        if not state.documents or state.status is Status.VOID:
            return {}
        return {"number": f"{state.lead_insurer_id} {state.documents[-1].number}"}

    async def beginning(self, today: date, limit: int) -> list[Policy]:
        """Checked policies whose first day of cover has come."""
        begun = {"status": Status.VERIFIED, "cover.starts_on": {"$lte": today.isoformat()}}
        return await self.some(begun, limit, [("cover.starts_on", 1)])

    async def ending(self, today: date, limit: int) -> list[Policy]:
        """Policies in force whose last day of cover is over."""
        over = {"status": Status.IN_FORCE, "cover.ends_on": {"$lt": today.isoformat()}}
        return await self.some(over, limit, [("cover.ends_on", 1)])


class Versions:
    """The versions of policies; whoever reads them has found the policy in his branches."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._documents = work.db[VERSIONS]

    async def keep(self, version: Version) -> None:
        """Keep a version for ever, in the transaction that made it; one that is kept never changes. Rule: PLC-097."""
        document = version.model_dump(exclude={"id"})
        await self._documents.update_one(
            {"_id": version.id}, {"$setOnInsert": document}, upsert=True, session=self.work.session
        )

    async def of(self, policy_id: str) -> list[Version]:
        """All versions of a policy, oldest first."""
        found = self._documents.find({"policy_id": policy_id}, session=self.work.session).sort("number", ASCENDING)
        return [
            Version.read({**{k: v for k, v in document.items() if k != "_id"}, "id": document["_id"]})
            for document in await found.limit(MOST_VERSIONS).to_list()
        ]
