"""Which days are worked in mainland China, from the package chinesecalendar and from years that the company loaded."""

from collections.abc import Mapping
from datetime import date

from chinese_calendar.constants import holidays, workdays

from services.notifications.calendars.model import DAY, SATURDAY, CalendarEnds, YearDays


def _built_in() -> dict[int, YearDays]:
    off, on = frozenset(holidays), frozenset(workdays)
    return {
        year: YearDays(
            holidays=frozenset(day for day in off if day.year == year),
            make_up_days=frozenset(day for day in on if day.year == year),
        )
        for year in sorted({day.year for day in off})
    }


BUILT_IN = _built_in()
"""The years that the package chinesecalendar knows."""


class WorkingDays:
    """Which days are worked in mainland China. Loaded years take the place of built-in ones.

    A make-up day in the last days of December that belongs to next year's New Year holiday is known only once that
    holiday is announced; load the year again then.
    """

    def __init__(self, loaded: Mapping[int, YearDays] | None = None) -> None:
        self._years = {**BUILT_IN, **(loaded or {})}

    def includes(self, day: date) -> bool:
        """Whether the day is worked; raises CalendarEnds for a year without data. Rule: NTF-002."""
        year = self._years.get(day.year)
        if year is None:
            raise CalendarEnds(day.year)
        return day in year.make_up_days or (day.weekday() < SATURDAY and day not in year.holidays)

    def after(self, day: date, count: int) -> date:
        """The `count`-th working day after a day, which is itself not counted; before it for a negative count."""
        step, left = (DAY, count) if count >= 0 else (-DAY, -count)
        while left:
            day += step
            left -= self.includes(day)
        return day
