"""Loaded calendar years."""

from typing import Any

from pymongo import IndexModel

from chassis.store import Store
from services.notifications.calendars.model import CalendarYear
from services.notifications.calendars.rules import CalendarMissing, YearLoaded


class Calendars(Store[CalendarYear]):
    """One document for each year; the whole company reads it."""

    collection = "calendars"
    model = CalendarYear
    missing = CalendarMissing
    indexes = [IndexModel([("year", 1)], name="year", unique=True)]
    duplicates = {"year": YearLoaded}
    company_wide = True

    def fields(self, state: CalendarYear) -> dict[str, Any]:
        """Days as sorted ISO text, so that an unchanged list compares equal."""
        days = {name: sorted(day.isoformat() for day in getattr(state, name)) for name in ("holidays", "make_up_days")}
        return {**super().fields(state), **days}
