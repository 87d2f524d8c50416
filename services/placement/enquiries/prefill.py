"""From a returned questionnaire to the first draft of an enquiry. Pure."""

import re
from collections.abc import Iterable
from datetime import date
from textwrap import wrap
from typing import Any

from contracts.money import Money
from services.placement.enquiries.model import (
    MOST_INSURED,
    MOST_SITUATIONS,
    MOST_WORDS,
    Content,
    Deductible,
    Fiscal,
    Information,
    Limit,
    Remuneration,
    Risk,
    Security,
    Subscription,
    Told,
)
from services.placement.enquiries.rules import a_year_from
from services.placement.gates.insured import MOST_CHARACTERS, InsuredName, named
from services.placement.gates.model import ClientCopy
from services.placement.papers.model import SectionKey
from services.placement.question_sets.model import Question, QuestionKind, SlipField
from services.placement.questionnaires.answers import asked
from services.placement.questionnaires.form import shown
from services.placement.questionnaires.model import Answer, Questionnaire

_SECTIONS = {
    SectionKey.RISK: Risk,
    SectionKey.INFORMATION: Information,
    SectionKey.SECURITY: Security,
    SectionKey.SUBSCRIPTION: Subscription,
    SectionKey.FISCAL: Fiscal,
    SectionKey.REMUNERATION: Remuneration,
}
_BETWEEN = re.compile(r"[;；\n]+")
_COMMAS = re.compile(r"[、，]+|,(?!\s*(?:ltd|limited|inc|llc|co)\b)", re.IGNORECASE)
_SUBJECT_ENDS = ("保险金额", "赔偿限额", "限额")


def prefilled(questionnaire: Questionnaire, questions: list[Question], client: ClientCopy) -> Content:
    """The enquiry's sections as the answers fill them; only questions that were asked count.

    The client is the first insured unless an answer says who is; the period is a year from the wanted first day.
    Answers that list several insured or situations become as many entries, up to the most that each list takes.

    Rule: PLC-025.
    """
    lines: dict[SectionKey, list[Told]] = {key: [] for key in SectionKey}
    filled: list[tuple[Question, Answer]] = []
    for question in asked(questions, questionnaire.answers):
        answer = questionnaire.answers.get(question.id)
        if answer is None or question.kind is QuestionKind.SCHEDULE:
            continue
        if question.field is None:
            lines[question.section].append(_told(question, answer))
        else:
            filled.append((question, answer))
    sections: dict[str, Any] = {key: _SECTIONS[key](told=lines[key]) for key in SectionKey}
    sections[SectionKey.RISK] = _risk(filled, client).but(told=lines[SectionKey.RISK])
    return Content(**sections, schedule_ids=_schedules(asked(questions, questionnaire.answers), questionnaire))


def _risk(filled: Iterable[tuple[Question, Answer]], client: ClientCopy) -> Risk:
    by_field: dict[SlipField, list[tuple[Question, Answer]]] = {}
    for question, answer in filled:
        assert question.field is not None
        by_field.setdefault(question.field, []).append((question, answer))

    def texts(field: SlipField) -> list[str]:
        return [str(answer) for _, answer in by_field.get(field, [])]

    def amounts(*fields: SlipField) -> list[tuple[Question, Money]]:
        every = [pair for field in fields for pair in by_field.get(field, [])]
        return [(question, answer) for question, answer in every if isinstance(answer, Money)]

    starts_on = next((date.fromisoformat(text) for text in texts(SlipField.STARTS_ON)), None)
    deductible = next((amount for _, amount in amounts(SlipField.DEDUCTIBLE)), None)
    limits = amounts(SlipField.SUM_INSURED, SlipField.LIMIT)
    return Risk(
        insured=_insured(by_field.get(SlipField.INSURED, []), client),
        business="；".join(texts(SlipField.BUSINESS))[:MOST_WORDS],
        situation=[entry for text in texts(SlipField.SITUATION) for entry in _entries(text)][:MOST_SITUATIONS],
        starts_on=starts_on,
        ends_on=a_year_from(starts_on) if starts_on else None,
        limits=[Limit(subject=_subject(question), amount=amount) for question, amount in limits],
        deductible=Deductible(amount=deductible) if deductible else None,
    )


def _insured(answers: list[tuple[Question, Answer]], client: ClientCopy) -> list[str | InsuredName]:
    told = [answer for _, answer in answers if isinstance(answer, str | InsuredName)]
    clear = [name.reveal() if isinstance(name, InsuredName) else name for name in told or [client.called()]]
    return [named(name, client.name) for text in clear for name in _entries(text)][:MOST_INSURED]


def _entries(text: str) -> list[str]:
    """An answer as entries of a list: at semicolons and line ends, at commas only what is too long for one entry."""
    found: list[str] = []
    for part in _BETWEEN.split(text):
        parts = [part] if len(part) <= MOST_CHARACTERS else _COMMAS.split(part)
        found += [entry for each in parts for entry in wrap(each.strip(), MOST_CHARACTERS)]
    return found


def _subject(question: Question) -> str:
    words = question.zh
    for end in _SUBJECT_ENDS:
        words = words.removesuffix(end)
    return (words or question.zh)[:200]


def _told(question: Question, answer: Answer) -> Told:
    zh = question.zh[:200]
    return Told(
        zh=zh,
        en=(question.en or zh)[:200],
        answer_zh=_shown(question, answer, "zh"),
        answer_en=_shown(question, answer, "en"),
    )


def _shown(question: Question, answer: Answer, language: str) -> str:
    if question.kind is QuestionKind.PERCENT and isinstance(answer, str):
        return f"{float(answer) * 100:g}%"
    if isinstance(answer, Money):
        whole, _, decimals = answer.amount.partition(".")
        return f"{answer.currency} {int(whole):,}" + (f".{decimals}" if decimals else "")
    return shown(question, answer, language)


def _schedules(questions: list[Question], questionnaire: Questionnaire) -> list[str]:
    wanted = [question.id for question in questions if question.kind is QuestionKind.SCHEDULE]
    return [str(questionnaire.answers[each]) for each in wanted if each in questionnaire.answers]
