"""Schedules over HTTP."""

from chassis.http import View
from services.placement.question_sets.model import ScheduleKind
from services.placement.schedules.model import Location, Report, Total, Vehicle


class ScheduleLine(View):
    """A schedule in a list."""

    id: str
    version: int
    branch: str
    client_id: str
    kind: ScheduleKind
    name: str
    rows: int
    totals: list[Total]


class ScheduleView(ScheduleLine):
    """A schedule with the report on how it was taken in; its rows are read by page."""

    file_id: str
    regions: list[str]
    report: Report


class RowView(View):
    """A row: its number in the schedule, and where it stood in the file."""

    n: int
    sheet: str
    row: int
    vehicle: Vehicle | None
    location: Location | None
