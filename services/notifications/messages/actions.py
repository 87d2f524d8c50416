"""Read, find and resend messages."""

from dataclasses import replace
from typing import Any

from chassis.lists import Listing, Slice
from chassis.work import Work
from services.notifications.messages import rules
from services.notifications.messages.model import Channel, Message
from services.notifications.messages.rules import MessageMissing
from services.notifications.messages.store import Messages


async def list_mine(listing: Listing, unread: bool | None, work: Work) -> Slice[Message]:
    """The caller's messages in the application, whatever the branch of what they are about. Rule: NTF-034."""
    condition = _his(work)
    if unread is not None:
        condition["read_at"] = None if unread else {"$ne": None}
    return await Messages(replace(work, reach=None)).page(listing, condition)


async def mark_read(message_id: str, work: Work) -> Message:
    """The caller has seen one of his messages; raises MessageMissing for another's. Rule: NTF-034."""
    messages = Messages(replace(work, reach=None))
    if await messages.first({"_id": message_id, **_his(work)}) is None:  # or a wrong If-Match told that it exists
        raise MessageMissing(id=message_id)
    return await messages.change(message_id, lambda one: rules.read(one, work.actor.id, work.now))


async def resend(message_id: str, work: Work) -> Message:
    """Try a failed mail again. Rule: NTF-035."""
    return await Messages(work).change(message_id, lambda one: rules.resend(one, work.now))


def _his(work: Work) -> dict[str, Any]:
    """What the caller's messages in the application have in common."""
    return {"to.id": work.actor.id, "channel": Channel.IN_APP}
