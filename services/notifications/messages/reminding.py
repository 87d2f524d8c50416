"""Tell users of their obligations: in the application, and by e-mail: now, after the quiet hours, or in the digest."""

from datetime import datetime

from chassis.ids import derived_id
from chassis.work import Work
from contracts.notifications import ObligationEscalated
from contracts.personal import PersonName
from services.notifications.messages import rules
from services.notifications.messages.model import Addressee, Channel, Kind, Message, MessageText, Status
from services.notifications.messages.store import Messages
from services.notifications.messages.texts import Text, when, written
from services.notifications.obligations.model import Obligation
from services.notifications.obligations.store import Obligations
from services.notifications.obligations.texts import what, why
from services.notifications.people.model import User
from services.notifications.people.store import Users
from services.notifications.preferences.actions import preferences_of
from services.notifications.preferences.rules import next_digest, not_before
from services.notifications.subjects.actions import About, named


async def remind_owner(obligation_id: str, work: Work) -> None:
    """Remind the owner, unless it has ended meanwhile. Raises UserUnknown while the owner is not known here."""
    obligation = await Obligations(work).get(obligation_id)
    if not obligation.is_open or obligation.due_at is None:
        return
    owner = await Users(work).get(obligation.owner_id)
    kind = Kind.LATE_REMINDER if obligation.late_by_nature else Kind.REMINDER
    values = await _values(obligation, owner, work)
    in_digest = not obligation.urgent and not obligation.late_by_nature
    await _tell(owner, kind, values, obligation, work, in_digest=in_digest)


async def tell_of_escalation(fact: ObligationEscalated, work: Work) -> None:
    """Tell the superior that something is overdue, and the owner that the superior was told; both at once."""
    obligation = await Obligations(work).get(fact.obligation_id)
    if not obligation.is_open:
        return
    owner = await Users(work).get(obligation.owner_id)
    superior = await Users(work).get(fact.to_user_id) if fact.to_user_id else None
    told = {"superior": superior.name if superior else "-", "owner": owner.name}
    await _tell(owner, Kind.OVERDUE, await _values(obligation, owner, work) | told, obligation, work)
    if superior is not None and superior.id != owner.id:
        values = await _values(obligation, superior, work) | told
        await _tell(superior, Kind.ESCALATION, values, obligation, work)


async def _values(obligation: Obligation, user: User, work: Work) -> dict[str, str]:
    about = About(obligation.client_id, obligation.policy_id)
    subjects = await named([about], work)
    nominal = obligation.nominal_due_at
    return {
        "name": user.name,
        "what": what(obligation, subjects[about], user.language),
        "why": why(obligation, user.language),
        "due": when(obligation.due_at, user.language) if obligation.due_at else "",
        "nominal": when(nominal, user.language) if nominal else "",
    }


async def _tell(
    user: User, kind: Kind, values: dict[str, str], obligation: Obligation, work: Work, *, in_digest: bool = False
) -> None:
    preferences = await preferences_of(user.id, work)
    digest_at = next_digest(preferences, work.now) if in_digest and preferences.digest else None
    text = written(kind, user.language, **values)
    shown = _message(user, kind, text, obligation, work).but(
        id=work.new_id("in_app", user.id), channel=Channel.IN_APP, status=Status.SENT, digest_at=digest_at
    )
    shown = await Messages(work).add(shown, *rules.shown(shown))
    if not user.enabled:
        return
    if shown.digest_at is not None:
        await _into_digest(user, shown, not_before(preferences, shown.digest_at), values, work)
    else:
        mail = _message(user, kind, text, obligation, work)
        later = work.now if mail.urgent else not_before(preferences, work.now)
        await Messages(work).add(mail.but(send_after=later), rules.queued(mail))


async def _into_digest(user: User, shown: Message, send_after: datetime, values: dict[str, str], work: Work) -> None:
    """Begin the digest with the item, or put it into the one that has begun; a repeat finds it there in either."""
    assert shown.digest_at is not None
    item = written("digest_item", user.language, **values).body
    head = written(Kind.DIGEST, user.language, name=user.name, items="1")
    digest = shown.but(
        id=derived_id("digests", user.id, shown.digest_at.isoformat()),
        channel=Channel.EMAIL,
        kind=Kind.DIGEST,
        subject=head.subject,
        text=MessageText(f"{head.body}\n\n{item}"),
        about_kind="user",
        about_id=user.id,
        client_id="",
        status=Status.QUEUED,
        holds=(shown.id,),
        send_after=send_after,
        digest_at=None,
    )
    await Messages(work).add(digest, rules.queued(digest))

    def extend(begun: Message) -> tuple[Message, rules.MessageExtended] | None:
        subject = written(Kind.DIGEST, user.language, name=user.name, items=str(begun.items + 1)).subject
        return rules.extend(begun, shown, subject, item)

    await Messages(work).change(digest.id, extend)


def _message(user: User, kind: Kind, text: Text, obligation: Obligation, work: Work) -> Message:
    return Message(
        id=work.new_id("email", user.id),
        branch=obligation.branch,
        channel=Channel.EMAIL,
        kind=kind,
        language=user.language,
        to=Addressee(kind="user", id=user.id, name=PersonName(user.name), address=user.email),
        subject=text.subject,
        text=MessageText(text.body),
        about_kind=obligation.about_kind,
        about_id=obligation.about_id,
        client_id=obligation.client_id,
        owner_id=user.id,
        urgent=obligation.urgent,
        created_at=work.now,
        send_after=work.now,
        status=Status.QUEUED,
        traceparent=work.traceparent,
    )
