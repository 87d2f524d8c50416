"""Messages over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.http import Flag, Listing, Page, Work, paged, refusals, requires
from services.notifications.messages import actions
from services.notifications.messages.model import Channel, Kind, Status
from services.notifications.messages.rules import MessageMissing, NotFailed
from services.notifications.messages.schemas import InboxView, MessageView
from services.notifications.messages.store import Messages

router = APIRouter(prefix="/messages", tags=["messages"])
inbox = Annotated[Listing, paged("listed_as", default="-listed_as")]
paging = Annotated[Listing, paged("created_at", default="-created_at")]
Id = Annotated[str | None, Query(max_length=64)]


@router.get("/mine", dependencies=[requires("messages:read")])
async def list_my_messages(
    work: Work,
    listing: inbox,
    unread: Flag | None = None,
) -> Page[InboxView]:
    """My messages in the application: unread ones first, then newer before older.

    Rule: NTF-034 (docs/rules/notifications.md).
    """
    found = await actions.list_mine(listing, unread, work)
    return Page(items=[InboxView.opened(message) for message in found.items], next=found.next)


@router.post("/{message_id}/reading", dependencies=[requires("messages:read")], responses=refusals(MessageMissing))
async def read_message(message_id: str, work: Work) -> InboxView:
    """Mark one of my messages as read.

    Rule: NTF-034 (docs/rules/notifications.md).
    """
    return InboxView.opened(await actions.mark_read(message_id, work))


@router.get("", dependencies=[requires("messages:trace")])
async def list_messages(
    work: Work,
    listing: paging,
    about_kind: Id = None,
    about_id: Id = None,
    client_id: Id = None,
    to_id: Id = None,
    channel: Channel | None = None,
    kind: Kind | None = None,
    status: Status | None = None,
) -> Page[MessageView]:
    """What was sent to whom, with the proof of hand-over, in the caller's branches.

    Rule: NTF-031 (docs/rules/notifications.md).
    """
    told = {
        "about_kind": about_kind,
        "about_id": about_id,
        "client_id": client_id,
        "to.id": to_id,
        "channel": channel,
        "kind": kind,
        "status": status,
    }
    condition = {name: value for name, value in told.items() if value is not None}
    found = await Messages(work).page(listing, condition)
    return Page(items=[MessageView.of(message) for message in found.items], next=found.next)


@router.get("/{message_id}", dependencies=[requires("messages:trace")], responses=refusals(MessageMissing))
async def show_message(message_id: str, work: Work) -> MessageView:
    """One message and what became of it.

    Rule: NTF-031 (docs/rules/notifications.md).
    """
    return MessageView.of(await Messages(work).get(message_id))


@router.post(
    "/{message_id}/resending",
    dependencies=[requires("messages:resend")],
    responses=refusals(MessageMissing, NotFailed),
)
async def resend_message(message_id: str, work: Work) -> MessageView:
    """Try a mail again that was given up.

    Rule: NTF-035 (docs/rules/notifications.md).
    """
    return MessageView.of(await actions.resend(message_id, work))
