"""Imports and what they report.

      dry run                          the last row is done
file ─────────▶ checked      file ─▶ running ──────────────▶ done
"""

from datetime import datetime
from enum import StrEnum

from chassis.model import Aggregate, Value
from services.clients.clients.model import FormerCode


class Status(StrEnum):
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"


MOVES = {
    Status.CHECKED: frozenset[Status](),
    Status.RUNNING: frozenset({Status.DONE}),
    Status.DONE: frozenset[Status](),
}


class Level(StrEnum):
    """What a finding refuses: the row, one field, or nothing."""

    ROW = "row"
    FIELD = "field"
    NOTE = "note"


class Finding(Value):
    """One thing found: in which column (letter and header, empty for the row as a whole), by which rule, and why."""

    level: Level
    column: str
    rule: str
    zh: str
    en: str


class Outcome(StrEnum):
    """What became, or would become, of a row."""

    CREATED = "created"
    KNOWN = "known"
    REFUSED = "refused"


class Place(Value):
    """A row of the file, as the spreadsheet counts it."""

    sheet: str
    row: int


class ReportRow(Value):
    """The outcome of one row. `name` shows a person's mask only.

    `client_id` is the client that was created or that the row is known as, `known_code` that client's code, `same_row`
    the row of this file that made him; `elsewhere`: he belongs to a branch that the importer does not see. `codes` are
    former codes that the created client gets along; `adds_code`: the row's own code is added to the known client.
    """

    seq: int
    sheet: str
    row: int
    branch: str
    outcome: Outcome
    code: str
    name: str
    client_id: str | None = None
    known_code: str = ""
    same_row: Place | None = None
    elsewhere: bool = False
    codes: tuple[FormerCode, ...] = ()
    adds_code: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def own_code(self) -> FormerCode:
        """The row's code, as a client keeps it."""
        return FormerCode(branch=self.branch, code=self.code)


class Counts(Value):
    """How many rows were created, known, refused; `remarked`: accepted with a field refused or a note."""

    created: int = 0
    known: int = 0
    refused: int = 0
    remarked: int = 0


class LeftOutRow(Value):
    """A row that is no record: header, note, total. Blank ones are not listed."""

    row: int
    why: str
    shown: str


class SheetReport(Value):
    """A sheet in which a client table was found. `unread`: columns nobody asked for."""

    sheet: str
    branch: str
    header_row: int
    counts: Counts = Counts()
    unread: tuple[str, ...] = ()
    left_out: tuple[LeftOutRow, ...] = ()


class Import(Aggregate):
    """One file taken in, or looked at (`dry_run`). Its branch is the one of sheets that `branches` does not name."""

    file_id: str
    file_name: str
    dry_run: bool
    status: Status
    branches: dict[str, str]
    """Owning branch by sheet."""
    sheets: tuple[SheetReport, ...]
    findings: tuple[Finding, ...] = ()
    """What is wrong with the file as a whole."""
    counts: Counts
    by: str
    started_at: datetime
    continue_at: datetime
    """From when on a worker takes it up, if it is still running."""
    finished_at: datetime | None = None
    plan_id: str = ""
    """Under which id the rows are kept: of calls side by side under one key each has planned, and one is the import's.
    Empty where 0.1.0 kept them, under the import's own."""
