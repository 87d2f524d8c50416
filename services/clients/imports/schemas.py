"""What HTTP sends about imports."""

from datetime import datetime

from chassis.http import View
from services.clients.imports.model import Counts, Finding, Import, Outcome, Place, ReportRow, SheetReport, Status


class ImportView(View):
    """An import and how many rows had which outcome; the rows have a list of their own.

    `remarked`: accepted, with a field refused or a note.
    """

    id: str
    version: int
    branch: str
    file_id: str
    file_name: str
    dry_run: bool
    status: Status
    branches: dict[str, str]
    sheets: list[SheetReport]
    findings: list[Finding]
    created: int
    known: int
    refused: int
    remarked: int
    by: str
    started_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, state: Import) -> "ImportView":
        shown = {name: getattr(state, name) for name in cls.model_fields if name not in Counts.model_fields}
        return cls(**shown, **state.counts.model_dump())


class RowView(View):
    """The outcome of one row. `client_id`: who he is or was made, unless another branch has him (`elsewhere`)."""

    sheet: str
    row: int
    branch: str
    outcome: Outcome
    code: str
    name: str
    client_id: str | None
    known_code: str
    same_row: Place | None
    elsewhere: bool
    findings: list[Finding]

    @classmethod
    def of(cls, state: ReportRow) -> "RowView":
        shown = {name: getattr(state, name) for name in cls.model_fields}
        return cls(**{**shown, "client_id": None if state.elsewhere else state.client_id})
