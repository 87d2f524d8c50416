"""Answering, and returning with the statement of disclosure."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from chassis.moves import IllegalMove, move
from contracts.money import yuan
from contracts.shared import LineFamily
from services.placement.gates.model import ClientCopy
from services.placement.question_sets.model import Question
from services.placement.questionnaires.answers import NotAnAnswer, asked, checked, missing
from services.placement.questionnaires.disclosure import in_force, statements
from services.placement.questionnaires.model import MOVES, Disclosure, Questionnaire, Status
from services.placement.questionnaires.rules import (
    AnswersFaulty,
    AnswersMissing,
    DisclosureFaulty,
    MayNotSign,
    answer,
    check_signatory,
    take_back,
    withdraw,
)
from tests.support.placement import a_contact
from tests.support.placement_questions import ask, only_if

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CHOICES = [{"value": "steel", "zh": "钢结构"}, {"value": "brick", "zh": "砖混"}]
QUESTIONS = [
    Question.model_validate(told)
    for told in (
        ask("flooded", "是否水浸", "yes_no"),
        ask("depth", "水深", "number", asked_if=only_if("flooded", True)),
        ask("deep", "是否超过一米", "yes_no", asked_if=only_if("flooded", True)),
        ask("deep_why", "原因", asked_if=only_if("deep", True)),
        ask("note", "备注", required=False),
    )
]


def a_questionnaire(**changes: Any) -> Questionnaire:
    told: dict[str, Any] = {"id": "q", "branch": "hq", "client_id": "c", "project_id": None, "question_set_id": "s"}
    told |= {"edition": 1, "line": "property_all_risks", "line_family": LineFamily.PROPERTY}
    told |= {"line_zh": "财产一切险", "line_en": "PAR", "sent_by": "ann", "sent_at": NOW - timedelta(days=3)}
    return Questionnaire(**(told | changes))


def a_disclosure(**changes: Any) -> Disclosure:
    told: dict[str, Any] = {
        "contact_id": "con-1",
        "edition": "2026-01",
        "made_at": NOW,
        "file_id": "f",
        "recorded_by": "ann",
    }
    return Disclosure(**(told | changes))


def a_question(kind: str, **more: Any) -> Question:
    return Question.model_validate(ask("a", "甲", kind, **more))


@pytest.mark.rule("PLC-019")
@pytest.mark.parametrize(
    ("question", "given", "kept"),
    [
        (a_question("text"), " 钢结构 ", "钢结构"),
        (a_question("number"), 12, "12"),
        (a_question("number"), "-2.5", "-2.5"),
        (a_question("percent"), "0.65", "0.65"),
        (a_question("percent"), 1, "1"),
        (a_question("money"), yuan("5.00"), yuan("5.00")),
        (a_question("date"), "2026-05-01", "2026-05-01"),
        (a_question("yes_no"), False, False),
        (a_question("choice", choices=CHOICES), "brick", "brick"),
        (a_question("schedule", schedule_kind="vehicles"), "sch-1", "sch-1"),
        (a_question("uscc"), "91440300ma5eqxl178", "91440300MA5EQXL178"),
    ],
)
def test_an_answer_is_kept_in_one_form(question: Question, given: Any, kept: Any):
    assert checked(question, given) == kept


@pytest.mark.rule("PLC-019")
@pytest.mark.parametrize(
    ("question", "given"),
    [
        (a_question("text"), "  "),
        (a_question("text"), True),
        (a_question("text"), "长" * 4001),
        (a_question("number"), "若干"),
        (a_question("number"), True),
        (a_question("number"), "1e5"),
        (a_question("percent"), "65"),
        (a_question("percent"), "-0.1"),
        (a_question("money"), yuan("-1.00")),
        (a_question("money"), "100"),
        (a_question("date"), "2026-02-30"),
        (a_question("yes_no"), "yes"),
        (a_question("yes_no"), 1),
        (a_question("choice", choices=CHOICES), "wood"),
        (a_question("uscc"), "91440300MA5EQXL17X"),
    ],
)
def test_what_does_not_fit_the_question_is_no_answer(question: Question, given: Any):
    with pytest.raises(NotAnAnswer):
        checked(question, given)


@pytest.mark.rule("PLC-017")
@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        ({}, ["flooded", "note"]),
        ({"flooded": False}, ["flooded", "note"]),
        ({"flooded": True}, ["flooded", "depth", "deep", "note"]),
        ({"flooded": True, "deep": True}, ["flooded", "depth", "deep", "deep_why", "note"]),
        ({"flooded": False, "deep": True}, ["flooded", "note"]),
    ],
)
def test_a_question_is_asked_only_when_its_chain_of_conditions_is_met(answers: dict[str, Any], shown: list[str]):
    assert [question.id for question in asked(QUESTIONS, answers)] == shown


@pytest.mark.rule("PLC-020")
def test_only_required_questions_that_are_asked_can_be_missing():
    assert [question.id for question in missing(QUESTIONS, {})] == ["flooded"]
    assert [question.id for question in missing(QUESTIONS, {"flooded": True})] == ["depth", "deep"]
    assert missing(QUESTIONS, {"flooded": False}) == []


@pytest.mark.rule("PLC-019")
def test_answers_come_in_several_goes_and_one_that_does_not_fit_refuses_all():
    first = answer(a_questionnaire(), QUESTIONS, {"flooded": True})
    assert first is not None
    with pytest.raises(AnswersFaulty) as refused:
        answer(first[0], QUESTIONS, {"depth": "deep", "deep": False, "nothing": "x"})
    assert {fault.pointer for fault in refused.value.faults} == {"/answers/depth", "/answers/nothing"}
    second = answer(first[0], QUESTIONS, {"depth": 30, "flooded": None})
    assert second is not None
    assert (second[0].answers, second[1].answered) == ({"depth": "30"}, 1)
    assert answer(second[0], QUESTIONS, {"depth": "30"}) is None


@pytest.mark.rule("PLC-020")
def test_a_questionnaire_with_open_questions_is_not_returned():
    with pytest.raises(AnswersMissing) as refused:
        take_back(a_questionnaire(answers={"flooded": True}), QUESTIONS, a_disclosure(), NOW)
    assert [fault.pointer for fault in refused.value.faults] == ["/answers/depth", "/answers/deep"]


@pytest.mark.rule("PLC-021")
@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"made_at": NOW + timedelta(seconds=1)}, {"/disclosure/made_at"}),
        ({"made_at": NOW - timedelta(days=4)}, {"/disclosure/made_at"}),
        ({"edition": "2019-01", "made_at": NOW - timedelta(days=4)}, {"/disclosure/edition", "/disclosure/made_at"}),
    ],
)
def test_the_disclosure_is_of_its_time_and_edition(changes: dict[str, Any], pointers: set[str]):
    with pytest.raises(DisclosureFaulty) as refused:
        take_back(a_questionnaire(answers={"flooded": False}), QUESTIONS, a_disclosure(**changes), NOW)
    assert {fault.pointer for fault in refused.value.faults} == pointers


@pytest.mark.rule("PLC-021")
def test_a_returned_questionnaire_tells_when_the_client_disclosed():
    returned, fact = take_back(a_questionnaire(answers={"flooded": False}), QUESTIONS, a_disclosure(), NOW)
    assert (returned.status, fact.disclosed_at) == (Status.RETURNED, NOW)


@pytest.mark.rule("PLC-021")
def test_editions_of_the_statement_begin_on_their_day():
    assert in_force(statements()[-1].from_on) == statements()[-1]
    assert in_force(statements()[0].from_on - timedelta(days=1)) == statements()[0]


@pytest.mark.rule("PLC-022")
def test_only_a_contact_who_may_sign_signs():
    told: dict[str, Any] = {
        "id": "c",
        "branch": "hq",
        "code": "C",
        "kind": "company",
        "status": "client",
        "region": "44",
    }
    contacts = [a_contact("con-1"), a_contact("con-2", may_sign=False)]
    client = ClientCopy(**told, name="甲", person_name=None, contacts=contacts)
    check_signatory(client, "con-1")
    for contact_id in ("con-2", "nobody"):
        with pytest.raises(MayNotSign):
            check_signatory(client, contact_id)


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)))
def test_only_a_sent_questionnaire_moves(before: Status, after: Status):
    questionnaire = a_questionnaire(status=before)
    if before is Status.SENT:
        assert move(questionnaire, MOVES, after).status is after
    else:
        with pytest.raises(IllegalMove):
            move(questionnaire, MOVES, after)


def test_a_questionnaire_is_given_up_with_a_reason():
    gone, fact = withdraw(a_questionnaire(), "客户暂缓")
    assert (gone.status, gone.withdrawn_for, fact.reason) == (Status.WITHDRAWN, "客户暂缓", "客户暂缓")
