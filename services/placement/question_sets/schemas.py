"""Question sets over HTTP."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from chassis.http import Body, View
from contracts.shared import LineFamily
from services.placement.question_sets import rules
from services.placement.question_sets.model import MOST_QUESTIONS, Edition, Question, QuestionSet

Line = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", examples=["property_all_risks"])]
LineName = Annotated[str, Field(min_length=1, max_length=60)]
Questions = Annotated[list[Question], Field(max_length=MOST_QUESTIONS)]


class DraftQuestionSet(Body):
    """A question set for a line; the line's names stand in documents."""

    line: Line
    line_family: LineFamily
    line_zh: LineName
    line_en: LineName
    draft: Questions = []


class ChangeQuestionSet(Body):
    """What changes; what is left out stays. Questions are replaced as a whole."""

    line_zh: LineName = ""
    line_en: LineName = ""
    draft: Questions = []


class DraftFault(View):
    """What still keeps a draft from being published."""

    pointer: str
    zh: str
    en: str


class EditionLine(View):
    """A published edition, without its questions."""

    number: int
    published_by: str
    published_at: datetime


class QuestionSetView(View):
    """A question set with its draft; `faults` tells what keeps the draft from being published."""

    id: str
    version: int
    line: str
    line_family: LineFamily
    line_zh: str
    line_en: str
    draft: list[Question]
    faults: list[DraftFault]
    editions: list[EditionLine]

    @classmethod
    def of(cls, state: QuestionSet) -> "QuestionSetView":
        """The view of a question set."""
        told = dict(state) | {"editions": [EditionLine.of(edition) for edition in state.editions]}
        return cls.model_validate(told | {"faults": [DraftFault.of(fault) for fault in rules.faults(state.draft)]})


class EditionView(View):
    """The questions of a published edition."""

    id: str
    version: int
    line: str
    number: int
    questions: list[Question]

    @classmethod
    def told(cls, questions: QuestionSet, edition: Edition) -> "EditionView":
        """The view of an edition; its version is that of the set."""
        return cls(
            id=questions.id,
            version=questions.version,
            line=questions.line,
            number=edition.number,
            questions=edition.questions,
        )
