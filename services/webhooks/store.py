"""Webhooks and deliveries in MongoDB."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from chassis.branches import BranchTree
from chassis.database import Database, Document
from chassis.lists import Listing, Slice
from chassis.store import HIDDEN, Store, together
from chassis.work import Work
from services.webhooks.model import Delivery, DeliveryStatus, Status, Webhook
from services.webhooks.rules import DeliveryMissing, WebhookMissing

AT_ONCE = 30
"""Requests to one webhook; the next ones go out when all of them have an answer or have run out of time."""
KEPT_SECONDS = 30 * 24 * 3600
OPEN = {"open": True}


class Webhooks(Store[Webhook]):
    """One document for each webhook."""

    collection = "webhooks"
    model = Webhook
    missing = WebhookMissing
    indexes = [IndexModel([("branch", 1), ("_id", -1)], name="branch"), IndexModel([("status", 1)], name="status")]

    async def active(self) -> list[Webhook]:
        """All that events are sent to."""
        found = self._documents.find({"status": Status.ACTIVE}, {**HIDDEN, "once": 0})
        return [self.loaded(document) async for document in found]

    async def hearing(self) -> "Hearing":
        """Who hears of events, by one reading for all who ask in the same moment: it begins after they have asked."""
        reading = _about_to_read.get(self.work.db)
        if reading is None:
            reading = _about_to_read[self.work.db] = asyncio.create_task(self._read_for_all())
        return await asyncio.shield(reading)

    async def _read_for_all(self) -> "Hearing":
        del _about_to_read[self.work.db]  # who asks from now on may know of a webhook that this reading misses
        return Hearing(await self.active(), BranchTree(self.work.db))


@dataclass(frozen=True)
class Hearing:
    """The webhooks that are sent to, and the branches, which are read when they are first asked for."""

    webhooks: list[Webhook]
    tree: BranchTree


_about_to_read: WeakKeyDictionary[Database, asyncio.Task[Hearing]] = WeakKeyDictionary()


class Deliveries:
    """Documents of deliveries, without events of their own; those delivered go after 30 days.

    Beside them lies one for each queue, which is what one webhook is still to get of one aggregate: `due_at` says
    when its first delivery is to be tried, and is absent while that is parked; `n` counts what was done to the queue
    from outside, so that the sender never takes a queue out of the search that somebody has just added to. What is
    due is found by `due_at` alone, however much waits.
    """

    def __init__(self, work: Work) -> None:
        self.work = work
        self._documents = work.db["deliveries"]
        self._queues = work.db["queues"]

    async def add(self, delivery: Delivery) -> None:
        """Keep a new one in its queue; the same one again keeps nothing new."""
        with suppress(DuplicateKeyError):
            await self._documents.insert_one({**_fields(delivery), "_id": delivery.id})
        await self._stir(delivery, {"$setOnInsert": {**_queue(delivery), "due_at": delivery.next_at}})

    async def put_back(self, parked: Delivery, waiting: Delivery) -> None:
        """Keep that a parked one waits again, unless somebody else did it in the meantime.

        It and its queue in one transaction: a queue that nothing stirs is never looked at again.
        """

        async def keep(within: Work) -> None:
            inside = Deliveries(within)
            if await inside._replaced(parked, waiting):
                await inside._stir(waiting, {"$set": {**_queue(waiting), "due_at": waiting.next_at}})

        await together(self.work, keep)

    async def due(self, webhook_ids: list[str]) -> list[Delivery]:
        """Those to be tried now, so many of each webhook: of a queue the first, if its time has come."""
        found: list[Delivery] = []
        for webhook_id in webhook_ids:
            now = {"webhook_id": webhook_id, "due_at": {"$lte": self.work.now}}
            for queue in await self._queues.find(now).sort("due_at", 1).limit(AT_ONCE).to_list():
                first = await self._first(queue)
                if first and first.status is DeliveryStatus.WAITING and first.next_at <= self.work.now:
                    found.append(first)
                else:
                    await self._follow(queue, first)
        return found

    async def settle(self, before: Delivery, after: Delivery) -> None:
        """Keep what became of a try, and when its queue is due next."""
        await self._replaced(before, after)
        if queue := await self._queues.find_one({"_id": _queue_id(after)}):
            await self._follow(queue, await self._first(queue))

    async def _stir(self, delivery: Delivery, update: Document) -> None:
        changed = {"$inc": {"n": 1}, **update}
        await self._queues.update_one({"_id": _queue_id(delivery)}, changed, upsert=True, session=self.work.session)

    async def _first(self, queue: Document) -> Delivery | None:
        own = {**OPEN, "webhook_id": queue["webhook_id"], "subject": queue["subject"]}
        found = await self._documents.find_one(own, sort=[("sequence", 1)])
        return _loaded(found) if found else None

    async def _follow(self, queue: Document, first: Delivery | None) -> None:
        """Let the queue say what its first delivery says, unless it was stirred since it was read."""
        same = {"_id": queue["_id"], "n": queue["n"]}
        if first is None:
            await self._queues.delete_one(same)
        elif first.status is DeliveryStatus.PARKED:
            await self._queues.update_one(same, {"$unset": {"due_at": ""}})
        else:
            await self._queues.update_one(same, {"$set": {"due_at": max(first.next_at, self.work.now)}})

    async def _replaced(self, before: Delivery, after: Delivery) -> bool:
        same = {"_id": before.id, "status": before.status, "tries": before.tries}
        kept = {**_fields(after), "_id": after.id}
        done = await self._documents.replace_one(same, kept, session=self.work.session)
        return done.matched_count == 1

    async def get(self, delivery_id: str) -> Delivery:
        """One delivery. Raises DeliveryMissing."""
        found = await self._documents.find_one({"_id": delivery_id, **self._scope()})
        if found is None:
            raise DeliveryMissing(id=delivery_id)
        return _loaded(found)

    async def page(self, webhook_id: str, listing: Listing, status: DeliveryStatus | None) -> Slice[Delivery]:
        """One page of a webhook's deliveries, without what they tell."""
        where = {"webhook_id": webhook_id, **self._scope()} | ({"status": status} if status else {})
        cursor = self._documents.find({"$and": [where, listing.after()]}, {"told": 0}).sort("_id", listing.direction)
        found = await cursor.limit(listing.limit + 1).to_list()
        kept = found[: listing.limit]
        more = len(found) > listing.limit
        return Slice([_loaded(document) for document in kept], listing.next_after(kept[-1]) if more else None)

    def _scope(self) -> Document:
        return {} if self.work.reach is None else {"branch": {"$in": list(self.work.reach)}}


def _queue(delivery: Delivery) -> Document:
    return {"webhook_id": delivery.webhook_id, "subject": delivery.subject}


def _queue_id(delivery: Delivery) -> str:
    return f"{delivery.webhook_id} {delivery.subject}"


def _fields(delivery: Delivery) -> Document:
    opened = {} if delivery.status is DeliveryStatus.DELIVERED else OPEN
    return {**delivery.model_dump(exclude={"id"}), **opened}


def _loaded(document: Document) -> Delivery:
    return Delivery.read({**{n: v for n, v in document.items() if n not in ("_id", "open")}, "id": document["_id"]})


INDEXES = {
    "deliveries": [
        IndexModel([("webhook_id", 1), ("subject", 1), ("sequence", 1)], name="open", partialFilterExpression=OPEN),
        IndexModel([("webhook_id", 1), ("_id", -1)], name="webhook"),
        IndexModel(
            [("webhook_id", 1), ("_id", 1)], name="parked", partialFilterExpression={"status": DeliveryStatus.PARKED}
        ),
        IndexModel([("delivered_at", 1)], name="kept", expireAfterSeconds=KEPT_SECONDS),
    ],
    "queues": [IndexModel([("webhook_id", 1), ("due_at", 1)], name="due")],
}
