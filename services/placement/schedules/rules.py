"""What becomes a schedule. Pure."""

from chassis.refusals import Fault, Invalid
from contracts.money import Money
from contracts.placement import ScheduleAdded
from services.placement.question_sets.model import ScheduleKind
from services.placement.schedules.model import Schedule, ScheduleRow, Total
from services.placement.schedules.reading import Taken

MOST_FAULTS = 100
COLUMNS = {
    ScheduleKind.VEHICLES: ("hull_sum", "liability_limit"),
    ScheduleKind.LOCATIONS: ("buildings", "machinery", "stock", "total"),
}
INSURED = {ScheduleKind.VEHICLES: "hull_sum", ScheduleKind.LOCATIONS: "total"}
"""The column whose sum is the sum insured of a schedule."""


class ScheduleEmpty(Invalid):
    """No row of the file can be taken over."""

    rule = "PLC-023"
    zh = "文件中没有一行可以导入"
    en = "No row of the file can be taken over"
    todo_zh = "请按各行原因更正后重新导入"
    todo_en = "Correct the rows by the reasons given and take it in again"


def totals(kind: ScheduleKind, rows: list[ScheduleRow]) -> list[Total]:
    """The sums of the money columns over all rows."""
    found: list[Total] = []
    for column in COLUMNS[kind]:
        amount = Money(amount_minor=0)
        for row in rows:
            amount += getattr(row.vehicle or row.location, column) or Money(amount_minor=0)
        found.append(Total(column=column, amount=amount))
    return found


def regions(rows: list[ScheduleRow]) -> list[str]:
    """The provinces of the locations, two-digit codes."""
    return sorted({row.location.region for row in rows if row.location is not None})


def sum_insured(schedule: Schedule) -> Money:
    """The sum insured: hull sums of vehicles, totals of locations."""
    return next(total.amount for total in schedule.totals if total.column == INSURED[schedule.kind])


def check_any(taken: Taken) -> None:
    """Refuse a file without a single good row; raises ScheduleEmpty with the reasons. Rule: PLC-023."""
    if not taken.rows:
        told = [Fault(f"{f.sheet}!{f.row} {f.column}", f.zh, f.en) for f in taken.faults[:MOST_FAULTS]]
        raise ScheduleEmpty(told)


def added(schedule: Schedule) -> tuple[Schedule, ScheduleAdded]:
    """A new schedule with the fact that tells of it."""
    return schedule, ScheduleAdded(
        schedule_id=schedule.id,
        client_id=schedule.client_id,
        kind=schedule.kind,
        rows=schedule.rows,
        total=sum_insured(schedule),
    )
