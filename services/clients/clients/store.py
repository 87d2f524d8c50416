"""Clients in and out of MongoDB: what they are found by, and what keeps each on file once."""

import re
from collections.abc import Iterable, Sequence

from pymongo import IndexModel

from chassis.database import Document
from chassis.store import HIDDEN, Store
from services.clients.clients import names, refusals, rules
from services.clients.clients.identities import compact
from services.clients.clients.model import Client, Kind, Status

_THERE = {name: {name: {"$exists": True}} for name in ("x.number", "x.codes")}


class Clients(Store[Client]):
    """Clients and prospects, merged records too.

    Beside the state: `number` and `name` (keyed hashes of the identity number and of a person's name; a company's name
    key in clear), `codes` (all codes with their branch), `keys` (what a company is found by), `hashes` (the same of a
    person, hashed). A merged record keeps nothing of it, except its id.
    """

    collection = "clients"
    model = Client
    missing = refusals.ClientNotFound
    indexes = [
        IndexModel([("x.number", 1)], name="number", unique=True, partialFilterExpression=_THERE["x.number"]),
        IndexModel([("x.codes", 1)], name="codes", unique=True, partialFilterExpression=_THERE["x.codes"]),
        IndexModel([("x.name", 1)], name="name"),
        IndexModel([("x.keys", 1)], name="keys"),
        IndexModel([("x.hashes", 1)], name="hashes"),
        IndexModel([("branch", 1), ("status", 1), ("_id", -1)], name="branch"),
        IndexModel([("parent_id", 1)], name="parent"),
        IndexModel([("branch", 1), ("code", 1), ("_id", 1)], name="code"),
    ]
    duplicates = {"number": refusals.NumberTaken, "codes": refusals.CodeTaken}

    def extras(self, state: Client) -> Document:
        if state.status == Status.MERGED:
            return {}
        kept: Document = {
            "name": self.name_mark_of(state),
            "codes": [code_mark(code.branch, code.code) for code in rules.codes_of(state)],
        }
        if state.identity is not None:
            kept["number"] = self.number_mark(state.identity.number.reveal())
        if state.kind == Kind.COMPANY:
            kept["keys"] = names.company_keys(rules.name_of(state))
        else:
            kept["hashes"] = [self.hashed(key) for key in names.person_keys(rules.name_of(state))]
        return kept

    def hashed(self, text: str) -> str:
        """A keyed hash, short enough for an index."""
        return self.work.db.keyring.fingerprint(text)[:32]

    def number_mark(self, number: str) -> str:
        """What an identity number is looked up by."""
        return self.hashed(f"number {number}")

    def name_mark(self, name: str, kind: Kind) -> str:
        """What the same name is looked up by: in clear for a company, hashed for a person."""
        key = names.name_key(name)
        return key if kind == Kind.COMPANY else self.hashed(key)

    def name_mark_of(self, client: Client) -> str:
        """The mark of a client's own name."""
        return self.name_mark(rules.name_of(client), client.kind)

    async def with_number(self, number: str) -> Client | None:
        """The client with this number, whatever its branch: for rules, not for showing."""
        return await self._anywhere({"x.number": self.number_mark(number)})

    async def with_name(self, name: str, kind: Kind, but: str = "") -> Client | None:
        """A client with this name, whatever its branch: for rules, not for showing. One without a number first."""
        mark = {"x.name": self.name_mark(name, kind), "kind": kind, "_id": {"$ne": but}}
        return await self._anywhere({**mark, "identity": None}) or await self._anywhere(mark)

    def unnumbered(self, client: Client) -> Document:
        """The condition for a visible record of the same name that has no number: the same client. Rule: CLI-003."""
        return {"x.name": self.name_mark_of(client), "kind": client.kind, "identity": None, **self.scope()}

    async def hold_name(self, client: Client) -> None:
        """Let nobody else add this name without a number until the transaction ends."""
        lock = {"_id": f"client names {self.hashed(self.name_mark_of(client))[:2]}"}
        held = {"$set": {"held": self.work.now}}
        await self.work.db["numbers"].update_one(lock, held, upsert=True, session=self.work.session)

    async def whatever_branch(self, client_id: str) -> Client | None:
        """The client by id, whatever its branch: for rules, not for showing."""
        return await self._anywhere({"_id": client_id})

    async def with_marks(self, field: str, marks: Sequence[str]) -> list[Document]:
        """Id, branch, code and marks (`x`) of every client that has one of these marks, whatever its branch.

        `field`: number, name or codes. For rules, not for showing.
        """
        shown = {"branch": 1, "code": 1, "x.number": 1, "x.name": 1, "x.codes": 1}
        return await self._documents.find({f"x.{field}": {"$in": list(marks)}}, shown).to_list()

    async def with_ids(self, client_ids: Sequence[str]) -> list[Client]:
        """The clients with these ids, merged ones too, whatever their branch: for rules, not for showing."""
        found = await self._documents.find({"_id": {"$in": list(client_ids)}}, {**HIDDEN, "once": 0}).to_list()
        return [self.loaded(document) for document in found]

    async def hold(self, client_ids: Iterable[str]) -> None:
        """Write-lock these until the transaction ends, so that what a rule read of them stays true."""
        ids = list(client_ids)
        held = {"$set": {"x.held": self.work.now}}
        await self._documents.update_many({"_id": {"$in": ids}}, held, session=self.work.session)

    def matching(self, q: str) -> Document:
        """The condition for what somebody typed.

        Part of a company's name, its pinyin or initials; a person's whole name, pinyin or initials; a code; a USCC.
        """
        asked = names.question(q)
        return {
            "$or": [
                {"x.keys": {"$regex": f"^{re.escape(asked)}"}},
                {"x.hashes": self.hashed(asked)},
                {"code": {"$regex": f"^{re.escape(rules.cleaned_code(q))}"}},
                self.with_code(q),
                {"x.number": self.number_mark(compact(q))},
            ]
        }

    def with_code(self, code: str) -> Document:
        """The condition for a code, present or former, of one of the caller's branches."""
        return {"x.codes": {"$in": [code_mark(branch, rules.cleaned_code(code)) for branch in self.work.reach or ()]}}

    async def alike(self, name: str, kind: Kind, most: int) -> list[Client]:
        """Visible clients of the same name; then companies that share two neighbouring characters with it, those that
        share most of them first, or persons of the same pinyin. At most `most` of either.
        """
        if kind == Kind.COMPANY:
            near: Document = {"_id": {"$in": await self._sharing_most(names.pairs(name), most)}}
        else:
            near = {"x.hashes": {"$in": [self.hashed(names.question(name)), self.hashed(names.pinyin(name))]}}
        found = await self.some({"x.name": self.name_mark(name, kind)}, most) + await self.some(near, most)
        return list({client.id: client for client in found}.values())

    async def _sharing_most(self, pairs: list[str], most: int) -> list[str]:
        """The ids of visible companies in whose names most of these pairs of characters stand."""
        beginnings = [re.compile(f"^{re.escape(pair)}") for pair in pairs]
        in_name = {"$map": {"input": "$x.keys", "in": {"$substrCP": ["$$this", 0, 2]}}}
        steps: list[Document] = [
            {"$match": {"$and": [{"x.keys": {"$in": beginnings}}, self.scope()]}},
            {"$project": {"shared": {"$size": {"$setIntersection": [in_name, {"$literal": pairs}]}}}},
            {"$sort": {"shared": -1, "_id": 1}},
            {"$limit": most},
        ]
        found = await self._documents.aggregate(steps, session=self.work.session)
        return [document["_id"] async for document in found]

    async def _anywhere(self, condition: Document) -> Client | None:
        found = await self._documents.find_one(condition, {**HIDDEN, "once": 0}, session=self.work.session)
        return self.loaded(found) if found else None


def code_mark(branch: str, code: str) -> str:
    """What a branch's code is looked up by."""
    return f"{branch} {code}"
