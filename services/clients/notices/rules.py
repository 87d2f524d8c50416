"""What a client notice must hold, and when it may be issued and signed for."""

from collections.abc import Iterable
from datetime import datetime

from chassis.clock import business_date
from chassis.moves import move
from chassis.refusals import Conflict, Fault, Invalid
from contracts.clients import (
    ClientNoticeAcknowledged,
    ClientNoticeChanged,
    ClientNoticeIssued,
    ClientNoticeSuperseded,
    NoticeEditionPublished,
)
from services.clients.notices.model import (
    ARTICLE_50,
    EDITION_MOVES,
    HOUSE,
    MOVES,
    NAMES,
    Edition,
    EditionStatus,
    Item,
    Notice,
    Status,
    Texts,
)
from services.clients.trail import Step


class NoticeIncomplete(Invalid):
    """Something that the notice must tell is missing."""

    rule = "CLI-050"
    zh = "客户告知书缺少 {count} 项必备内容"
    en = "The client notice lacks {count} item(s) that it must tell"
    todo_zh = "请补齐所列各项后再发布或出具"
    todo_en = "Complete the items named, then publish or issue it"


class EditionOutdated(Conflict):
    """A newer edition was published since the draft was made."""

    rule = "CLI-051"
    zh = "告知书版本 {edition} 已被新版本 {current} 取代"
    en = "Edition {edition} was replaced by {current}"
    todo_zh = "请按现行版本重新起草告知书"
    todo_en = "Draft the notice again on the current edition"


class EditionFixed(Conflict):
    """A published edition never changes."""

    rule = "CLI-051"
    zh = "已发布的告知书版本不能修改"
    en = "A published edition of the notice cannot be changed"
    todo_zh = "请起草新版本"
    todo_en = "Draft a new edition"


class NoticeFixed(Conflict):
    """An issued notice never changes."""

    rule = "CLI-051"
    zh = "已出具的告知书不能修改"
    en = "A notice that was issued cannot be changed"
    todo_zh = "请为该客户起草新的告知书"
    todo_en = "Draft a new notice for the client"


class AcknowledgedOutOfTime(Invalid):
    """The client cannot have signed before the issue, nor in the future."""

    rule = "CLI-052"
    zh = "客户签收时间须在出具之后、当前时间之前"
    en = "The client signs after the issue and not in the future"


def check_complete(texts: Texts) -> None:
    """Refuse texts that lack an item of Article 50, or the house's workflow, services or qualification; names all of
    them.

    Raises NoticeIncomplete. Rule: CLI-050 (docs/rules/clients.md).
    """
    lacking = [item for item in (*ARTICLE_50, *HOUSE) if not _told(texts, item)]
    if lacking:
        raise NoticeIncomplete(_faults(lacking), count=len(lacking))


def _told(texts: Texts, item: Item) -> bool:
    return item in texts and bool(texts[item].zh.strip())


def _faults(lacking: Iterable[Item]) -> list[Fault]:
    return [
        Fault(
            f"/texts/{item}", f"缺少:{NAMES[item][0]}{_source(item)[0]}", f"missing: {NAMES[item][1]}{_source(item)[1]}"
        )
        for item in lacking
    ]


def _source(item: Item) -> tuple[str, str]:
    return ("(规定第50条)", " (Article 50)") if item in ARTICLE_50 else ("(公司要求)", " (house rule)")


def publish(edition: Edition, by: str, at: datetime) -> tuple[Edition, NoticeEditionPublished]:
    """Make a complete draft the current edition. Raises IllegalMove, NoticeIncomplete. Rule: CLI-050, CLI-051."""
    published = move(edition, EDITION_MOVES, EditionStatus.PUBLISHED, published_at=at, published_by=by)
    check_complete(edition.texts)
    return published, NoticeEditionPublished(edition_id=edition.id, edition=edition.name)


def issue(notice: Notice, current: Edition, by: str, at: datetime) -> tuple[Notice, ClientNoticeIssued]:
    """Hand a complete draft on the current edition to the client; `at` is aware UTC.

    Raises IllegalMove, NoticeIncomplete, EditionOutdated. Rule: CLI-050, CLI-051 (docs/rules/clients.md).
    """
    on = business_date(at)
    step = Step(status=Status.ISSUED, at=at, by=by)
    issued = move(notice, MOVES, Status.ISSUED, issued_at=at, issued_on=on, steps=(*notice.steps, step))
    if notice.edition_id != current.id:
        raise EditionOutdated(edition=notice.edition, current=current.name)
    check_complete(notice.texts)
    fact = ClientNoticeIssued(notice_id=notice.id, client_id=notice.client_id, edition=notice.edition, issued_on=on)
    return issued, fact


def acknowledge(
    notice: Notice, signed_at: datetime, contact_id: str | None, evidence_id: str, by: str, at: datetime
) -> tuple[Notice, ClientNoticeAcknowledged]:
    """Record that the client signed for the notice at `signed_at`; `at` is now, both aware UTC. Papers tell the
    minute, so the minute of the issue is in time.

    Raises IllegalMove, AcknowledgedOutOfTime. Rule: CLI-052 (docs/rules/clients.md).
    """
    step = Step(status=Status.ACKNOWLEDGED, at=at, by=by, evidence_id=evidence_id)
    acknowledged = move(
        notice,
        MOVES,
        Status.ACKNOWLEDGED,
        acknowledged_at=signed_at,
        acknowledged_by=contact_id,
        evidence_id=evidence_id,
        steps=(*notice.steps, step),
    )
    issued_at = notice.issued_at
    if issued_at is None or not issued_at.replace(second=0, microsecond=0) <= signed_at <= at:
        reason = "须在出具之后、当前时间之前", "after the issue, not in the future"
        raise AcknowledgedOutOfTime([Fault("/signed_at", *reason)])
    return acknowledged, ClientNoticeAcknowledged(
        notice_id=notice.id, client_id=notice.client_id, acknowledged_at=signed_at
    )


def supersede(notice: Notice, newer: str, by: str, at: datetime) -> tuple[Notice, ClientNoticeSuperseded]:
    """A newer notice takes the place of this one. Raises IllegalMove. Rule: CLI-053 (docs/rules/clients.md)."""
    step = Step(status=Status.SUPERSEDED, at=at, by=by, reason=newer)
    superseded = move(notice, MOVES, Status.SUPERSEDED, steps=(*notice.steps, step))
    return superseded, ClientNoticeSuperseded(notice_id=notice.id, client_id=notice.client_id)


def follow(notice: Notice, client_id: str) -> tuple[Notice, ClientNoticeChanged]:
    """The client's record was merged into another one. Rule: CLI-007."""
    return notice.but(client_id=client_id), ClientNoticeChanged(notice_id=notice.id, client_id=client_id)
