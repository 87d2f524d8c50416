"""Read-only copies of what another service owns, fed by its events.

Promises: a copy never goes back: an event at or below the version kept changes nothing. Does not promise: to be up
to date;
it follows by the time that an event needs.
"""

from typing import Any, ClassVar, Generic, TypeVar

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from chassis.model import Value
from chassis.refusals import Missing, TryLater
from chassis.work import Work

C = TypeVar("C", bound=Value)


class Copy(Generic[C]):
    """One collection of copies (`copy_<things>`), seen through one piece of work. `model` has `id` and `branch`."""

    collection: ClassVar[str]
    model: type[C]
    missing: ClassVar[type[Missing] | type[TryLater]]
    company_wide: ClassVar[bool] = False

    def __init__(self, work: Work) -> None:
        self.work = work
        self._documents = work.db[self.collection]

    async def put(self, thing_id: str, **fields: Any) -> None:
        """Take over fields from the event in hand, if it is newer than what is kept. Nested fields as "a.b"."""
        event = self.work.event
        assert event is not None, "copies are fed by events only"
        sets = {**fields, "v": event.aggregateversion, "branch": event.branch}
        older = {"_id": thing_id, "v": {"$lt": event.aggregateversion}}
        try:
            await self.work.db.updates(self.collection).make(UpdateOne(older, {"$set": sets}, upsert=True))
        except DuplicateKeyError:
            return

    async def get(self, thing_id: str) -> C:
        """The copy; raises the class' `missing` for what is not here (yet) or not in the caller's branches."""
        scope = {} if self.work.reach is None or self.company_wide else {"branch": {"$in": list(self.work.reach)}}
        found = await self._documents.find_one({"_id": thing_id, **scope}, session=self.work.session)
        if found is None:
            raise self.missing(id=thing_id)
        return self.loaded(found)

    async def some(self, condition: dict[str, Any], limit: int = 200) -> list[C]:
        """At most `limit` copies, whatever their branch: for rules, not for showing."""
        found = await self._documents.find(condition, session=self.work.session).limit(limit).to_list()
        return [self.loaded(document) for document in found]

    def loaded(self, document: dict[str, Any]) -> C:
        """The value from a document; fields that the model does not name are dropped."""
        document = {**document, "id": document["_id"]}
        return self.model.read({name: document[name] for name in self.model.model_fields if name in document})
