"""What makes a question set fit to be sent. Pure."""

from datetime import datetime

from chassis.refusals import Fault, Invalid, Missing
from contracts.placement import QuestionSetDrafted, QuestionSetPublished
from services.placement.question_sets.model import FIELD_KINDS, Edition, Question, QuestionKind, QuestionSet


class QuestionSetFaulty(Invalid):
    """The draft cannot be published."""

    rule = "PLC-017"
    zh = "问卷模板有 {count} 处错误"
    en = "The question set has {count} fault(s)"
    todo_zh = "请逐项更正后再发布"
    todo_en = "Correct each of them, then publish"


class EditionNotPublished(Missing):
    """The set has no such published edition."""

    rule = "PLC-018"
    zh = "问卷模板没有已发布的第 {edition} 版"
    en = "The question set has no published edition {edition}"
    todo_zh = "请先发布,或使用已发布的版本"
    todo_en = "Publish it first, or use an edition that is published"


def faults(questions: list[Question]) -> list[Fault]:
    """Everything that keeps questions from being asked: double ids, choices, conditions that do not look back.

    Conditions name an earlier yes/no or choice question, so that there can be no circle.

    Rule: PLC-017.
    """
    if not questions:
        return [Fault("/draft", "没有任何问题", "there are no questions")]
    found: list[Fault] = []
    earlier: dict[str, Question] = {}
    for number, question in enumerate(questions):
        at = f"/draft/{number}"
        if question.id in earlier:
            found.append(Fault(f"{at}/id", "编号重复", "the id stands twice"))
        found += _own_faults(at, question) + _condition_faults(at, question, earlier)
        earlier[question.id] = question
    return found


def _own_faults(at: str, question: Question) -> list[Fault]:
    found: list[Fault] = []
    values = [choice.value for choice in question.choices]
    if question.kind is QuestionKind.CHOICE and (len(values) < 2 or len(set(values)) < len(values)):
        found.append(Fault(f"{at}/choices", "至少两个互不相同的选项", "at least two choices, each with its own value"))
    if question.kind is not QuestionKind.CHOICE and values:
        found.append(Fault(f"{at}/choices", "只有选择题才有选项", "only a choice has choices"))
    if (question.kind is QuestionKind.SCHEDULE) != (question.schedule_kind is not None):
        found.append(Fault(f"{at}/schedule_kind", "清单题须注明清单种类", "a schedule question says which kind"))
    if question.field is not None and FIELD_KINDS[question.field] is not question.kind:
        kind = FIELD_KINDS[question.field]
        found.append(Fault(f"{at}/field", f"该字段的答复类型须为 {kind}", f"this field takes an answer of kind {kind}"))
    return found


def _condition_faults(at: str, question: Question, earlier: dict[str, Question]) -> list[Fault]:
    if question.asked_if is None:
        return []
    on = earlier.get(question.asked_if.question_id)
    if on is None:
        zh, en = "条件须引用更早的问题", "the condition must name an earlier question"
        return [Fault(f"{at}/asked_if/question_id", zh, en)]
    if on.kind is QuestionKind.YES_NO:
        possible: set[bool | str] = {True, False}
    elif on.kind is QuestionKind.CHOICE:
        possible = {choice.value for choice in on.choices}
    else:
        zh, en = "条件只能引用是非题或选择题", "a condition names a yes/no or a choice question"
        return [Fault(f"{at}/asked_if/question_id", zh, en)]
    if set(question.asked_if.answers) - possible:
        zh, en = "条件中有不可能的答复", "one of the answers is impossible there"
        return [Fault(f"{at}/asked_if/answers", zh, en)]
    return []


def drafted(questions: QuestionSet) -> tuple[QuestionSet, QuestionSetDrafted]:
    """The set with a changed draft; editions that were published stay. Rule: PLC-018."""
    return questions, QuestionSetDrafted(question_set_id=questions.id, line=questions.line)


def publish(questions: QuestionSet, by: str, at: datetime) -> tuple[QuestionSet, QuestionSetPublished]:
    """Publish the draft as the next edition.

    Raises:
        QuestionSetFaulty: with every fault.

    Rule: PLC-017, PLC-018.
    """
    if found := faults(questions.draft):
        raise QuestionSetFaulty(found, count=len(found))
    edition = Edition(number=len(questions.editions) + 1, questions=questions.draft, published_by=by, published_at=at)
    fact = QuestionSetPublished(question_set_id=questions.id, line=questions.line, edition=edition.number)
    return questions.but(editions=[*questions.editions, edition]), fact


def the_edition(questions: QuestionSet, number: int | None) -> Edition:
    """A published edition (None: the newest); raises EditionNotPublished. Rule: PLC-018."""
    wanted = number if number is not None else len(questions.editions)
    if not 1 <= wanted <= len(questions.editions):
        raise EditionNotPublished(edition=wanted)
    return questions.editions[wanted - 1]
