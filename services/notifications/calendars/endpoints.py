"""The calendar over HTTP."""

from datetime import date, time
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from chassis.clock import business_date
from chassis.http import AS_WRITTEN, Listing, Page, Work, paged, refusals, requires
from services.notifications.calendars import actions
from services.notifications.calendars.deadlines import Unit, at, due_at
from services.notifications.calendars.model import CalendarEnds
from services.notifications.calendars.rules import CalendarFaulty, CalendarMissing, YearLoaded
from services.notifications.calendars.schemas import CalendarYearView, CorrectYear, DueView, LoadYear
from services.notifications.calendars.store import Calendars

router = APIRouter(prefix="/calendars", tags=["calendars"])
Workable = Annotated[date, Field(ge=date(2004, 1, 1), le=date(2100, 12, 31)), AS_WRITTEN]
paging = Annotated[Listing, paged("year", default="-year")]


@router.post(
    "", status_code=201, dependencies=[requires("calendars:write")], responses=refusals(CalendarFaulty, YearLoaded)
)
async def load_calendar(body: LoadYear, work: Work) -> CalendarYearView:
    """Load a year's days off and make-up days; what waited for them is computed at once.

    Rule: NTF-003 (docs/rules/notifications.md).
    """
    year = await actions.load_year(work, body.branch, body.year, body.holidays, body.make_up_days, body.source)
    return CalendarYearView.of(year)


@router.patch(
    "/{calendar_id}",
    dependencies=[requires("calendars:write")],
    responses=refusals(CalendarMissing, CalendarFaulty),
)
async def correct_calendar(calendar_id: str, body: CorrectYear, work: Work) -> CalendarYearView:
    """Correct a loaded year. Due instants that were told already stay as they are.

    Rule: NTF-003 (docs/rules/notifications.md).
    """
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    return CalendarYearView.of(await actions.correct_year(work, calendar_id, changes))


@router.get("", dependencies=[requires("calendars:read")])
async def list_calendars(work: Work, listing: paging) -> Page[CalendarYearView]:
    """The years that the company loaded; further ones are built in."""
    found = await Calendars(work).page(listing)
    return Page(items=[CalendarYearView.of(year) for year in found.items], next=found.next)


@router.get("/deadline", dependencies=[requires("calendars:read")], responses=refusals(CalendarEnds))
async def compute_deadline(
    work: Work,
    from_on: Annotated[Workable, Query(description="When the clock starts; this day is not counted")],
    amount: Annotated[int, Query(ge=-600, le=600, description="How many; negative counts back")],
    unit: Literal[Unit.WORKING_DAYS, Unit.NATURAL_DAYS, Unit.MONTHS] = Unit.WORKING_DAYS,
) -> DueView:
    """When a clock runs out that starts on a day.

    Rules: NTF-001, NTF-002 (docs/rules/notifications.md).
    """
    due = due_at(unit, amount, at(from_on, time(0)), await actions.working_days(work))
    return DueView(unit=unit, amount=amount, from_on=from_on, due_at=due, due_on=business_date(due))


@router.get("/{calendar_id}", dependencies=[requires("calendars:read")], responses=refusals(CalendarMissing))
async def show_calendar(calendar_id: str, work: Work) -> CalendarYearView:
    """One loaded year."""
    return CalendarYearView.of(await Calendars(work).get(calendar_id))
