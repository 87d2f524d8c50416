"""The clause library: wordings in editions; who used an edition keeps it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chassis.model import Aggregate, Value
from contracts.shared import LineFamily

Title = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]


class ClauseKind(StrEnum):
    """What a clause does to the cover."""

    EXTENSION = "extension"
    EXCLUSION = "exclusion"
    CONDITION = "condition"
    WARRANTY = "warranty"
    WORDING = "wording"


class Words(Value):
    """Title and text in both languages; the Chinese text is the one that counts, the English one may be empty."""

    title_zh: Title
    title_en: Annotated[str, Field(max_length=200)] = ""
    text_zh: Text
    text_en: Annotated[str, Field(max_length=20_000)] = ""


class Edition(Value):
    """An edition of a clause; it never changes."""

    number: int
    words: Words
    made_by: str
    made_at: datetime


class Clause(Aggregate):
    """A clause of the library; the last edition is the current one."""

    code: str
    kind: ClauseKind
    line_families: list[LineFamily]
    editions: list[Edition]

    @property
    def current(self) -> Edition:
        """The newest edition."""
        return self.editions[-1]


class ClauseUsed(Value):
    """A clause as something quotes it: in a named edition of the library, or in words of its own (no clause id)."""

    clause_id: str | None = None
    edition: int | None = None
    code: str = ""
    kind: ClauseKind
    words: Words

    def title(self, language: str) -> str:
        """The title; Chinese where there is no English one."""
        return self.words.title_en or self.words.title_zh if language == "en" else self.words.title_zh

    def text(self, language: str) -> str:
        """The text; Chinese where there is no English one."""
        return self.words.text_en or self.words.text_zh if language == "en" else self.words.text_zh
