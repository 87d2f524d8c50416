"""What makes a question set fit to be sent."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.shared import LineFamily
from services.placement.question_sets.model import Question, QuestionSet
from services.placement.question_sets.rules import (
    EditionNotPublished,
    QuestionSetFaulty,
    faults,
    publish,
    the_edition,
)
from tests.support.placement_questions import PROPERTY_QUESTIONS, ask, only_if

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CHOICES = [{"value": "steel", "zh": "钢结构"}, {"value": "brick", "zh": "砖混"}]


def questions(*told: dict[str, Any]) -> list[Question]:
    return [Question.model_validate(question) for question in told]


def a_set(draft: list[Question]) -> QuestionSet:
    return QuestionSet(
        id="qs",
        branch="hq",
        line="property_all_risks",
        line_family=LineFamily.PROPERTY,
        line_zh="财产一切险",
        line_en="Property all risks",
        draft=draft,
    )


def test_the_property_questions_can_be_published():
    assert faults(questions(*PROPERTY_QUESTIONS)) == []


@pytest.mark.rule("PLC-017")
@pytest.mark.parametrize(
    ("told", "pointer"),
    [
        ([], "/draft"),
        ([ask("a", "甲"), ask("a", "乙")], "/draft/1/id"),
        ([ask("a", "甲", asked_if=only_if("b", True)), ask("b", "乙", "yes_no")], "/draft/0/asked_if/question_id"),
        ([ask("a", "甲", "yes_no", asked_if=only_if("a", True))], "/draft/0/asked_if/question_id"),
        ([ask("a", "甲", "number"), ask("b", "乙", asked_if=only_if("a", "1"))], "/draft/1/asked_if/question_id"),
        ([ask("a", "甲", "yes_no"), ask("b", "乙", asked_if=only_if("a", "yes"))], "/draft/1/asked_if/answers"),
        ([ask("a", "甲", "choice", choices=CHOICES[:1])], "/draft/0/choices"),
        ([ask("a", "甲", "choice", choices=[CHOICES[0], CHOICES[0]])], "/draft/0/choices"),
        ([ask("a", "甲", choices=CHOICES)], "/draft/0/choices"),
        ([ask("a", "甲", "schedule")], "/draft/0/schedule_kind"),
        ([ask("a", "甲", schedule_kind="vehicles")], "/draft/0/schedule_kind"),
        ([ask("a", "甲", field="sum_insured")], "/draft/0/field"),
    ],
)
def test_a_question_that_cannot_be_asked_is_told(told: list[dict[str, Any]], pointer: str):
    assert [fault.pointer for fault in faults(questions(*told))] == [pointer]


@pytest.mark.rule("PLC-017")
def test_a_question_may_hang_on_an_earlier_choice():
    asked = questions(ask("a", "甲", "choice", choices=CHOICES), ask("b", "乙", asked_if=only_if("a", "steel")))
    assert faults(asked) == []


@pytest.mark.rule("PLC-018")
def test_editions_are_numbered_and_never_change():
    first, fact = publish(a_set(questions(ask("a", "甲"))), "ann", NOW)
    second, _ = publish(first.but(draft=questions(ask("b", "乙"))), "ann", NOW)
    assert fact.edition == 1
    assert [edition.number for edition in second.editions] == [1, 2]
    assert the_edition(second, 1).questions[0].id == "a"
    assert the_edition(second, None).questions[0].id == "b"
    for number in (0, 3):
        with pytest.raises(EditionNotPublished):
            the_edition(second, number)


@pytest.mark.rule("PLC-017")
def test_a_faulty_draft_is_not_published():
    with pytest.raises(QuestionSetFaulty):
        publish(a_set([]), "ann", NOW)
