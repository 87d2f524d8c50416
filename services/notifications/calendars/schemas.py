"""What the calendar's routes send and receive."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from chassis.http import Body, View
from services.notifications.calendars.deadlines import Unit

Days = Annotated[list[date], Field(max_length=200)]
Source = Annotated[str, Field(min_length=1, max_length=300)]


class LoadYear(Body):
    """A year as announced: every day off that is not simply a weekend, and every weekend day that is worked."""

    branch: Annotated[str, Field(max_length=64)]
    year: Annotated[int, Field(ge=2004, le=2100)]
    holidays: Days
    make_up_days: Days
    source: Source


class CorrectYear(Body):
    """What is to be replaced in a loaded year."""

    holidays: Days = []
    make_up_days: Days = []
    source: Source = ""


class CalendarYearView(View):
    """A loaded year."""

    id: str
    version: int
    branch: str
    year: int
    holidays: list[date]
    make_up_days: list[date]
    source: str


class DueView(View):
    """When a clock runs out: the instant, and its business date."""

    unit: Unit
    amount: int
    from_on: date
    due_at: datetime
    due_on: date
