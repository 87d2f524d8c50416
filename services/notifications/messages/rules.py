"""The life of a message: queued, handed over or given up; shown and read."""

from datetime import datetime, timedelta

from chassis.moves import move
from chassis.refusals import Conflict, Missing
from contracts.notifications import (
    MessageDeferred,
    MessageExtended,
    MessageFailed,
    MessageQueued,
    MessageRead,
    MessageSent,
)
from services.notifications.messages.model import MOVES, Channel, Message, MessageText, Status
from services.notifications.preferences.model import Preferences
from services.notifications.preferences.rules import not_before

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
"""How long to wait after each failed try; after the last one it is given up."""


class MessageMissing(Missing):
    """No such message, or not the caller's to see."""

    rule = "NTF-034"
    zh = "没有消息 {id}"
    en = "There is no message {id}"


class NotFailed(Conflict):
    """Only a mail that was given up is sent again."""

    rule = "NTF-035"
    zh = "只有发送失败的邮件可以重新发送"
    en = "Only a mail that was given up can be sent again"


class DocumentChanged(Conflict):
    """The content of a document is not what its SHA-256 says."""

    rule = "NTF-036"
    zh = "文件 {id} 的内容与其 SHA-256 不符"
    en = "The content of document {id} does not match its SHA-256"


def queued(message: Message) -> MessageQueued:
    """The fact that it waits to be sent."""
    return MessageQueued(
        message_id=message.id, channel=message.channel, about_kind=message.about_kind, about_id=message.about_id
    )


def shown(message: Message) -> tuple[MessageQueued, MessageSent]:
    """The facts of a message in the application: it is there as soon as it is kept."""
    sent = MessageSent(
        message_id=message.id, channel=message.channel, handed_over_at=message.created_at, proof="in the application"
    )
    return queued(message), sent


def extend(digest: Message, shown: Message, subject: str, item: str) -> tuple[Message, MessageExtended] | None:
    """Put what was shown in the application into a digest that still waits; None when it holds it. Rule: NTF-033."""
    if shown.id in digest.holds:
        return None
    text = MessageText(f"{digest.text.reveal()}\n\n{item}")
    holds = (*digest.holds, shown.id)
    longer = move(digest, MOVES, Status.QUEUED, subject=subject, text=text, items=digest.items + 1, holds=holds)
    return longer, MessageExtended(message_id=digest.id)


def hand_over(message: Message, proof: str, now: datetime) -> tuple[Message, MessageSent]:
    """The mail server took it; `proof` is its answer. Rule: NTF-031."""
    sent = move(message, MOVES, Status.SENT, handed_over_at=now, proof=proof, tries=message.tries + 1, failure="")
    return sent, MessageSent(message_id=message.id, channel=message.channel, handed_over_at=now, proof=proof)


def fail(
    message: Message, reason: str, now: datetime, quiet: Preferences | None = None, *, for_good: bool
) -> tuple[Message, MessageDeferred | MessageFailed]:
    """It could not be handed over: wait longer each time, and give up when the server refuses for good.

    The next try waits for the end of the addressee's `quiet` hours, if he has any. Rules: NTF-032, NTF-035.
    """
    tried = {"tries": message.tries + 1, "failure": reason}
    if for_good or message.tries >= len(PAUSES):
        return move(message, MOVES, Status.FAILED, **tried), MessageFailed(message_id=message.id, reason=reason)
    again_at = now + PAUSES[message.tries]
    if quiet is not None:
        again_at = not_before(quiet, again_at)
    waiting = move(message, MOVES, Status.QUEUED, send_after=again_at, **tried)
    return waiting, MessageDeferred(message_id=message.id, reason=reason, again_at=again_at)


def resend(message: Message, now: datetime) -> tuple[Message, MessageQueued]:
    """Try a mail again that was given up; raises NotFailed. Rule: NTF-035."""
    if message.status != Status.FAILED:
        raise NotFailed
    again = move(message, MOVES, Status.QUEUED, send_after=now, tries=0)
    return again, queued(again)


def read(message: Message, user_id: str, now: datetime) -> tuple[Message, MessageRead] | None:
    """Its addressee has seen it; once is enough. Raises MessageMissing for anybody else. Rule: NTF-034."""
    if message.channel != Channel.IN_APP or message.to.id != user_id:
        raise MessageMissing(id=message.id)
    if message.status == Status.READ:
        return None
    return move(message, MOVES, Status.READ, read_at=now), MessageRead(message_id=message.id, read_at=now)
