"""Clauses over HTTP."""

from typing import Annotated

from pydantic import Field

from chassis.http import Body, View
from contracts.shared import LineFamily
from services.placement.clauses.model import Clause, ClauseKind, Edition, Words


class AddClause(Body):
    """A clause for the library."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{1,30}$")]
    kind: ClauseKind
    line_families: Annotated[list[LineFamily], Field(min_length=1, max_length=20)]
    words: Words


class ReviseClause(Body):
    """The words of a new edition."""

    words: Words


class ClauseRef(Body):
    """A clause of the library in an edition; the newest where none is named."""

    clause_id: Annotated[str, Field(min_length=1, max_length=64)]
    edition: Annotated[int, Field(ge=1)] | None = None


class ClauseView(View):
    """A clause with all its editions; the last one is the newest."""

    id: str
    version: int
    code: str
    kind: ClauseKind
    line_families: list[LineFamily]
    editions: list[Edition]


class ClauseLine(View):
    """A clause in a list: its newest edition's words."""

    id: str
    version: int
    code: str
    kind: ClauseKind
    line_families: list[LineFamily]
    edition: int
    words: Words

    @classmethod
    def of(cls, state: Clause) -> "ClauseLine":
        """The line of a clause."""
        told = {name: getattr(state, name) for name in ("id", "version", "code", "kind", "line_families")}
        return cls(**told, edition=state.current.number, words=state.current.words)
