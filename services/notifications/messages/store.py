"""Messages in MongoDB, and the claim under which one worker sends one."""

from datetime import datetime
from typing import Any

from pymongo import IndexModel

from chassis.store import HIDDEN, Store
from services.notifications.messages.model import Channel, Message, Status
from services.notifications.messages.rules import MessageMissing

CLAIM_SECONDS = 75
"""Longer than a mail can be in hand: CONNECT_SECONDS and SEND_SECONDS of mail.py, and MongoDB's answers."""
BATCH = 100


class Messages(Store[Message]):
    """One document for each message."""

    collection = "messages"
    model = Message
    missing = MessageMissing
    indexes = [
        IndexModel([("send_after", 1)], name="waiting", partialFilterExpression={"status": Status.QUEUED}),
        IndexModel([("to.id", 1), ("channel", 1), ("listed_as", -1), ("_id", -1)], name="inbox"),
        IndexModel([("about_id", 1), ("created_at", -1), ("_id", -1)], name="about"),
        IndexModel([("branch", 1), ("created_at", -1), ("_id", -1)], name="branch"),
    ]

    def fields(self, state: Message) -> dict[str, Any]:
        """The state, with the key that lists unread messages first and newer ones before older ones."""
        unread = "read" if state.status == Status.READ else "unread"
        return {**super().fields(state), "listed_as": f"{unread} {state.created_at.isoformat(timespec='milliseconds')}"}

    async def waiting(self, now: datetime) -> list[str]:
        """The ids of mails that may be sent now, the longest waiting first."""
        due = {"status": Status.QUEUED, "channel": Channel.EMAIL, "send_after": {"$lte": now}}
        found = await self._documents.find(due, {"_id": 1}).sort("send_after", 1).limit(BATCH).to_list()
        return [document["_id"] for document in found]

    async def claim(self, message_id: str, now: datetime) -> Message | None:
        """The message, if it still waits and nobody else has it in hand.

        It is ours for CLAIM_SECONDS of the server's time. A claim is no change of the message: it has no version and no
        event, and lapses by itself when its holder dies.
        """
        free = {"$lt": [{"$ifNull": ["$claimed_until", 0]}, "$$NOW"]}
        until = {"$dateAdd": {"startDate": "$$NOW", "unit": "second", "amount": CLAIM_SECONDS}}
        found = await self._documents.find_one_and_update(
            {"_id": message_id, "status": Status.QUEUED, "send_after": {"$lte": now}, "$expr": free},
            [{"$set": {"claimed_until": until}}],
            {**HIDDEN, "once": 0},
        )
        return self.loaded(found) if found else None

    async def release(self, message_id: str) -> None:
        """Give the claim back."""
        await self._documents.update_one({"_id": message_id}, {"$unset": {"claimed_until": ""}})
