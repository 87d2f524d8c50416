"""Answering and returning a questionnaire. Pure."""

from collections.abc import Mapping
from datetime import datetime

from chassis.clock import business_date
from chassis.moves import move
from chassis.refusals import Conflict, Fault, Invalid
from contracts.placement import QuestionnaireAnswered, QuestionnaireReturned, QuestionnaireWithdrawn
from services.placement.gates.insured import as_kept
from services.placement.gates.model import ClientCopy
from services.placement.question_sets.model import Question
from services.placement.questionnaires import answers as reading
from services.placement.questionnaires import disclosure
from services.placement.questionnaires.answers import Given, NotAnAnswer
from services.placement.questionnaires.model import MOVES, Answer, Disclosure, Questionnaire, Status


class AnswersFaulty(Invalid):
    """Some answers are no answers to their questions; nothing was kept."""

    rule = "PLC-019"
    zh = "有 {count} 项答复不符合问题要求"
    en = "{count} answer(s) do not fit their questions"
    todo_zh = "请逐项更正后重新提交"
    todo_en = "Correct each of them and send all again"


class AnswersMissing(Conflict):
    """Required questions that were asked are not answered."""

    rule = "PLC-020"
    zh = "还有 {count} 个必填问题没有答复"
    en = "{count} required question(s) are not answered yet"
    todo_zh = "请补充答复后再收回问卷"
    todo_en = "Have them answered, then return the questionnaire"


class DisclosureFaulty(Invalid):
    """The statement of disclosure is of another time or another edition."""

    rule = "PLC-021"
    zh = "如实告知声明的时间或版本有误"
    en = "Time or edition of the statement of disclosure is wrong"
    todo_zh = "请由客户签署当时有效版本的声明"
    todo_en = "Have the client sign the edition that is in force at that time"


class MayNotSign(Conflict):
    """The contact is not one who may sign for the client."""

    rule = "PLC-022"
    zh = "联系人 {contact} 没有代表客户签署的权限"
    en = "Contact {contact} may not sign for the client"
    todo_zh = "请由有签署权的联系人签署,或先更新其权限"
    todo_en = "Have a contact sign who may, or have the client's file updated first"


class QuestionnaireNotReturned(Conflict):
    """Only a returned questionnaire is something to draft from."""

    rule = "PLC-025"
    zh = "问卷 {id} 尚未收回"
    en = "Questionnaire {id} is not returned"
    todo_zh = "请先收回问卷(含如实告知声明)"
    todo_en = "Return it first, with the statement of disclosure"


def check_signatory(client: ClientCopy, contact_id: str) -> None:
    """Refuse a contact who may not sign for the client; raises MayNotSign. Rule: PLC-022."""
    if not any(contact.contact_id == contact_id and contact.may_sign for contact in client.contacts):
        raise MayNotSign(contact=contact_id)


def answer(
    questionnaire: Questionnaire, questions: list[Question], given: Mapping[str, Given | None]
) -> tuple[Questionnaire, QuestionnaireAnswered] | None:
    """Take answers over, as often as they come; None takes an answer back. Nothing is kept when one does not fit.

    Gives None when nothing changes.

    Raises:
        IllegalMove: it is not open any more.
        AnswersFaulty: with every fault.

    Rule: PLC-019.
    """
    by_id = {question.id: question for question in questions}
    kept: dict[str, Answer] = dict(questionnaire.answers)
    faults: list[Fault] = []
    for question_id, value in given.items():
        at = f"/answers/{question_id}"
        if question_id not in by_id:
            faults.append(Fault(at, "问卷中没有这个问题", "there is no such question"))
        elif value is None:
            kept.pop(question_id, None)
        else:
            try:
                checked = reading.checked(by_id[question_id], value)
                kept[question_id] = as_kept(checked, [kept.get(question_id)])
            except NotAnAnswer as wrong:
                faults.append(Fault(at, wrong.zh, wrong.en))
    if faults:
        raise AnswersFaulty(faults, count=len(faults))
    after = move(questionnaire, MOVES, Status.SENT, answers=kept)
    if after == questionnaire:
        return None
    fact = QuestionnaireAnswered(
        questionnaire_id=questionnaire.id, client_id=questionnaire.client_id, answered=len(kept)
    )
    return after, fact


def take_back(
    questionnaire: Questionnaire, questions: list[Question], stated: Disclosure, now: datetime
) -> tuple[Questionnaire, QuestionnaireReturned]:
    """Return a questionnaire: every required question that is asked has an answer, and there is a disclosure statement.

    Raises:
        IllegalMove, AnswersMissing, DisclosureFaulty.

    Rule: PLC-020, PLC-021.
    """
    returned = move(questionnaire, MOVES, Status.RETURNED, disclosure=stated)
    if open_questions := reading.missing(questions, questionnaire.answers):
        faults = [Fault(f"/answers/{q.id}", f"未答复:{q.zh}", f"not answered: {q.en or q.zh}") for q in open_questions]
        raise AnswersMissing(faults, count=len(faults))
    _check_disclosure(questionnaire, stated, now)
    return returned, QuestionnaireReturned(
        questionnaire_id=questionnaire.id,
        client_id=questionnaire.client_id,
        project_id=questionnaire.project_id,
        line=questionnaire.line,
        disclosed_at=stated.made_at,
    )


def _check_disclosure(questionnaire: Questionnaire, stated: Disclosure, now: datetime) -> None:
    faults: list[Fault] = []
    if not questionnaire.sent_at <= stated.made_at <= now:
        zh, en = "须在问卷发出之后、当前时间之前", "is not between the sending and now"
        faults.append(Fault("/disclosure/made_at", zh, en))
    wanted = disclosure.in_force(business_date(stated.made_at)).edition
    if stated.edition != wanted:
        faults.append(
            Fault("/disclosure/edition", f"当时有效的版本为 {wanted}", f"the edition then in force is {wanted}")
        )
    if faults:
        raise DisclosureFaulty(faults)


def withdraw(questionnaire: Questionnaire, reason: str) -> tuple[Questionnaire, QuestionnaireWithdrawn]:
    """Give a questionnaire up; raises IllegalMove once it is returned."""
    gone = move(questionnaire, MOVES, Status.WITHDRAWN, withdrawn_for=reason)
    return gone, QuestionnaireWithdrawn(
        questionnaire_id=questionnaire.id, client_id=questionnaire.client_id, reason=reason
    )
