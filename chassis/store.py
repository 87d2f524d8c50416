"""Documents in and out of MongoDB: branch scope, version check, once-only mark and event, all in one write.

Promises: a change and its events commit in one single-document write (or one transaction); a key that was used
before changes nothing
and gets the same answer; two changes of the same version: one wins, the other is told (HTTP) or decides again
(events, jobs);
nothing outside the caller's branches is read or changed. Does not promise: an answer as it was at the first call;
a repeat shows the
thing as it is now; nor that a key is known for ever: a document keeps its newest KEPT_MARKS, so that a repeat which
comes after so many other marked changes of it is a change of its own.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Generic, TypeVar

from pymongo import IndexModel
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.read_concern import ReadConcern

from chassis.database import Document
from chassis.faults import DUPLICATE
from chassis.ids import new_id
from chassis.lists import Listing, Slice
from chassis.model import Aggregate
from chassis.newer import carried
from chassis.refusals import Conflict, Invalid, Missing, Refusal, TryLater
from chassis.sealing import may_hold_personal
from chassis.work import Work
from contracts.facts import Fact, without_version

T = TypeVar("T", bound=Aggregate)
R = TypeVar("R")
Decision = tuple[T, *tuple[Fact, ...]]
"""A new state and the facts that tell of it, one for each version; at least one."""

KEPT_MARKS = 50
MOST_PENDING = 500
MOST_EVENT_BYTES = 3_500_000
"""Of one event's data; topics take messages of 4 MiB."""
TRIES = 20
HIDDEN = {"outbox": 0, "outbox_at": 0, "x": 0}


class Stale(Conflict):
    """The caller saw an older version."""

    rule = "SYS-002"
    zh = "数据已被他人修改(当前版本 {version})"
    en = "Somebody changed it since you read it; it is now at version {version}"
    todo_zh = "请重新读取后再提交,并在 If-Match 中带上新的 ETag"
    todo_en = "Read it again and send the new ETag in If-Match"


class MatchMissing(Invalid):
    """A change of something that exists must say which version it changes."""

    rule = "SYS-003"
    zh = "修改必须带 If-Match"
    en = "A change must say which version it changes, in If-Match"
    todo_zh = "请先读取,再把响应中的 ETag 放入 If-Match"
    todo_en = "Read the thing first and send its ETag in If-Match"


class KeyReused(Invalid):
    """The same Idempotency-Key with another body."""

    rule = "SYS-004"
    zh = "同一个 Idempotency-Key 已用于内容不同的请求"
    en = "This Idempotency-Key was used before with another body"
    todo_zh = "新的请求请使用新的 Idempotency-Key"
    todo_en = "Use a new Idempotency-Key for a new request"


class OutboxFull(TryLater):
    """Too many events of one document wait to be published."""

    rule = "SYS-009"
    zh = "该记录尚有过多事件未发布"
    en = "Too many events of this record are still waiting to be published"
    todo_zh = "请稍后重试"
    todo_en = "Try again later"


class EventTooLarge(Invalid):
    """What would be told of the change is larger than a message may be."""

    rule = "SYS-009"
    zh = "此操作的事件超过 {most} 字节,无法发布"
    en = "What this would tell others is larger than {most} bytes"
    todo_zh = "请减少内容(如附件或条目)后重试"
    todo_en = "Make it smaller (attachments, items) and try again"


