"""Deadlines: when a clock of a given kind, started at an instant, runs out.

The day on which a clock starts is not counted; a month ends on the same day of the later month, or on its last day;
a deadline that is a day runs to the last instant of that day in Shanghai (民法典 第201至203条). None of these clocks
moves because it ends on a day off.
"""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from chassis.clock import COMPANY_ZONE, business_date
from services.notifications.calendars.model import DAY
from services.notifications.calendars.working_days import WorkingDays

CUT_OFF = time(16, 0)
NEXT_MORNING = time(12, 0)
OFFICE_OPENS = time(9, 0)
OFFICE_CLOSES = time(18, 0)
TICK = timedelta(milliseconds=1)


class Unit(StrEnum):
    """The kinds of clock. Rule: NTF-001."""

    WORKING_DAYS = "working_days"
    NATURAL_DAYS = "natural_days"
    MONTHS = "months"
    SAME_DAY = "same_day"
    WORKING_HOURS = "working_hours"
    HOURS = "hours"


def due_at(unit: Unit, amount: int, start: datetime, days: WorkingDays) -> datetime:
    """The instant (aware, inclusive) by which it must be done; a negative amount counts back from `start`.

    Raises CalendarEnds when a working day of a year without data would have to be told. Rules: NTF-001, NTF-002.
    """
    on = business_date(start)
    match unit:
        case Unit.WORKING_DAYS:
            return end_of(days.after(on, amount))
        case Unit.NATURAL_DAYS:
            return end_of(on + amount * DAY)
        case Unit.MONTHS:
            return end_of(months_after(on, amount))
        case Unit.SAME_DAY:
            return _same_day(start, days)
        case Unit.WORKING_HOURS:
            return _working_hours(start, timedelta(hours=amount), days)
        case Unit.HOURS:
            return start + timedelta(hours=amount)


def at(day: date, hour: time) -> datetime:
    """An hour of a business date, as an aware UTC instant."""
    return datetime.combine(day, hour, COMPANY_ZONE).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The last instant of a business date; documents keep milliseconds."""
    return at(day + DAY, time(0)) - TICK


def months_after(day: date, count: int) -> date:
    """The same day some calendar months later (earlier if negative); the last day of a month that is too short."""
    month = day.year * 12 + day.month - 1 + count
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _same_day(start: datetime, days: WorkingDays) -> datetime:
    """By the end of the day; what arrives after 16:00 or on a day off, by 12:00 of the next working day.

    Rule: NTF-005.
    """
    on = business_date(start)
    if start <= at(on, CUT_OFF) and days.includes(on):
        return end_of(on)
    return at(days.after(on, 1), NEXT_MORNING)


def _working_hours(start: datetime, left: timedelta, days: WorkingDays) -> datetime:
    on = business_date(start)
    while True:
        if days.includes(on):
            opens = max(start, at(on, OFFICE_OPENS))
            open_for = max(at(on, OFFICE_CLOSES) - opens, timedelta())
            if left <= open_for:
                return opens + left
            left -= open_for
        on += DAY
