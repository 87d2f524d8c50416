"""A year's days off and make-up days, as the State Council announces them or as the company loads them."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from chassis.model import Aggregate, Value
from chassis.refusals import Conflict

DAY = timedelta(days=1)
SATURDAY = 5


class CalendarEnds(Conflict):
    """There is no calendar data for the year, so that a working day in it cannot be told."""

    rule = "NTF-002"
    zh = "尚未载入 {year} 年的日历数据,无法计算"
    en = "It cannot be computed until calendar data for {year} is loaded"
    todo_zh = "请在国务院公布 {year} 年放假安排后用 POST /calendars 载入"
    todo_en = "Load the year with POST /calendars once the State Council has announced it"

    def __init__(self, year: int) -> None:
        super().__init__(year=year)
        self.year = year


class YearDays(Value):
    """The days of a year that differ from the week: weekdays off, and weekend days that are worked (调休)."""

    holidays: frozenset[date]
    make_up_days: frozenset[date]


class CalendarYear(Aggregate):
    """A year that the company loaded; it takes the place of the built-in data."""

    year: Annotated[int, Field(ge=2004, le=2100)]
    holidays: tuple[date, ...]
    make_up_days: tuple[date, ...]
    source: str
