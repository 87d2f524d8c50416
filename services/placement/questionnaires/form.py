"""The questionnaire as a spreadsheet: made for the client, and read back when it is filled in. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from chassis.refusals import Conflict, Invalid
from chassis.sheets import Row, Table, Unreadable, column, read_tables, to_xlsx
from contracts.money import Money
from services.placement.gates.insured import InsuredName, in_clear
from services.placement.gates.model import ClientCopy
from services.placement.question_sets.model import Question, QuestionKind, SlipField
from services.placement.questionnaires.answers import Given, NotAnAnswer, checked
from services.placement.questionnaires.model import Answer

COLUMNS = [
    column("number", "序号", "编号", "No."),
    column("question", "问题", "题目", "Question", needed=True),
    column("answer", "答复", "回答", "Answer", needed=True),
]
NOT_APPLICABLE = {"不适用", "不涉及", "n/a", "na"}
_MARKS = re.compile(r"[\s,.;:?!、,。;:?!()“”\"'*]")


class NoQuestionnaireFound(Invalid):
    """The file has no table of questions and answers, or not in the sheet that was named."""

    rule = "PLC-019"
    zh = "文件中没有找到问卷表格"
    en = "There is no table of questions and answers in the file"
    todo_zh = "表头须有“问题”和“答复”两列;有多张工作表时请指定工作表名称"
    todo_en = "The header needs the columns 问题 and 答复; name the sheet when there are several"


class SheetAmbiguous(Conflict):
    """Several sheets have answers, and none was named."""

    rule = "PLC-019"
    zh = "多张工作表含有问卷:{sheets}"
    en = "Several sheets have answers: {sheets}"
    todo_zh = "请指定工作表名称"
    todo_en = "Name the sheet"


@dataclass(frozen=True)
class CellFault:
    """A cell that could not be taken over: where it is and why."""

    sheet: str
    row: int
    column: str
    question: str
    zh: str
    en: str


@dataclass
class Filled:
    """What a filled form holds: answers by question id, what could not be read, questions that are not ours."""

    answers: dict[str, Answer] = field(default_factory=dict)
    faults: list[CellFault] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


def form(questions: list[Question], answers: Mapping[str, Answer]) -> bytes:
    """The questionnaire as an .xlsx file, with the answers so far."""
    rows = [
        (
            number,
            question.zh,
            "必填" if question.required else "选填",
            shown(question, answers.get(question.id)),
            _hint(question),
        )
        for number, question in enumerate(questions, 1)
    ]
    return to_xlsx("问卷", ("序号", "问题", "是否必填", "答复", "说明"), rows)


def shown(question: Question, answer: Answer | None, language: str = "zh") -> str:
    """An answer as a person reads it."""
    if answer is None:
        return ""
    if isinstance(answer, bool):
        return ("是" if answer else "否") if language == "zh" else ("yes" if answer else "no")
    if isinstance(answer, Money):
        return answer.amount if answer.currency == "CNY" else f"{answer.currency} {answer.amount}"
    for choice in question.choices:
        if choice.value == answer:
            return choice.en or choice.zh if language == "en" else choice.zh
    return str(answer)


def _hint(question: Question) -> str:
    told = [question.help] if question.help else []
    if question.choices:
        told.append("选项:" + "、".join(choice.zh for choice in question.choices))
    if question.asked_if:
        told.append("按前面的答复决定是否填写")
    return ";".join(told)


def read_form(content: bytes, sheet: str | None, questions: list[Question], client: ClientCopy) -> Filled:
    """The answers in a filled form; questions are found by their words, blank cells and 不适用 are no answers.

    Raises:
        TableFileRefused, NoQuestionnaireFound, SheetAmbiguous.

    Rule: PLC-019.
    """
    table = _table(content, sheet)
    by_words = {_bare(words): question for question in questions for words in (question.zh, question.en) if words}
    filled = Filled()
    for row in table.rows():
        words = row.text("question") or ""
        question = by_words.get(_bare(words))
        if question is None:
            filled.unknown.append(f"{table.sheet}!{row.number} {words}")
            continue
        try:
            value = _value(question, row)
            if value is not None:
                filled.answers[question.id] = checked(question, value)
        except (Unreadable, NotAnAnswer) as wrong:
            fault = CellFault(table.sheet, row.number, row.label("answer"), question.id, wrong.zh, wrong.en)
            filled.faults.append(fault)
    _check_insured(filled, questions, client)
    return filled


def _table(content: bytes, sheet: str | None) -> Table:
    tables = [table for table in read_tables(content, COLUMNS).tables if sheet is None or table.sheet == sheet]
    if not tables:
        raise NoQuestionnaireFound
    if len(tables) > 1:
        raise SheetAmbiguous(sheets="、".join(table.sheet for table in tables))
    return tables[0]


def _value(question: Question, row: Row) -> Given | None:
    words = row.text("answer")
    if words is None or words.lower() in NOT_APPLICABLE:
        return None
    match question.kind:
        case QuestionKind.YES_NO:
            return row.flag("answer")
        case QuestionKind.MONEY:
            return row.money("answer")
        case QuestionKind.NUMBER:
            number = row.figure("answer")
            return None if number is None else format(number.normalize(), "f")
        case QuestionKind.PERCENT:
            share = row.share("answer")
            return None if share is None else format(share.normalize(), "f")
        case QuestionKind.DATE:
            day = row.day("answer")
            return None if day is None else day.isoformat()
        case QuestionKind.USCC:
            return row.code("answer")
        case QuestionKind.CHOICE:
            return _choice(question, words)
        case QuestionKind.SCHEDULE:
            raise Unreadable("请另行导入清单", "take the schedule in by itself")
        case QuestionKind.TEXT:
            return words


def _choice(question: Question, words: str) -> str:
    for choice in question.choices:
        if _bare(words) in {_bare(choice.value), _bare(choice.zh), _bare(choice.en)}:
            return choice.value
    raise Unreadable(f"“{words}”不是选项之一", f'"{words}" is none of the choices')


def _check_insured(filled: Filled, questions: list[Question], client: ClientCopy) -> None:
    for question in questions:
        told = filled.answers.get(question.id)
        if question.field is not SlipField.INSURED or not isinstance(told, str | InsuredName):
            continue
        if _bare("".join(in_clear([told]))) != _bare(client.called()):
            zh = f"问卷中的投保人“{told}”与客户名称不一致,请核对是否为本客户的问卷"
            en = f"The form names \"{told}\", which is not the client's name; check that it is this client's form"
            filled.notes.append((zh, en))


def _bare(words: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKC", words)).lower()
