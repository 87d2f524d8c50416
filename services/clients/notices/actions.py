"""Load, decide, save: editions and notices."""

from dataclasses import replace
from datetime import datetime

from chassis.files import Files
from chassis.store import together
from chassis.work import Work
from contracts.clients import (
    ClientNoticeChanged,
    ClientNoticeDrafted,
    NoticeEditionChanged,
    NoticeEditionDrafted,
)
from contracts.facts import Fact
from services.clients.clients import rules as client_rules
from services.clients.clients.actions import stayed
from services.clients.clients.store import Clients
from services.clients.notices import rules
from services.clients.notices.model import Edition, EditionStatus, Item, Notice, Status, Text, Texts
from services.clients.notices.store import BATCH, STANDING, Editions, Notices

Changes = dict[Item, Text | None]


async def draft_edition(branch: str, name: str, texts: Texts, work: Work) -> Edition:
    """A new edition of the template, to be published. Raises EditionTaken."""
    edition = Edition(id=work.new_id("notice_editions"), branch=branch, name=name, texts=texts)
    return await Editions(work).add(edition, NoticeEditionDrafted(edition_id=edition.id, edition=name))


async def change_edition(edition_id: str, changes: Changes, work: Work) -> Edition:
    """Texts of a draft. Raises EditionNotFound, EditionFixed."""

    def decide(edition: Edition) -> tuple[Edition, NoticeEditionChanged]:
        if edition.status != EditionStatus.DRAFT:
            raise rules.EditionFixed
        return edition.but(texts=_merged(edition.texts, changes)), NoticeEditionChanged(edition_id=edition.id)

    return await Editions(work).change(edition_id, decide)


async def publish_edition(edition_id: str, work: Work) -> Edition:
    """Make an edition the one to issue. Raises EditionNotFound, IllegalMove, NoticeIncomplete."""
    return await Editions(work).change(edition_id, lambda edition: rules.publish(edition, work.actor.id, work.now))


async def draft_notice(client_id: str, texts: Texts, work: Work) -> Notice:
    """A notice for a client on the current edition. Raises ClientNotFound, RecordMerged, NoEdition."""
    client = client_rules.live(await Clients(work).get(client_id))
    edition = await Editions(work).current()
    notice = Notice(
        id=work.new_id("notices"),
        branch=client.branch,
        client_id=client.id,
        edition_id=edition.id,
        edition=edition.name,
        texts={**edition.texts, **texts},
    )
    fact = ClientNoticeDrafted(notice_id=notice.id, client_id=client.id, edition=edition.name)
    return await Notices(work).add(notice, fact)


async def change_notice(notice_id: str, changes: Changes, work: Work) -> Notice:
    """Texts of a draft. Raises NoticeNotFound, NoticeFixed."""

    def decide(notice: Notice) -> tuple[Notice, ClientNoticeChanged]:
        if notice.status != Status.DRAFT:
            raise rules.NoticeFixed
        return notice.but(texts=_merged(notice.texts, changes)), ClientNoticeChanged(notice_id=notice.id)

    return await Notices(work).change(notice_id, decide)


async def issue_notice(notice_id: str, work: Work) -> Notice:
    """Hand the notice to the client; one that was issued before and not signed for is superseded.

    Raises NoticeNotFound, IllegalMove, NoticeIncomplete, EditionOutdated, NoEdition, NoticeOvertaken.
    """

    async def act(inside: Work) -> Notice:
        current = await Editions(inside).current()
        await _supersede_standing(notice_id, Status.ISSUED, inside)
        return await Notices(inside).change(
            notice_id, lambda notice: rules.issue(notice, current, inside.actor.id, inside.now)
        )

    return await together(work, act)


async def acknowledge_notice(
    notice_id: str, signed_at: datetime, contact_id: str | None, evidence_id: str, work: Work
) -> Notice:
    """Record the client's signature; the notice that he had acknowledged before is superseded only now.

    Raises NoticeNotFound, IllegalMove, AcknowledgedOutOfTime, ContactNotFound, FileMissing, NoticeOvertaken.
    """

    async def act(inside: Work) -> Notice:
        notice = await Notices(inside).get(notice_id)
        if contact_id is not None:
            client_rules.contact_of(await stayed(notice.client_id, inside), contact_id)
        await Files(inside).get(evidence_id)
        await _supersede_standing(notice_id, Status.ACKNOWLEDGED, inside)
        return await Notices(inside).change(
            notice_id,
            lambda notice: rules.acknowledge(notice, signed_at, contact_id, evidence_id, inside.actor.id, inside.now),
        )

    return await together(work, act)


async def _supersede_standing(newer_id: str, status: Status, work: Work) -> None:
    """The one that stands may be another branch's: a merge has led it here."""
    newer = await Notices(work).get(newer_id)
    standing = await Notices(work).standing(newer.client_id, status)
    if standing is not None and standing.id != newer_id:
        await Notices(replace(work, reach=None)).change(
            standing.id,
            lambda notice: rules.supersede(notice, newer_id, work.actor.id, work.now),
            subject=False,
        )


async def follow_merge(client_id: str, into_id: str, work: Work) -> None:
    """Notices of a merged record are those of the record that stayed; where both have one standing, that of the
    merged one is superseded.
    """
    kept = await stayed(into_id, work)
    while found := await Notices(work).some({"client_id": client_id}, BATCH):
        for notice in found:
            await together(work, lambda inside, notice=notice: _follow(notice.id, kept.id, inside))


async def _follow(notice_id: str, into_id: str, work: Work) -> None:
    notices = Notices(work)
    notice = await notices.get(notice_id)
    standing = await notices.standing(into_id, notice.status) if notice.status in STANDING else None

    def decide(notice: Notice) -> tuple[Notice, *tuple[Fact, ...]]:
        superseded = rules.supersede(notice, standing.id, work.actor.id, work.now) if standing else (notice,)
        moved, fact = rules.follow(superseded[0], into_id)
        return moved, *superseded[1:], fact

    await notices.change(notice_id, decide, subject=False)


def _merged(texts: Texts, changes: Changes) -> Texts:
    kept = {item: text for item, text in texts.items() if item not in changes}
    return kept | {item: text for item, text in changes.items() if text is not None}
