"""Questionnaires over HTTP."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from chassis.http import Body, View
from contracts.money import Money
from contracts.shared import LineFamily
from services.placement.question_sets.model import MOST_QUESTIONS, Question, QuestionId
from services.placement.questionnaires import answers as reading
from services.placement.questionnaires.form import Filled
from services.placement.questionnaires.model import Answer, Disclosure, Questionnaire, Status

Id = Annotated[str, Field(min_length=1, max_length=64)]


class SendQuestionnaire(Body):
    """Whom to ask, in which edition of which question set (the newest where none is named)."""

    client_id: Id
    project_id: Id | None = None
    question_set_id: Id
    edition: Annotated[int, Field(ge=1)] | None = None


class AnswerQuestionnaire(Body):
    """Answers by question id: true/false, amounts as money, all else as text; null takes an answer back."""

    answers: Annotated[
        dict[QuestionId, bool | int | Money | Annotated[str, Field(max_length=4000)] | None],
        Field(min_length=1, max_length=MOST_QUESTIONS),
    ]


class ReturnQuestionnaire(Body):
    """The signed statement of disclosure: who signed it when, in which edition, and the file that shows it."""

    contact_id: Id
    edition: Annotated[str, Field(min_length=1, max_length=20)]
    made_at: AwareDatetime
    file_id: Id


class WithdrawQuestionnaire(Body):
    """Why it is given up."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class StatementView(View):
    """An edition of the statement of disclosure."""

    edition: str
    from_on: date
    zh: str
    en: str


class QuestionnaireView(View):
    """A questionnaire; `missing` are the required questions still open, `asked` those that its answers call for."""

    id: str
    version: int
    branch: str
    client_id: str
    project_id: str | None
    question_set_id: str
    edition: int
    line: str
    line_family: LineFamily
    status: Status
    sent_by: str
    sent_at: datetime
    answers: dict[str, Answer]
    asked: list[str]
    missing: list[str]
    disclosure: Disclosure | None
    withdrawn_for: str

    @classmethod
    def told(cls, state: Questionnaire, questions: list[Question]) -> "QuestionnaireView":
        """The view of a questionnaire with the questions of its edition."""
        asked = [question.id for question in reading.asked(questions, state.answers)]
        missing = [question.id for question in reading.missing(questions, state.answers)]
        fields = {name: getattr(state, name) for name in cls.model_fields if name not in ("asked", "missing")}
        return cls(**fields, asked=asked, missing=missing)


class QuestionnaireLine(View):
    """A questionnaire in a list."""

    id: str
    version: int
    branch: str
    client_id: str
    project_id: str | None
    line: str
    status: Status
    sent_at: datetime


class CellFaultView(View):
    """A cell that could not be taken over."""

    sheet: str
    row: int
    column: str
    question: str
    zh: str
    en: str


class NoteView(View):
    """Something about the file as a whole that a person should look at."""

    zh: str
    en: str


class FilledView(View):
    """What a filled form holds: answers to take over, cells that cannot be read, questions that are not asked here."""

    answers: dict[str, Answer]
    faults: list[CellFaultView]
    unknown: list[str]
    notes: list[NoteView]

    @classmethod
    def of(cls, state: Filled) -> "FilledView":
        """The view of a filled form."""
        faults = [CellFaultView.of(fault) for fault in state.faults]
        notes = [NoteView(zh=zh, en=en) for zh, en in state.notes]
        return cls(answers=state.answers, faults=faults, unknown=state.unknown, notes=notes)


class ImportView(View):
    """What was taken over from a filled form, and how the questionnaire stands now."""

    questionnaire: QuestionnaireView
    form: FilledView
