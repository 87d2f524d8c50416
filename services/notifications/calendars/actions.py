"""Load a year, correct it, and know which days are worked."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from chassis.work import Work
from contracts.notifications import CalendarYearLoaded
from services.notifications.calendars import rules
from services.notifications.calendars.model import CalendarYear, YearDays
from services.notifications.calendars.store import Calendars
from services.notifications.calendars.working_days import WorkingDays

MOST_YEARS = 100


async def load_year(
    work: Work, branch: str, year: int, holidays: list[date], make_up_days: list[date], source: str
) -> CalendarYear:
    """Load a year's days. Refuses days that cannot be (CalendarFaulty) and a year that stands already (YearLoaded)."""
    calendar = CalendarYear(
        id=work.new_id("calendars"),
        branch=branch,
        year=year,
        holidays=tuple(sorted(holidays)),
        make_up_days=tuple(sorted(make_up_days)),
        source=source,
    )
    return await Calendars(work).add(rules.check(calendar), CalendarYearLoaded(calendar_id=calendar.id, year=year))


async def correct_year(work: Work, calendar_id: str, changes: Mapping[str, Any]) -> CalendarYear:
    """Correct a loaded year; due instants that were told already stay as they are."""

    def decide(calendar: CalendarYear) -> tuple[CalendarYear, CalendarYearLoaded]:
        corrected = rules.check(calendar.but(**changes))
        return corrected, CalendarYearLoaded(calendar_id=calendar.id, year=calendar.year)

    return await Calendars(work).change(calendar_id, decide)


async def working_days(work: Work) -> WorkingDays:
    """The days that are worked, as known now."""
    loaded = await Calendars(work).some({}, MOST_YEARS)
    years = {
        year.year: YearDays(holidays=frozenset(year.holidays), make_up_days=frozenset(year.make_up_days))
        for year in loaded
    }
    return WorkingDays(years)