class Store(Generic[T]):
    """One collection of aggregates, seen through one piece of work."""

    collection: ClassVar[str]
    model: type[T]
    missing: ClassVar[type[Missing]]
    indexes: ClassVar[list[IndexModel]] = []
    duplicates: ClassVar[Mapping[str, type[Refusal]]] = {}
    """Refusals by the name of the unique index that they come from."""
    company_wide: ClassVar[bool] = False
    """Everybody in the company may read it; changes still need the branch that owns it."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._documents = work.db.collection(self.collection, in_clear=not may_hold_personal(self.model))

    def extras(self, state: T) -> Document:
        """Search keys and fingerprints kept beside the state under `x`; not part of it."""
        return {}

    def scope(self, *, reading: bool = True) -> Document:
        """The condition that keeps this work inside the caller's branches."""
        if self.work.reach is None or (reading and self.company_wide):
            return {}
        return {"branch": {"$in": list(self.work.reach)}}

    async def get(self, thing_id: str) -> T:
        """The thing; raises the store's `missing` for what is not there or not in the caller's branches."""
        found = await self._documents.find_one(
            {"_id": thing_id, **self.scope()}, {**HIDDEN, "once": 0}, session=self.work.session
        )
        if found is None:
            raise self.missing(id=thing_id)
        self.work.answer.version = found["v"]
        return self.loaded(found)

    async def first(self, condition: Document, sort: list[tuple[str, int]] | None = None) -> T | None:
        """The first thing in the caller's branches that meets a condition of the store's own making, or None."""
        found = await self._documents.find_one(
            {"$and": [condition, self.scope()]}, {**HIDDEN, "once": 0}, sort=sort, session=self.work.session
        )
        return self.loaded(found) if found else None

    async def some(self, condition: Document, limit: int, sort: list[tuple[str, int]] | None = None) -> list[T]:
        """At most `limit` things in the caller's branches that meet a condition of the store's own making."""
        cursor = self._documents.find(
            {"$and": [condition, self.scope()]}, {**HIDDEN, "once": 0}, session=self.work.session
        )
        return [self.loaded(found) for found in await cursor.sort(sort or [("_id", 1)]).limit(limit).to_list()]

    async def page(self, listing: Listing, condition: Document | None = None) -> Slice[T]:
        """One page of the things in the caller's branches."""
        found = await self._page(listing, condition, {**HIDDEN, "once": 0})
        return Slice([self.loaded(document) for document in found.items], found.next)

    async def outlines(self, listing: Listing, condition: Document, shown: Sequence[str]) -> Slice[Document]:
        """One page, of each thing in it only `shown`, `v`, `branch` and what it is sorted by.

        For lists of large things that show a line of each.
        """
        return await self._page(listing, condition, dict.fromkeys((*shown, "v", "branch", listing.field), 1))

    async def _page(self, listing: Listing, condition: Document | None, fields: Document) -> Slice[Document]:
        where = [part for part in (self.scope(), condition or {}, listing.after()) if part]
        order = [(listing.field, listing.direction)] + ([("_id", listing.direction)] if listing.field != "_id" else [])
        cursor = self._documents.find({"$and": where} if where else {}, fields).sort(order).limit(listing.limit + 1)
        found = await cursor.to_list()
        kept = found[: listing.limit]
        return Slice(kept, listing.next_after(kept[-1]) if len(found) > listing.limit else None)

    async def already(self, thing_id: str) -> T | None:
        """What this work made when it was done before, if it was; raises KeyReused for another body."""
        found = await self._documents.find_one({"_id": thing_id, **self.scope()}, HIDDEN, session=self.work.session)
        return self._repeated(found) if found else None

    async def add(self, state: T, *facts: Fact, unless: tuple[Document, Refusal] | None = None) -> T:
        """Keep a new thing and its first events. Its id comes from `work.new_id`, so that a repeat adds nothing.

        `unless`: a condition of the store's own making, and the refusal where something kept meets it already; it is
        looked for within the same write. Two that are added in the same moment do not see each other.

        Raises KeyReused, or the refusal that `duplicates` names for a unique index.
        """
        if not self.work.sees(state.branch):
            raise self.missing(id=state.id)
        document = self._document(state, facts)
        try:
            if unless is None:
                await self._documents.insert_one(document, session=self.work.session)
            elif not await self._insert_unless(unless[0], document):
                raise unless[1]
        except DuplicateKeyError as error:
            if self.work.session is None and self._index(error) == "_id_":
                found = await self._documents.find_one({"_id": state.id}, HIDDEN)
                if found is not None:
                    return self._repeated(found)
            raise self._refused(error) from error
        self.work.answer.version = len(facts)
        return state.kept_as(len(facts))

    async def _insert_unless(self, condition: Document, document: Document) -> bool:
        made = await self._documents.update_one(
            condition, {"$setOnInsert": document}, upsert=True, session=self.work.session
        )
        return made.upserted_id is not None

    async def add_many(self, things: Sequence[Decision[T]]) -> dict[str, str]:
        """Keep many new things in one go, each with its first events, in one write of its own.

        Gives, by id, the unique index that refused a thing: `_id_` for one that is there already. The others are kept.
        """
        for state, *_ in things:
            if not self.work.sees(state.branch):
                raise self.missing(id=state.id)
        documents = [self._document(state, tuple(facts)) for state, *facts in things]
        try:
            await self._documents.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            faults = error.details["writeErrors"]
            if error.details["writeConcernErrors"] or any(fault["code"] != DUPLICATE for fault in faults):
                raise
            return {documents[fault["index"]]["_id"]: self._index_in(fault["errmsg"]) for fault in faults}
        return {}

    def _document(self, state: T, facts: tuple[Fact, ...]) -> Document:
        return {
            **self.fields(state),
            "_id": state.id,
            "v": len(facts),
            "branch": state.branch,
            "x": self.extras(state),
            "once": self._marks(),
            "outbox": self._outbox(0, state.branch, facts),
            "outbox_at": self.work.now,
        }

    async def change(self, thing_id: str, decide: Callable[[T], Decision[T] | None], *, subject: bool = True) -> T:
        """Load, decide, save: one thing, one version check, one write.

        `decide` gets the thing and gives the new state with its facts, or None for no change; it may be called
        again with a newer
        state. `subject=False` for a thing that the caller did not name in If-Match. A repeat of work that was done
        is answered with
        the thing as it is.
        """
        for _ in range(TRIES):
            found = await self._to_change(thing_id, subject=subject)
            if found is None:
                raise self.missing(id=thing_id)
            if self._done(found):
                return self._repeated(found)
            if subject:
                self._check_match(found["v"])
            before = self.loaded(found)
            decided = decide(before)
            if decided is None:
                return before
            after, *facts = decided
            if await self._replace(found, before, after, tuple(facts)):
                version = found["v"] + len(facts)
                if subject:
                    self.work.answer.version = version
                return after.kept_as(version)
            # somebody was faster: read again, for it may have been an earlier call of this same work
        raise Stale(version="?")

    async def _to_change(self, thing_id: str, *, subject: bool) -> Document | None:
        """The document, not older than what the caller has seen.

        A primary that has just taken over may for a moment read behind what the one before it acknowledged.
        """
        where = {"_id": thing_id, **self.scope(reading=False)}
        found = await self._documents.find_one(where, HIDDEN, session=self.work.session)
        seen = self.work.if_match if subject and self.work.session is None else None
        if seen is not None and (found is None or found["v"] < seen):
            newest = self._documents.with_options(read_concern=ReadConcern("linearizable"))
            found = await newest.find_one(where, HIDDEN)
        return found

    async def _replace(self, found: Document, before: T, after: T, facts: tuple[Fact, ...]) -> bool:
        if not facts:
            raise TypeError("a change of state needs an event that tells of it")
        sets = {name: value for name, value in self.fields(after).items() if found.get(name) != value}
        if nested := [name for name in sets if isinstance(found.get(name), dict | list)]:
            known = self.fields(before)
            for name in nested:  # what is as it was read differs only in how BSON spells it
                if sets[name] == known.get(name):
                    del sets[name]
                else:
                    sets[name] = carried(found[name], known.get(name), sets[name])
        sets["branch"], sets["x"] = after.branch, self.extras(after)
        update: Document = {
            "$set": sets,
            "$inc": {"v": len(facts)},
            "$push": {"outbox": {"$each": self._outbox(found["v"], after.branch, facts)}},
            "$min": {"outbox_at": self.work.now},
        }
        if marks := self._marks():
            update["$push"]["once"] = {"$each": marks, "$slice": -KEPT_MARKS}
        room = {f"outbox.{MOST_PENDING - 1}": {"$exists": False}}
        try:
            result = await self._documents.update_one(
                {"_id": found["_id"], "v": found["v"], **room}, update, session=self.work.session
            )
        except DuplicateKeyError as error:
            raise self._refused(error) from error
        if result.matched_count == 0 and await self._documents.count_documents(
            {"_id": found["_id"], "v": found["v"]}, limit=1, session=self.work.session
        ):
            raise OutboxFull
        return result.matched_count == 1

    def fields(self, state: T) -> Document:
        """The state as a document, without id, branch and version."""
        fields = state.model_dump()
        del fields["id"], fields["branch"], fields["version"]
        return fields

    def loaded(self, document: Document) -> T:
        """The state from a document."""
        state = {name: value for name, value in document.items() if name not in ("_id", "v", "once")}
        return self.model.read({**state, "id": document["_id"], "version": document["v"]})

    def _done(self, found: Document) -> bool:
        mark = self.work.mark()
        return mark is not None and any(once["key"] == mark for once in found.get("once", ()))

    def _repeated(self, found: Document) -> T:
        mark = self.work.mark()
        for once in found.get("once", ()):
            if once["key"] == mark and once["digest"] != self.work.digest:
                raise KeyReused
        self.work.answer.version, self.work.answer.repeated = found["v"], True
        return self.loaded(found)

    def _marks(self) -> list[Document]:
        mark = self.work.mark()
        return [{"key": mark, "digest": self.work.digest}] if mark else []

    def _check_match(self, version: int) -> None:
        if self.work.if_match is None and self.work.must_match:
            raise MatchMissing
        if self.work.if_match is not None and self.work.if_match != version:
            raise Stale(version=version)

    def _outbox(self, version: int, branch: str, facts: tuple[Fact, ...]) -> list[Document]:
        work = self.work
        common: Document = {"at": work.now, "actor": work.actor.id, "branch": branch, "correlation": work.correlation}
        common |= {"causation": work.event.id if work.event else "", "trace": work.traceparent}
        sealing = {"sealer": work.db.keyring.sealed}
        told = [fact.model_dump_json(context=sealing) for fact in facts]
        if any(len(data.encode()) > MOST_EVENT_BYTES for data in told):
            raise EventTooLarge(most=MOST_EVENT_BYTES)
        return [
            {"id": new_id(), "type": fact.type, "v": version + n, **common, **_also(fact, facts), "data": data}
            for n, (fact, data) in enumerate(zip(facts, told, strict=True), 1)
        ]

    def _refused(self, error: DuplicateKeyError) -> Exception:
        refusal = self.duplicates.get(self._index(error))
        return refusal() if refusal else error

    def _index(self, error: DuplicateKeyError) -> str:
        return self._index_in(str((error.details or {}).get("errmsg", "")))

    @staticmethod
    def _index_in(message: str) -> str:
        return message.partition(" index: ")[2].partition(" ")[0]


def _also(fact: Fact, facts: tuple[Fact, ...]) -> Document:
    """The other versions of a fact's contract that are told beside it, for readers that know only one of them."""
    if len(facts) == 1:
        return {}
    name = without_version(fact.type)
    others = [other.type for other in facts if without_version(other.type) == name and other.type != fact.type]
    return {"alsoas": " ".join(others)} if others else {}


async def together(work: Work, act: Callable[[Work], Awaitable[R]]) -> R:
    """Run `act` in one transaction, again whenever MongoDB asks for it (write conflict, election).

    For two documents that must change together, nothing else: a transaction costs about twice a single write.
    Inside, look for
    `already` first: a duplicate key ends the transaction.
    """
    async with work.db.client.start_session() as session:
        return await session.with_transaction(lambda inside: act(replace(work, session=inside)))
