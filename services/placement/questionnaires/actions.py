"""Asking a client, taking its answers over, returning the questionnaire."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from chassis.files import Files
from chassis.work import Work
from contracts.placement import QuestionnaireSent
from services.placement.gates.actions import check_client_ready, the_client, the_project
from services.placement.question_sets.actions import the_published
from services.placement.question_sets.model import Audience, Question
from services.placement.questionnaires import rules
from services.placement.questionnaires.answers import Given
from services.placement.questionnaires.form import Filled, form, read_form
from services.placement.questionnaires.model import Disclosure, Questionnaire, Status
from services.placement.questionnaires.store import Questionnaires


async def send_questionnaire(
    client_id: str, project_id: str | None, question_set_id: str, edition: int | None, work: Work
) -> Questionnaire:
    """Ask a client in a published edition of a question set (None: the newest), which stays pinned.

    Raises:
        ClientUnknown, ProjectUnknown, QuestionSetNotFound, EditionNotPublished, NoticeMissing, MandateMissing.

    Rule: PLC-001, PLC-003, PLC-018, PLC-034.
    """
    questions, pinned = await the_published(question_set_id, edition, work)
    client = await check_client_ready(client_id, questions.line_family, work, fact_finding=True)
    if project_id is not None:
        await the_project(project_id, client, work)
    sent = Questionnaire(
        id=work.new_id("questionnaires"),
        branch=client.branch,
        client_id=client.id,
        project_id=project_id,
        question_set_id=questions.id,
        edition=pinned.number,
        sent_by=work.actor.id,
        sent_at=work.now,
        **{name: getattr(questions, name) for name in ("line", "line_family", "line_zh", "line_en")},
    )
    fact = QuestionnaireSent(
        questionnaire_id=sent.id,
        client_id=sent.client_id,
        project_id=project_id,
        line=sent.line,
        question_set_id=sent.question_set_id,
        edition=sent.edition,
    )
    return await Questionnaires(work).add(sent, fact)


async def the_questionnaire(questionnaire_id: str, work: Work) -> tuple[Questionnaire, list[Question]]:
    """A questionnaire and the questions of its pinned edition; raises QuestionnaireNotFound. Rule: PLC-018."""
    found = await Questionnaires(work).get(questionnaire_id)
    version = work.answer.version
    _, edition = await the_published(found.question_set_id, found.edition, work)
    work.answer.version = version
    return found, edition.questions


async def answer_questionnaire(
    questionnaire_id: str, given: Mapping[str, Given | None], work: Work
) -> tuple[Questionnaire, list[Question]]:
    """Take answers over; None takes one back. Can be called as often as answers come.

    Raises:
        QuestionnaireNotFound, IllegalMove, AnswersFaulty.

    Rule: PLC-019.
    """
    _, questions = await the_questionnaire(questionnaire_id, work)
    after = await Questionnaires(work).change(questionnaire_id, lambda found: rules.answer(found, questions, given))
    work.answer.version = after.version
    return after, questions


async def read_answers(questionnaire_id: str, content: bytes, sheet: str | None, work: Work) -> Filled:
    """What a filled form holds for this questionnaire; nothing is kept.

    Raises:
        QuestionnaireNotFound, TableFileRefused, NoQuestionnaireFound, SheetAmbiguous.

    Rule: PLC-019.
    """
    found, questions = await the_questionnaire(questionnaire_id, work)
    client = await the_client(found.client_id, work)
    return await asyncio.to_thread(read_form, content, sheet, questions, client)


async def the_form(questionnaire_id: str, work: Work) -> bytes:
    """The questions that the client is asked as a spreadsheet, with the answers so far."""
    found, questions = await the_questionnaire(questionnaire_id, work)
    for_client = [question for question in questions if question.audience is Audience.CLIENT]
    return await asyncio.to_thread(form, for_client, found.answers)


async def return_questionnaire(
    questionnaire_id: str, contact_id: str, edition: str, made_at: datetime, file_id: str, work: Work
) -> tuple[Questionnaire, list[Question]]:
    """Return a questionnaire with the client's statement of disclosure: signed paper, signatory, instant, edition.

    Raises:
        QuestionnaireNotFound, IllegalMove, AnswersMissing, DisclosureFaulty, MayNotSign, FileMissing.

    Rule: PLC-020, PLC-021, PLC-022.
    """
    found, questions = await the_questionnaire(questionnaire_id, work)
    rules.check_signatory(await the_client(found.client_id, work), contact_id)
    await Files(work).get(file_id)
    stated = Disclosure(
        contact_id=contact_id, edition=edition, made_at=made_at, file_id=file_id, recorded_by=work.actor.id
    )
    after = await Questionnaires(work).change(
        questionnaire_id, lambda before: rules.take_back(before, questions, stated, work.now)
    )
    return after, questions


async def withdraw_questionnaire(
    questionnaire_id: str, reason: str, work: Work
) -> tuple[Questionnaire, list[Question]]:
    """Give a questionnaire up before it is returned; raises QuestionnaireNotFound, IllegalMove."""
    _, questions = await the_questionnaire(questionnaire_id, work)
    after = await Questionnaires(work).change(questionnaire_id, lambda found: rules.withdraw(found, reason))
    return after, questions


async def the_returned(questionnaire_id: str, work: Work) -> tuple[Questionnaire, list[Question]]:
    """A returned questionnaire with its questions, to draft from; raises QuestionnaireNotReturned. Rule: PLC-025."""
    found, questions = await the_questionnaire(questionnaire_id, work)
    if found.status is not Status.RETURNED:
        raise rules.QuestionnaireNotReturned(id=questionnaire_id)
    return found, questions
