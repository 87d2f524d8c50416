"""Working days with China's holidays and make-up days."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.calendars.model import CalendarEnds, CalendarYear, YearDays
from services.notifications.calendars.rules import CalendarFaulty, check
from services.notifications.calendars.working_days import WorkingDays

DAYS = WorkingDays()
YEAR_2027 = {
    2027: YearDays(
        holidays=frozenset({date(2027, 1, 1), date(2027, 5, 1), date(2027, 10, 1)}),
        make_up_days=frozenset({date(2027, 1, 10)}),
    )
}
known_days = st.dates(date(2010, 1, 1), date(2026, 12, 31))


def a_year(**changes: object) -> CalendarYear:
    told = {
        "id": "cal-1",
        "branch": "hq",
        "year": 2027,
        "holidays": (date(2027, 1, 1), date(2027, 5, 1), date(2027, 10, 1)),
        "make_up_days": (date(2027, 1, 10),),
        "source": "国办发明电",
    }
    return CalendarYear(**told | changes)  # type: ignore[arg-type]


@pytest.mark.rule("NTF-001")
@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2025-01-26", True),  # Sunday before Spring Festival
        ("2025-01-28", False),  # Spring Festival begins
        ("2025-02-08", True),  # Saturday
        ("2025-10-11", True),  # Saturday after National Day
        ("2026-01-04", True),  # Sunday after New Year
        ("2026-02-14", True),  # Saturday before Spring Festival
        ("2026-02-16", False),  # Monday in Spring Festival
        ("2026-02-28", True),  # Saturday after it
        ("2026-05-09", True),  # Saturday after Labour Day
        ("2026-09-20", True),  # Sunday before National Day
        ("2026-10-10", True),  # Saturday after it
        ("2026-10-11", False),  # an ordinary Sunday
    ],
)
def test_make_up_days_are_worked_and_holidays_are_not(day: str, worked: bool):
    assert DAYS.includes(date.fromisoformat(day)) is worked


@given(known_days)
def test_the_built_in_days_are_those_of_the_package(day: date):
    assert DAYS.includes(day) == chinese_calendar.is_workday(day)


@pytest.mark.rule("NTF-002")
def test_a_year_without_data_is_named_not_guessed():
    with pytest.raises(CalendarEnds) as refused:
        DAYS.after(date(2026, 12, 30), 5)
    assert refused.value.year == 2027
    assert refused.value.say("en") == "It cannot be computed until calendar data for 2027 is loaded"


@pytest.mark.rule("NTF-002")
def test_a_loaded_year_closes_the_gap():
    days = WorkingDays(YEAR_2027)
    assert days.after(date(2026, 12, 30), 3) == date(2027, 1, 5)
    assert days.includes(date(2027, 1, 10))


def test_ten_working_days_over_spring_festival_skip_it_and_count_its_make_up_days():
    assert DAYS.after(date(2026, 2, 12), 3) == date(2026, 2, 24)
    assert DAYS.after(date(2026, 2, 12), 10) == date(2026, 3, 4)


def test_counting_back_finds_the_working_day_before_a_holiday():
    assert DAYS.after(date(2026, 10, 8), -1) == date(2026, 9, 30)


@given(known_days, st.integers(1, 60))
def test_exactly_so_many_working_days_lie_after_the_start_and_up_to_the_end(day: date, count: int):
    try:
        end = DAYS.after(day, count)
    except CalendarEnds:
        return
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(DAYS.includes(one) for one in between) == count
    assert DAYS.includes(end)


@given(st.dates(date(2012, 1, 1), date(2025, 12, 31)), st.integers(1, 60))
def test_counting_back_from_the_end_leads_to_the_last_working_day_by_the_start(day: date, count: int):
    if DAYS.includes(day):
        assert DAYS.after(DAYS.after(day, count), -count) == day


@pytest.mark.rule("NTF-003")
def test_a_year_as_announced_may_be_loaded():
    assert check(a_year()) == a_year()


@pytest.mark.rule("NTF-003")
def test_all_faults_of_a_year_are_told_at_once():
    wrong = a_year(
        holidays=(date(2027, 1, 1), date(2026, 5, 1), date(2027, 10, 1)),
        make_up_days=(date(2027, 1, 1), date(2027, 3, 3), date(2028, 1, 9)),
    )
    with pytest.raises(CalendarFaulty) as refused:
        check(wrong)
    assert {fault.pointer for fault in refused.value.faults} == {
        "/holidays/1",
        "/make_up_days/2",
        "/make_up_days/0",
        "/make_up_days/1",
        "/holidays",
    }
