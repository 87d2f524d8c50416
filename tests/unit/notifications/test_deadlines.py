"""Each kind of clock, in Shanghai."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import business_date
from services.notifications.calendars.deadlines import Unit, due_at, end_of, months_after
from services.notifications.calendars.model import CalendarEnds
from services.notifications.calendars.working_days import WorkingDays
from tests.support.notifications import last_of, shanghai

DAYS = WorkingDays()


def due(unit: Unit, amount: int, start: str) -> datetime:
    return due_at(unit, amount, shanghai(start), DAYS)


@pytest.mark.rule("NTF-001")
def test_the_regulation_s_days_are_working_days_and_natural_days_are_not():
    assert due(Unit.WORKING_DAYS, 5, "2026-04-30 10:00") == last_of("2026-05-11")  # Labour Day, make-up day 9 May
    assert due(Unit.NATURAL_DAYS, 5, "2026-04-30 10:00") == last_of("2026-05-05")


@pytest.mark.rule("NTF-001")
def test_the_day_of_the_start_is_not_counted_whatever_its_hour():
    assert due(Unit.WORKING_DAYS, 3, "2026-03-02 00:00") == last_of("2026-03-05")
    assert due(Unit.WORKING_DAYS, 3, "2026-03-02 23:59:59.999") == last_of("2026-03-05")


@pytest.mark.rule("NTF-001")
@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-03-31", 1, "2026-04-30"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2027-05-31", -3, "2027-02-28"),
        ("2027-03-31", -3, "2026-12-31"),
        ("2027-02-28", -3, "2026-11-28"),
        ("2026-06-30", 0, "2026-06-30"),
    ],
)
def test_months_end_on_the_same_day_or_on_the_last_of_a_shorter_month(day: str, count: int, expected: str):
    assert months_after(date.fromisoformat(day), count) == date.fromisoformat(expected)


@given(st.dates(date(2004, 1, 1), date(2100, 1, 1)), st.integers(-48, 48))
def test_months_never_skip_a_month(day: date, count: int):
    found = months_after(day, count)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == count
    assert found.day <= day.day


@given(st.datetimes(datetime(2015, 1, 1), datetime(2025, 12, 1)), st.integers(0, 30))  # noqa: DTZ001 - local times
def test_a_deadline_that_is_a_day_runs_to_its_last_instant(local: datetime, amount: int):
    for unit in (Unit.WORKING_DAYS, Unit.NATURAL_DAYS, Unit.MONTHS):
        found = due(unit, amount, local.isoformat(" ", "milliseconds"))
        assert found == end_of(business_date(found))


@pytest.mark.rule("NTF-005")
@pytest.mark.parametrize(
    ("arrives", "expected"),
    [
        ("2026-03-02 15:59:59", last_of("2026-03-02")),
        ("2026-03-02 16:00", last_of("2026-03-02")),
        ("2026-03-02 16:00:00.001", shanghai("2026-03-03 12:00")),
        ("2026-03-02 17:59", shanghai("2026-03-03 12:00")),
        ("2026-03-06 17:59", shanghai("2026-03-09 12:00")),  # Friday evening
        ("2026-03-07 10:00", shanghai("2026-03-09 12:00")),  # Saturday
        ("2026-02-28 10:00", last_of("2026-02-28")),  # a Saturday that is worked
        ("2026-10-02 09:00", shanghai("2026-10-08 12:00")),  # National Day
        ("2026-03-03 00:30", last_of("2026-03-03")),
    ],
)
def test_an_urgent_letter_is_due_today_or_by_noon_of_the_next_working_day(arrives: str, expected: datetime):
    assert due(Unit.SAME_DAY, 0, arrives) == expected


@pytest.mark.rule("NTF-020")
@pytest.mark.parametrize(
    ("from_when", "expected"),
    [
        ("2026-03-02 10:00", "2026-03-02 12:00"),
        ("2026-03-02 06:00", "2026-03-02 11:00"),
        ("2026-03-02 17:30", "2026-03-03 10:30"),
        ("2026-03-06 20:00", "2026-03-09 11:00"),
        ("2026-03-02 16:00", "2026-03-02 18:00"),
    ],
)
def test_working_hours_run_while_the_office_is_open(from_when: str, expected: str):
    assert due(Unit.WORKING_HOURS, 2, from_when) == shanghai(expected)


@pytest.mark.rule("NTF-021")
def test_hours_run_through_the_night():
    assert due(Unit.HOURS, 24, "2026-03-06 20:00") == shanghai("2026-03-07 20:00")


@pytest.mark.rule("NTF-002")
def test_only_a_clock_of_working_days_needs_the_calendar():
    assert due(Unit.NATURAL_DAYS, 10, "2026-12-30 10:00") == last_of("2027-01-09")
    assert due(Unit.MONTHS, 3, "2026-12-30 10:00") == last_of("2027-03-30")
    with pytest.raises(CalendarEnds):
        due(Unit.WORKING_DAYS, 10, "2026-12-30 10:00")
    with pytest.raises(CalendarEnds):
        due(Unit.SAME_DAY, 0, "2026-12-31 17:00")
