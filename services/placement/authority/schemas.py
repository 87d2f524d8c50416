"""Authority matrices over HTTP."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from chassis.http import Body, View
from services.placement.authority import rules
from services.placement.authority.model import Kind, Matrix, Row, Status

Rows = Annotated[list[Row], Field(min_length=1, max_length=200)]
Note = Annotated[str, Field(max_length=1000)]


class DraftMatrix(Body):
    """A matrix to be activated by a second person; `note` keeps the reasons, for example how a gap was closed."""

    kind: Kind
    rows: Rows
    note: Note = ""


class ChangeMatrix(Body):
    """New rows or a new note of a draft; what is left out stays."""

    rows: Rows = Field(default_factory=list)
    note: Note = ""


class ActivateMatrix(Body):
    """The first business date on which the matrix decides."""

    from_on: date


class Hole(View):
    """What still keeps a draft from being activated."""

    pointer: str
    zh: str
    en: str


class MatrixView(View):
    """A matrix; `faults` tells of holes and overlaps of a draft."""

    id: str
    version: int
    kind: Kind
    rows: list[Row]
    note: str
    status: Status
    maker_id: str
    checker_id: str | None
    from_on: date | None
    activated_at: datetime | None
    faults: list[Hole]

    @classmethod
    def of(cls, state: Matrix) -> "MatrixView":
        """The view of a matrix."""
        faults = [Hole.of(fault) for fault in rules.faults(state.rows)]
        return cls.model_validate({**dict(state), "faults": faults})
