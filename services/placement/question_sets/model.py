"""Question sets: what a client is asked for a line of business, in published editions."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chassis.model import Aggregate, Value
from contracts.shared import LineFamily
from services.placement.papers.model import SectionKey

MOST_QUESTIONS = 300
QuestionId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Words = Annotated[str, Field(min_length=1, max_length=500)]
MaybeWords = Annotated[str, Field(max_length=500)]


class QuestionKind(StrEnum):
    """What an answer must be."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    SCHEDULE = "schedule"
    USCC = "uscc"
    """A unified social credit code (GB 32100)."""


class ScheduleKind(StrEnum):
    """What a schedule lists."""

    VEHICLES = "vehicles"
    LOCATIONS = "locations"


class Audience(StrEnum):
    """Who is to answer: the client, or the broker from what it knows."""

    CLIENT = "client"
    BROKER = "broker"


class SlipField(StrEnum):
    """A field of the enquiry that an answer fills; answers without one become lines of their section."""

    INSURED = "insured"
    BUSINESS = "business"
    SITUATION = "situation"
    STARTS_ON = "starts_on"
    SUM_INSURED = "sum_insured"
    LIMIT = "limit"
    DEDUCTIBLE = "deductible"


FIELD_KINDS = {
    SlipField.INSURED: QuestionKind.TEXT,
    SlipField.BUSINESS: QuestionKind.TEXT,
    SlipField.SITUATION: QuestionKind.TEXT,
    SlipField.STARTS_ON: QuestionKind.DATE,
    SlipField.SUM_INSURED: QuestionKind.MONEY,
    SlipField.LIMIT: QuestionKind.MONEY,
    SlipField.DEDUCTIBLE: QuestionKind.MONEY,
}


class Choice(Value):
    """One possible answer: the value that is kept, and how it is shown."""

    value: QuestionId
    zh: Words
    en: MaybeWords = ""


class Condition(Value):
    """The question is asked only when an earlier one was answered with one of these values."""

    question_id: QuestionId
    answers: Annotated[list[bool | Annotated[str, Field(max_length=200)]], Field(min_length=1, max_length=50)]


class Question(Value):
    """A question. `section` is where its answer goes in the market enquiry, `field` which field it fills there."""

    id: QuestionId
    zh: Words
    en: MaybeWords = ""
    help: MaybeWords = ""
    kind: QuestionKind
    required: bool = True
    audience: Audience = Audience.CLIENT
    choices: Annotated[list[Choice], Field(max_length=50)] = []
    schedule_kind: ScheduleKind | None = None
    asked_if: Condition | None = None
    section: SectionKey = SectionKey.INFORMATION
    field: SlipField | None = None


class Edition(Value):
    """A published edition; it never changes."""

    number: int
    questions: list[Question]
    published_by: str
    published_at: datetime


class QuestionSet(Aggregate):
    """The questions of a line: a draft that is being written, and the editions that were published from it."""

    line: str
    line_family: LineFamily
    line_zh: str
    line_en: str
    draft: list[Question]
    editions: list[Edition] = []
