"""From answers to sections, and from sections to the paper."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from chassis.papers import Head
from contracts.money import yuan
from contracts.shared import LineFamily
from services.placement.clauses.model import ClauseKind, ClauseUsed, Words
from services.placement.enquiries.model import Content, Deductible, Enquiry, Remuneration, Security, Subscription
from services.placement.enquiries.paper import paper_of
from services.placement.enquiries.prefill import prefilled
from services.placement.gates.model import ClientCopy
from services.placement.papers.model import SectionKey
from services.placement.question_sets.model import Question, ScheduleKind
from services.placement.questionnaires.model import Questionnaire
from services.placement.schedules.model import Location, Report, Schedule, ScheduleRow, Total
from tests.support.placement_questions import (
    FIRST_ANSWERS,
    PROPERTY_QUESTIONS,
    SECOND_ANSWERS,
    ask,
    only_if,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
QUESTIONS = [Question.model_validate(told) for told in PROPERTY_QUESTIONS]


def a_client() -> ClientCopy:
    told: dict[str, Any] = {"id": "c", "branch": "hq", "code": "C", "kind": "company", "status": "client"}
    return ClientCopy(**told, name="云泽嘉垣", person_name=None, region="44")


def answered(questions: list[Question], **answers: Any) -> Content:
    told: dict[str, Any] = {"id": "q", "branch": "hq", "client_id": "c", "project_id": None, "question_set_id": "s"}
    told |= {"edition": 1, "line": "property_all_risks", "line_family": LineFamily.PROPERTY, "sent_by": "ann"}
    told |= {"line_zh": "财产一切险", "line_en": "PAR", "sent_at": NOW, "answers": answers}
    return prefilled(Questionnaire.model_validate(told), questions, a_client())


def some_answers() -> dict[str, Any]:
    every = FIRST_ANSWERS | SECOND_ANSWERS
    return {name: str(value) if type(value) is int else value for name, value in every.items()}


@pytest.mark.rule("PLC-025")
def test_fields_are_filled_and_the_rest_becomes_lines_of_its_section():
    content = answered(QUESTIONS, **some_answers())
    assert content.risk.situation == ["广东省深圳市高新区澜桥大道134号"]
    assert content.risk.deductible == Deductible(amount=yuan("130000.00"))
    assert [line.zh for line in content.risk.told] == ["统一社会信用代码", "是否需要营业中断险"]
    assert content.risk.told[1].answer_en == "no"
    assert len(content.information.told) > 20


@pytest.mark.rule("PLC-025")
def test_an_answer_to_a_question_that_is_not_asked_stays_out():
    questions = [
        Question.model_validate(told)
        for told in (ask("flooded", "水浸", "yes_no"), ask("depth", "水深", asked_if=only_if("flooded", True)))
    ]
    content = answered(questions, flooded=False, depth="一米")
    assert [line.zh for line in content.information.told] == ["水浸"]


@pytest.mark.rule("PLC-025")
@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-05-01", date(2027, 4, 30)), ("2028-02-29", date(2029, 2, 28)), ("2027-03-01", date(2028, 2, 29))],
)
def test_cover_is_asked_for_a_year_and_the_client_is_insured_unless_somebody_else_is(first: str, last: date):
    content = answered([Question.model_validate(ask("on", "起保", "date", field="starts_on"))], on=first)
    assert (content.risk.ends_on, content.risk.insured) == (last, ["云泽嘉垣"])


def test_a_schedule_that_was_answered_is_attached():
    question = Question.model_validate(ask("list", "标的清单", "schedule", schedule_kind="locations"))
    assert answered([question], list="sch-1").schedule_ids == ["sch-1"]


@pytest.mark.rule("PLC-025", "PLC-017")
def test_a_schedule_whose_question_is_not_asked_any_more_stays_out():
    told = (
        ask("fleet", "是否有车队", "yes_no"),
        ask("list", "车辆清单", "schedule", schedule_kind="vehicles", asked_if=only_if("fleet", True)),
    )
    questions = [Question.model_validate(each) for each in told]
    assert answered(questions, fleet=True, list="sch-1").schedule_ids == ["sch-1"]
    assert answered(questions, fleet=False, list="sch-1").schedule_ids == []


@pytest.mark.rule("PLC-025", "PLC-019")
def test_long_answers_come_in_whole():
    told = (
        ask("business", "经营范围", field="business"),
        ask("where", "标的地址", field="situation"),
        ask("who", "被保险人", field="insured"),
    )
    questions = [Question.model_validate(each) for each in told]
    places = [f"广东省深圳市高新区澜桥大道{n}号" for n in range(1, 31)]
    names = [f"云泽嘉垣第{n}有限公司" for n in range(1, 41)]
    risk = answered(questions, business="制造" * 2000, where="；".join(places), who="、".join(names)).risk
    assert (risk.business, risk.situation, risk.insured) == ("制造" * 2000, places, names)
    both = "Yunze Holdings Co., Ltd; Jiayuan Co., Ltd"
    assert answered(questions, who=both).risk.insured == ["Yunze Holdings Co., Ltd", "Jiayuan Co., Ltd"]
    risk = answered(questions, where="高" * 450, who="\n".join(names + names)).risk
    assert ([len(place) for place in risk.situation], risk.insured) == ([200, 200, 50], (names + names)[:50])


def a_schedule(rows: int) -> Schedule:
    report = Report(taken=rows, known=0, refused=0, faults=[], warnings=[], findings=[])
    totals = [Total(column=name, amount=yuan("5.00")) for name in ("buildings", "machinery", "stock", "total")]
    return Schedule(
        id="s",
        branch="hq",
        client_id="c",
        kind=ScheduleKind.LOCATIONS,
        name="标的.xlsx",
        file_id="f",
        rows=rows,
        totals=totals,
        regions=["44"],
        report=report,
    )


def a_row(n: int) -> ScheduleRow:
    sums: dict[str, Any] = {name: yuan("1.00") for name in ("buildings", "machinery", "stock", "total")}
    location = Location(region="44", province="广东省", address=f"甲路{n}号", **sums)
    return ScheduleRow(n=n, sheet="标的", row=n + 1, location=location)


def the_paper(language: str) -> Any:
    content = answered(QUESTIONS, **some_answers()).but(
        security=Security(minimum_solvency_bp=15050),
        subscription=Subscription(valid_days=30),
        remuneration=Remuneration(brokerage_bp=1500, statement="由承保公司支付"),
        clauses=[
            ClauseUsed(
                code="E-1", kind=ClauseKind.EXTENSION, words=Words(title_zh="扩展", title_en="More", text_zh="文")
            )
        ],
    )
    told: dict[str, Any] = {"id": "e", "branch": "hq", "number": "EQ-1", "client_id": "c", "project_id": None}
    told |= {"questionnaire_id": "q", "line": "property_all_risks", "line_family": LineFamily.PROPERTY}
    told |= {
        "line_zh": "财产一切险",
        "line_en": "Property all risks",
        "handler_id": "ann",
        "makers": [],
        "content": content,
    }
    head = Head(
        broker="保桥",
        branch="总公司",
        language="en" if language == "en" else "zh",
        number="EQ-1",
        edition=2,
        dated_on=date(2026, 3, 2),
        client="云泽嘉垣",
    )
    return paper_of(Enquiry(**told), content, head, NOW, ["改"], [(a_schedule(3), [a_row(1), a_row(2)])])


@pytest.mark.parametrize(
    ("language", "line", "clause"), [("zh", "财产一切险", "扩展"), ("en", "Property all risks", "More")]
)
def test_the_paper_has_all_sections_in_one_language(language: str, line: str, clause: str):
    paper = the_paper(language)
    assert [section.key for section in paper.sections] == list(SectionKey)
    assert (paper.line, paper.clauses[0].title, paper.changes) == (line, clause, ("改",))
    security = {entry.label: entry.value for entry in paper.sections[2].entries}
    assert "150.5%" in security.values()


def test_a_schedule_is_a_table_with_totals_and_says_how_many_rows_are_not_printed():
    [table] = the_paper("zh").sections[0].tables
    assert (len(table.rows), table.total[0], table.total[-1]) == (3, "合计", yuan("5.00"))
    assert table.rows[2][0].endswith(": 1")
