"""What a year must look like to be loaded."""

from datetime import date

from chassis.refusals import Conflict, Fault, Invalid, Missing
from services.notifications.calendars.model import SATURDAY, CalendarYear

ALWAYS_OFF = ((1, 1), (5, 1), (10, 1))
"""New Year's Day, Labour Day and National Day are days off in every year."""


class CalendarMissing(Missing):
    """The year was not loaded by the company."""

    rule = "SYS-007"
    zh = "没有载入的日历 {id}"
    en = "There is no loaded calendar {id}"


class CalendarFaulty(Invalid):
    """The days cannot be those of the year."""

    rule = "NTF-003"
    zh = "日历数据有 {count} 处错误"
    en = "The calendar has {count} fault(s)"
    todo_zh = "请对照国务院办公厅的放假安排通知更正"
    todo_en = "Compare it with the State Council's announcement of the year"


class YearLoaded(Conflict):
    """The year stands already."""

    rule = "NTF-003"
    zh = "该年份的日历已载入"
    en = "The year is loaded already"
    todo_zh = "如需更正,请用 PATCH /calendars/{{id}}"
    todo_en = "Correct it with PATCH /calendars/{{id}}"


def check(year: CalendarYear) -> CalendarYear:
    """The year itself, or all of its faults at once. Rule: NTF-003."""
    faults: list[Fault] = []
    for field, days in (("holidays", year.holidays), ("make_up_days", year.make_up_days)):
        for number, day in enumerate(days):
            if day.year != year.year:
                faults.append(Fault(f"/{field}/{number}", f"{day} 不在 {year.year} 年", f"{day} is not in {year.year}"))
    for number, day in enumerate(year.make_up_days):
        if day in year.holidays:
            faults.append(
                Fault(f"/make_up_days/{number}", f"{day} 同时列为休假日", f"{day} is also listed as a day off")
            )
        elif day.weekday() < SATURDAY:
            faults.append(Fault(f"/make_up_days/{number}", f"{day} 本来就是工作日", f"{day} is a weekday anyway"))
    for month, number in ALWAYS_OFF:
        if (fixed := date(year.year, month, number)) not in year.holidays:
            faults.append(Fault("/holidays", f"缺少法定节日 {fixed}", f"the public holiday {fixed} is missing"))
    if faults:
        raise CalendarFaulty(faults, count=len(faults))
    return year
