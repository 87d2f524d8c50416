"""Schedules: vehicles and locations, taken in from table files."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, UploadFile

from chassis.files import MOST_BYTES, FileRefused
from chassis.http import Listing, Page, Work, paged, refusals, requires
from chassis.sheets import TableFileRefused
from services.placement.gates.rules import MandateMissing, NoticeMissing
from services.placement.gates.store import ClientUnknown
from services.placement.question_sets.model import ScheduleKind
from services.placement.schedules import actions
from services.placement.schedules.model import Report
from services.placement.schedules.reading import NoScheduleFound
from services.placement.schedules.rules import ScheduleEmpty
from services.placement.schedules.schemas import RowView, ScheduleLine, ScheduleView
from services.placement.schedules.store import ScheduleNotFound, ScheduleRows, Schedules

router = APIRouter(prefix="/schedules", tags=["schedules"])
paging = Annotated[Listing, paged("rows")]
row_paging = Annotated[Listing, paged("n", default="n")]


@router.post(
    "/checks",
    dependencies=[requires("schedules:write")],
    responses=refusals(TableFileRefused, NoScheduleFound),
)
async def check_schedule(work: Work, file: UploadFile, kind: Annotated[ScheduleKind, Form()]) -> Report:
    """Tell, by sheet, row and column, what would be taken over and what is refused and why; nothing is kept.

    Rule: PLC-023 (docs/rules/placement.md).
    """
    return await actions.check_schedule(await file.read(MOST_BYTES + 1), kind, work)


@router.post(
    "",
    status_code=201,
    dependencies=[requires("schedules:write")],
    responses=refusals(
        ClientUnknown, NoticeMissing, MandateMissing, FileRefused, TableFileRefused, NoScheduleFound, ScheduleEmpty
    ),
)
async def add_schedule(
    work: Work,
    file: UploadFile,
    kind: Annotated[ScheduleKind, Form()],
    client_id: Annotated[str, Form(max_length=64)],
) -> ScheduleView:
    """Take a schedule of a client in, exactly as the check told. The same file again is answered with what it made.

    Rule: PLC-001, PLC-003, PLC-023, PLC-024 (docs/rules/placement.md).
    """
    content = await file.read(MOST_BYTES + 1)
    added = await actions.add_schedule(client_id, kind, content, file.filename or "", file.content_type or "", work)
    return ScheduleView.of(added)


@router.get("", dependencies=[requires("schedules:read")])
async def list_schedules(
    work: Work,
    listing: paging,
    client_id: Annotated[str | None, Query(max_length=64)] = None,
    kind: ScheduleKind | None = None,
) -> Page[ScheduleLine]:
    """Schedules by page."""
    told = (("client_id", client_id), ("kind", kind))
    found = await Schedules(work).page(listing, {name: value for name, value in told if value is not None})
    return Page(items=[ScheduleLine.of(schedule) for schedule in found.items], next=found.next)


@router.get("/{schedule_id}", dependencies=[requires("schedules:read")], responses=refusals(ScheduleNotFound))
async def show_schedule(schedule_id: str, work: Work) -> ScheduleView:
    """One schedule with its totals and the report on its file."""
    return ScheduleView.of(await Schedules(work).get(schedule_id))


@router.get("/{schedule_id}/rows", dependencies=[requires("schedules:read")], responses=refusals(ScheduleNotFound))
async def list_rows(
    schedule_id: str,
    work: Work,
    listing: row_paging,
) -> Page[RowView]:
    """The rows of a schedule by page, in the order of the file."""
    schedule = await Schedules(work).get(schedule_id)
    found = await ScheduleRows(work).page(schedule.id, listing)
    return Page(items=[RowView.of(row) for row in found.items], next=found.next)
