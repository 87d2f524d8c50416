"""Send documents to their recipients, hand mails over, and tell their owners what could not be delivered."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace

from chassis.branches import BranchTree
from chassis.files import OF_NO_BRANCH, FileMissing, Files
from chassis.ids import derived_id
from chassis.logs import log, traced
from chassis.metrics import counter
from chassis.tracing import child_of
from chassis.work import Work
from contracts.notifications import MessageFailed
from contracts.personal import PersonName
from contracts.shared import DocumentFact, Recipient
from services.notifications.messages import rules
from services.notifications.messages.mail import (
    MailServer,
    MailSettings,
    NotDelivered,
    ServerAway,
    built,
    without_addresses,
)
from services.notifications.messages.model import Addressee, Attachment, Channel, Kind, Message, MessageText, Status
from services.notifications.messages.rules import DocumentChanged
from services.notifications.messages.store import Messages
from services.notifications.messages.texts import LANGUAGES, addressed_as, because, written
from services.notifications.people.actions import answerable
from services.notifications.people.store import Users
from services.notifications.preferences.actions import preferences_of
from services.notifications.wording import one_line

MAILS = counter(
    "baoqiao_mails_total",
    "E-mails by what came of a try: sent, retried (it waits for the next try), given up",
    "tries",
    "outcome",
)
BECAME = {Status.SENT: "sent", Status.QUEUED: "retried", Status.FAILED: "given up"}
for outcome in BECAME.values():
    MAILS.labels("notifications", outcome)  # told from 0 on, or the first one would not be seen
SYSTEM = "system:"
PROOF_RULE, FAILURE_RULE = "NTF-031", "NTF-035"
UNSAFE = {ord(char): "_" for char in '/\\:*?"<>|'}
EXTENSIONS = {"application/pdf": ".pdf"}


async def send_document(fact: DocumentFact, work: Work) -> None:
    """Queue one mail with the document for each recipient, once however often the fact is delivered.

    The mail is in the document's language. Whoever issued it hears of recipients without an address. Raises
    DocumentChanged.

    Rules: NTF-030, NTF-036.
    """
    assert work.event is not None
    attachment = await _attachment(fact, work)
    branch, language = work.event.branch, fact.language if fact.language in LANGUAGES else LANGUAGES[0]
    owner_id = await _issuer(work)
    known = await BranchTree(work.db).known()
    house = known[branch].name if branch in known else ""
    unreached: list[Addressee] = []
    for recipient in fact.recipients:
        to = await _addressee(recipient, work)
        if to.address is None:
            unreached.append(to)
            continue
        shown_as = to.name.reveal() if to.name else addressed_as(to.kind, language)
        text = written(Kind.DOCUMENT, language, title=fact.title, name=shown_as, branch=house)
        key = work.db.keyring.fingerprint(to.address.reveal().lower())
        mail = Message(
            id=derived_id("document mails", fact.document_id, to.kind, to.id, key),
            branch=branch,
            channel=Channel.EMAIL,
            kind=Kind.DOCUMENT,
            language=language,
            to=to,
            subject=text.subject,
            text=MessageText(text.body),
            attachments=(attachment,),
            about_kind=fact.about_kind,
            about_id=fact.about_id,
            client_id=fact.client_id,
            owner_id=owner_id,
            created_at=work.now,
            send_after=work.now,
            status=Status.QUEUED,
            traceparent=work.traceparent,
        )
        await Messages(work).add(mail, rules.queued(mail))
    for number, to in enumerate(unreached):
        await _tell_owner(owner_id, Kind.NO_ADDRESS, fact, to, work, number=number)


async def _attachment(fact: DocumentFact, work: Work) -> Attachment:
    """The document as it goes with the mails, kept once, behind no door: who may read it reads it where it was issued.

    Raises DocumentChanged.
    """
    content = base64.b64decode(work.db.keyring.open(fact.content))
    if hashlib.sha256(content).hexdigest() != fact.sha256:
        raise DocumentChanged(id=fact.document_id)
    name = f"{one_line(fact.title).translate(UNSAFE)[:150]}{EXTENSIONS.get(fact.media_type, '')}"
    file_id = derived_id("documents", fact.document_id)
    file = await Files(work).keep(content, name, fact.media_type, OF_NO_BRANCH, file_id)
    return Attachment(file_id=file.id, name=name, media_type=fact.media_type)


async def _issuer(work: Work) -> str:
    assert work.event is not None
    if not work.event.actor.startswith(SYSTEM):
        return work.event.actor
    head = await answerable(work.event.branch, work)
    return head.id if head else ""


async def _addressee(recipient: Recipient, work: Work) -> Addressee:
    if recipient.kind == "user" and recipient.email is None:
        user = await Users(work).get(recipient.party_id)
        return Addressee(kind="user", id=user.id, name=PersonName(user.name), address=user.email)
    return Addressee(kind=recipient.kind, id=recipient.party_id, name=recipient.name, address=recipient.email)


async def _tell_owner(
    owner_id: str,
    kind: Kind,
    about: DocumentFact | Message,
    to: Addressee,
    work: Work,
    reason: str = "",
    number: int = 0,
) -> None:
    """Show the owner that something did not reach its recipient; the address is masked. Raises UserUnknown.

    `number` tells recipients of one party apart.
    """
    assert work.event is not None
    if not owner_id:
        log.warning("nobody to tell", about=about.about_id)
        return
    owner = await Users(work).get(owner_id)
    party = addressed_as(to.kind, owner.language)
    shown_to = f"{to.name or party} {to.address or ''}".strip()
    title = about.subject if isinstance(about, Message) else about.title
    text = written(
        kind,
        owner.language,
        name=owner.name,
        title=title,
        to=shown_to,
        reason=reason,
        why=because(PROOF_RULE if kind == Kind.NO_ADDRESS else FAILURE_RULE, owner.language),
    )
    notice = Message(
        id=work.new_id("in_app", owner_id, to.kind, to.id, *([str(number)] if number else [])),
        branch=work.event.branch,
        channel=Channel.IN_APP,
        kind=kind,
        language=owner.language,
        to=Addressee(kind="user", id=owner_id, name=PersonName(owner.name)),
        subject=text.subject,
        text=MessageText(text.body),
        about_kind=about.about_kind,
        about_id=about.about_id,
        client_id=about.client_id,
        created_at=work.now,
        send_after=work.now,
        status=Status.SENT,
    )
    await Messages(work).add(notice, *rules.shown(notice))


async def tell_of_failure(fact: MessageFailed, work: Work) -> None:
    """Show the owner of a mail that it was given up. Rule: NTF-035."""
    failed = await Messages(work).get(fact.message_id)
    await _tell_owner(failed.owner_id, Kind.FAILURE, failed, failed.to, work, fact.reason)


async def send_due(work: Work) -> None:
    """Hand over the mails that are due, each claimed first, so that workers side by side never send the same one.

    A server that cannot be reached costs one mail a try and ends the run. Rules: NTF-030, NTF-031, NTF-035.
    """
    messages, settings = Messages(work), MailSettings()
    async with MailServer(settings) as server:
        for message_id in await messages.waiting(work.now):
            message = await messages.claim(message_id, work.now)
            if message is not None and not await _send_traced(message, server, settings, work):
                return


async def _send_traced(message: Message, server: MailServer, settings: MailSettings, work: Work) -> bool:
    """Send it in the trace of the work that wrote it: it is that one's last effect, not the clock's."""
    within = replace(work, traceparent=child_of(message.traceparent))
    with (
        traced(within.traceparent, within.correlation),
        work.spans.span("send mail", within.traceparent, message.traceparent, "CLIENT"),
    ):
        return await _send(message, server, settings, within)


async def _send(message: Message, server: MailServer, settings: MailSettings, work: Work) -> bool:
    """Send a claimed mail and write down what came of it; False when the server cannot be reached."""
    messages = Messages(work)
    assert message.to.address is not None
    try:
        mail = built(message, await _contents(message.attachments, work), settings, work.now)
        proof = without_addresses(await server.take(mail, message.to.address.reveal()), message.to.address)
    except NotDelivered as error:
        reason, for_good = without_addresses(error.reason, message.to.address), error.for_good
        log.warning("mail not delivered", message=message.id, reason=reason)
        disturbs = message.to.kind == "user" and not message.urgent
        quiet = await preferences_of(message.to.id, work) if disturbs else None
        after = await messages.change(
            message.id, lambda one: rules.fail(one, reason, work.now, quiet, for_good=for_good)
        )
        reachable = not isinstance(error, ServerAway)
    else:
        after = await messages.change(message.id, lambda one: rules.hand_over(one, proof, work.now))
        reachable = True
    MAILS.labels(work.service, BECAME[after.status]).inc()
    await messages.release(message.id)
    return reachable


async def _contents(attachments: Sequence[Attachment], work: Work) -> list[tuple[str, str, bytes]]:
    files = Files(work)
    try:
        return [(one.name, one.media_type, await files.read(one.file_id)) for one in attachments]
    except (FileMissing, OSError) as error:
        raise NotDelivered(f"{type(error).__name__}: {error}") from error
