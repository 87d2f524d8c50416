"""Answers: which questions are asked, and whether an answer is one. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from contracts.money import Money
from services.placement.gates.insured import InsuredName, named
from services.placement.question_sets.model import Question, QuestionKind, SlipField
from services.placement.questionnaires.model import Answer

MOST_TEXT = 4000
Given = bool | int | Money | str | InsuredName
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,6})?")


class NotAnAnswer(Exception):
    """What was given is no answer to the question; says why in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


def asked(questions: Iterable[Question], answers: Mapping[str, Answer]) -> list[Question]:
    """The questions that are asked, given the answers so far: those without condition or with one that is met.

    A question whose condition hangs on one that is not asked is not asked either.

    Rule: PLC-017.
    """
    seen: dict[str, Answer | None] = {}
    for question in questions:
        on = question.asked_if
        if on is None or seen.get(on.question_id) in on.answers:
            seen[question.id] = answers.get(question.id)
    return [question for question in questions if question.id in seen]


def missing(questions: Iterable[Question], answers: Mapping[str, Answer]) -> list[Question]:
    """The required questions that are asked and not answered. Rule: PLC-020."""
    return [question for question in asked(questions, answers) if question.required and question.id not in answers]


def checked(question: Question, given: Given) -> Answer:
    """The answer as it is kept; amounts are in minor units, shares are fractions ("0.65"), dates are ISO.

    Raises:
        NotAnAnswer.

    Rule: PLC-019.
    """
    match question.kind, given:
        case QuestionKind.YES_NO, bool():
            return given
        case QuestionKind.MONEY, Money() if given.amount_minor >= 0:
            return given
        case ((QuestionKind.NUMBER | QuestionKind.PERCENT), int()) if not isinstance(given, bool):
            return _decimal(question, str(given))
        case ((QuestionKind.NUMBER | QuestionKind.PERCENT), str()):
            return _decimal(question, given)
        case QuestionKind.DATE, str():
            return _day(given)
        case QuestionKind.USCC, str():
            return _uscc(given)
        case QuestionKind.CHOICE, str() if given in {choice.value for choice in question.choices}:
            return given
        case QuestionKind.TEXT, InsuredName():
            return given
        case QuestionKind.TEXT, str() if question.field is SlipField.INSURED and 0 < len(given.strip()) <= MOST_TEXT:
            return named(given)
        case ((QuestionKind.TEXT | QuestionKind.SCHEDULE), str()) if 0 < len(given.strip()) <= MOST_TEXT:
            return given.strip()
    raise NotAnAnswer(*_EXPECTED[question.kind])


_EXPECTED = {
    QuestionKind.TEXT: (f"须为 1 至 {MOST_TEXT} 字的文字", f"must be text of 1 to {MOST_TEXT} characters"),
    QuestionKind.NUMBER: ("须为数字", 'must be a whole number or a decimal text such as "2.5"'),
    QuestionKind.PERCENT: (
        "须为 0 至 10 之间的小数(0.65 即 65%)",
        'must be a fraction as text, 0 to 10 ("0.65" is 65 %)',
    ),
    QuestionKind.MONEY: ("须为不小于零的金额", 'must be an amount of zero or more: {"amount": "1234.50"}'),
    QuestionKind.DATE: ("须为日期,如 2026-03-01", "must be a date such as 2026-03-01"),
    QuestionKind.YES_NO: ("须为 true 或 false", "must be true or false"),
    QuestionKind.CHOICE: ("须为选项之一", "must be one of the choices"),
    QuestionKind.SCHEDULE: ("须为清单编号", "must be the id of a schedule"),
    QuestionKind.USCC: ("统一社会信用代码有误", "is not a valid unified social credit code (GB 32100)"),
}


def _decimal(question: Question, given: str) -> str:
    if not _DECIMAL.fullmatch(given) or (question.kind is QuestionKind.PERCENT and not 0 <= Decimal(given) <= 10):
        raise NotAnAnswer(*_EXPECTED[question.kind])
    return given


def _day(given: str) -> str:
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError as error:
        raise NotAnAnswer(*_EXPECTED[QuestionKind.DATE]) from error


def _uscc(given: str) -> str:
    try:
        return uscc.validate(given)
    except ValidationError as error:
        raise NotAnAnswer(*_EXPECTED[QuestionKind.USCC]) from error
