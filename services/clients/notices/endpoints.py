"""The HTTP door of client notices."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.files import FileMissing
from chassis.http import Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from services.clients.clients.refusals import ClientNotFound, ContactNotFound, RecordMerged
from services.clients.notices import actions
from services.clients.notices.model import Item, Status, Text
from services.clients.notices.rules import (
    AcknowledgedOutOfTime,
    EditionFixed,
    EditionOutdated,
    NoticeFixed,
    NoticeIncomplete,
)
from services.clients.notices.schemas import (
    AcknowledgeNotice,
    ChangeTexts,
    DraftEdition,
    DraftNotice,
    EditionView,
    NoticeView,
    TextBody,
    texts_of,
)
from services.clients.notices.store import (
    EditionNotFound,
    Editions,
    EditionTaken,
    NoEdition,
    NoticeNotFound,
    NoticeOvertaken,
    Notices,
)

editions = APIRouter(prefix="/notice_editions", tags=["notice editions"])
notices = APIRouter(prefix="/notices", tags=["notices"])


@editions.post("", status_code=201, dependencies=[requires("notice_editions:write")], responses=refusals(EditionTaken))
async def draft_notice_edition(body: DraftEdition, work: Work) -> EditionView:
    """Draft an edition of the client notice's template (客户告知书).

    Rule: CLI-050, CLI-051 (docs/rules/clients.md).
    """
    return EditionView.of(await actions.draft_edition(body.branch, body.name, texts_of(body.texts), work))


@editions.patch(
    "/{edition_id}",
    dependencies=[requires("notice_editions:write")],
    responses=refusals(EditionNotFound, EditionFixed),
)
async def change_notice_edition(edition_id: str, body: ChangeTexts, work: Work) -> EditionView:
    """Change texts of a draft; a published edition never changes."""
    return EditionView.of(await actions.change_edition(edition_id, _changes(body.texts), work))


@editions.post(
    "/{edition_id}/publication",
    dependencies=[requires("notice_editions:publish")],
    responses=refusals(EditionNotFound, IllegalMove, NoticeIncomplete),
)
async def publish_notice_edition(edition_id: str, work: Work) -> EditionView:
    """Publish a complete edition; from now on it is the one to issue.

    Rule: CLI-050 (docs/rules/clients.md).
    """
    return EditionView.of(await actions.publish_edition(edition_id, work))


@editions.get("/{edition_id}", dependencies=[requires("notice_editions:read")], responses=refusals(EditionNotFound))
async def show_notice_edition(edition_id: str, work: Work) -> EditionView:
    """One edition."""
    return EditionView.of(await Editions(work).get(edition_id))


@editions.get("", dependencies=[requires("notice_editions:read")])
async def list_notice_editions(work: Work, paging: Annotated[Listing, paged("name")]) -> Page[EditionView]:
    """Editions by page, newest first."""
    found = await Editions(work).page(paging)
    return Page(items=[EditionView.of(edition) for edition in found.items], next=found.next)


@notices.post(
    "",
    status_code=201,
    dependencies=[requires("notices:write")],
    responses=refusals(ClientNotFound, RecordMerged, NoEdition),
)
async def draft_client_notice(body: DraftNotice, work: Work) -> NoticeView:
    """Draft a notice for a client on the current edition.

    Rule: CLI-051 (docs/rules/clients.md).
    """
    return NoticeView.of(await actions.draft_notice(body.client_id, texts_of(body.texts), work))


@notices.patch(
    "/{notice_id}", dependencies=[requires("notices:write")], responses=refusals(NoticeNotFound, NoticeFixed)
)
async def change_client_notice(notice_id: str, body: ChangeTexts, work: Work) -> NoticeView:
    """Change texts of a draft; an issued notice never changes."""
    return NoticeView.of(await actions.change_notice(notice_id, _changes(body.texts), work))


@notices.post(
    "/{notice_id}/issue",
    dependencies=[requires("notices:write")],
    responses=refusals(NoticeNotFound, IllegalMove, NoticeIncomplete, EditionOutdated, NoEdition, NoticeOvertaken),
)
async def issue_client_notice(notice_id: str, work: Work) -> NoticeView:
    """Hand the notice to the client. One issued before and not signed for is superseded.

    Rule: CLI-050, CLI-051, CLI-053 (docs/rules/clients.md).
    """
    return NoticeView.of(await actions.issue_notice(notice_id, work))


@notices.post(
    "/{notice_id}/acknowledgement",
    dependencies=[requires("notices:write")],
    responses=refusals(
        NoticeNotFound, IllegalMove, AcknowledgedOutOfTime, ContactNotFound, FileMissing, NoticeOvertaken
    ),
)
async def acknowledge_client_notice(notice_id: str, body: AcknowledgeNotice, work: Work) -> NoticeView:
    """Record that the client signed for the notice; the one he had acknowledged before is superseded.

    Rule: CLI-052, CLI-053 (docs/rules/clients.md).
    """
    acknowledged = await actions.acknowledge_notice(notice_id, body.signed_at, body.contact_id, body.evidence_id, work)
    return NoticeView.of(acknowledged)


@notices.get("/{notice_id}", dependencies=[requires("notices:read")], responses=refusals(NoticeNotFound))
async def show_client_notice(notice_id: str, work: Work) -> NoticeView:
    """One notice."""
    return NoticeView.of(await Notices(work).get(notice_id))


@notices.get("", dependencies=[requires("notices:read")])
async def list_client_notices(
    work: Work,
    paging: Annotated[Listing, paged()],
    client_id: Annotated[str | None, Query(max_length=64)] = None,
    status: Annotated[Status | None, Query()] = None,
) -> Page[NoticeView]:
    """Notices by page, newest first; of one client, or in one status."""
    told = {"client_id": client_id, "status": status}
    found = await Notices(work).page(paging, {name: value for name, value in told.items() if value is not None})
    return Page(items=[NoticeView.of(notice) for notice in found.items], next=found.next)


def _changes(told: dict[Item, TextBody | None]) -> actions.Changes:
    return {item: Text(zh=text.zh, en=text.en) if text else None for item, text in told.items()}
