"""Schedules: the vehicles or locations of a client, taken in from a table file; rows never change."""

from datetime import date

from chassis.model import Aggregate, Value
from contracts.money import Money
from services.placement.question_sets.model import ScheduleKind


class Vehicle(Value):
    """A vehicle of a fleet. Sums in minor units; `load_tonnes` and `seats` are decimal text, as the file had them."""

    plate: str
    vin: str
    kind: str = ""
    engine: str = ""
    registered_on: date | None = None
    seats: str = ""
    load_tonnes: str = ""
    covers: list[str] = []
    hull_sum: Money | None = None
    liability_limit: Money | None = None


class Location(Value):
    """An insured location. `region` is the province's two-digit code (GB/T 2260)."""

    region: str
    province: str
    address: str
    occupancy: str = ""
    buildings: Money
    machinery: Money
    stock: Money
    total: Money
    structure: str = ""
    protection: str = ""
    built_in: str = ""


class ScheduleRow(Value):
    """One row: its number in the schedule, where it stood in the file, and what it says."""

    n: int
    sheet: str
    row: int
    vehicle: Vehicle | None = None
    location: Location | None = None


class RowFault(Value):
    """Why a row was refused, or a field of it left out: sheet, row and column as the spreadsheet shows them."""

    sheet: str
    row: int
    column: str
    zh: str
    en: str


class Finding(Value):
    """Something about the file as a whole."""

    sheet: str
    zh: str
    en: str


class Report(Value):
    """What became of each record of the file: taken, known already (the same row before), refused, with the reasons."""

    taken: int
    known: int
    refused: int
    faults: list[RowFault]
    warnings: list[RowFault]
    findings: list[Finding]


class Total(Value):
    """A sum over all rows of one column."""

    column: str
    amount: Money


class Schedule(Aggregate):
    """A schedule of a client. `regions` are the provinces of its locations; empty for vehicles."""

    client_id: str
    kind: ScheduleKind
    name: str
    file_id: str
    rows: int
    totals: list[Total]
    regions: list[str]
    report: Report
