"""Questionnaires: sent, answered in several goes, returned with the statement of disclosure."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Response, UploadFile

from chassis.files import MOST_BYTES, XLSX, FileMissing, attachment
from chassis.http import Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from chassis.sheets import TableFileRefused
from services.placement.gates.rules import MandateMissing, NoticeMissing
from services.placement.gates.store import ClientUnknown, ProjectUnknown
from services.placement.question_sets.rules import EditionNotPublished
from services.placement.question_sets.store import QuestionSetNotFound
from services.placement.questionnaires import actions, disclosure
from services.placement.questionnaires.form import NoQuestionnaireFound, SheetAmbiguous
from services.placement.questionnaires.model import Status
from services.placement.questionnaires.rules import AnswersFaulty, AnswersMissing, DisclosureFaulty, MayNotSign
from services.placement.questionnaires.schemas import (
    AnswerQuestionnaire,
    FilledView,
    ImportView,
    QuestionnaireLine,
    QuestionnaireView,
    ReturnQuestionnaire,
    SendQuestionnaire,
    StatementView,
    WithdrawQuestionnaire,
)
from services.placement.questionnaires.store import QuestionnaireNotFound, Questionnaires

router = APIRouter(tags=["questionnaires"])
paging = Annotated[Listing, paged("sent_at")]
Sheet = Annotated[str | None, Form(max_length=31, description="The sheet, where the file has several")]


@router.post(
    "/questionnaires",
    status_code=201,
    dependencies=[requires("questionnaires:write")],
    responses=refusals(
        ClientUnknown, ProjectUnknown, QuestionSetNotFound, EditionNotPublished, NoticeMissing, MandateMissing
    ),
)
async def send_questionnaire(body: SendQuestionnaire, work: Work) -> QuestionnaireView:
    """Ask a client, in an edition of a question set that stays pinned. A letter of authority is enough for this.

    Rule: PLC-001, PLC-003, PLC-018 (docs/rules/placement.md).
    """
    sent = await actions.send_questionnaire(body.client_id, body.project_id, body.question_set_id, body.edition, work)
    return QuestionnaireView.told(*await actions.the_questionnaire(sent.id, work))


@router.get("/questionnaires", dependencies=[requires("questionnaires:read")])
async def list_questionnaires(
    work: Work,
    listing: paging,
    client_id: Annotated[str | None, Query(max_length=64)] = None,
    status: Status | None = None,
) -> Page[QuestionnaireLine]:
    """Questionnaires by page."""
    told = (("client_id", client_id), ("status", status))
    found = await Questionnaires(work).page(listing, {name: value for name, value in told if value is not None})
    return Page(items=[QuestionnaireLine.of(sent) for sent in found.items], next=found.next)


@router.get(
    "/questionnaires/{questionnaire_id}",
    dependencies=[requires("questionnaires:read")],
    responses=refusals(QuestionnaireNotFound),
)
async def show_questionnaire(questionnaire_id: str, work: Work) -> QuestionnaireView:
    """One questionnaire: its answers, which questions they call for, and which are still open."""
    return QuestionnaireView.told(*await actions.the_questionnaire(questionnaire_id, work))


@router.get(
    "/questionnaires/{questionnaire_id}/form",
    dependencies=[requires("questionnaires:read")],
    responses=refusals(QuestionnaireNotFound),
    response_class=Response,
)
async def download_form(questionnaire_id: str, work: Work) -> Response:
    """The questionnaire as a spreadsheet to be filled in by the client."""
    return attachment(await actions.the_form(questionnaire_id, work), XLSX, f"questionnaire-{questionnaire_id}.xlsx")


@router.post(
    "/questionnaires/{questionnaire_id}/answers",
    dependencies=[requires("questionnaires:write")],
    responses=refusals(QuestionnaireNotFound, IllegalMove, AnswersFaulty),
)
async def answer_questionnaire(questionnaire_id: str, body: AnswerQuestionnaire, work: Work) -> QuestionnaireView:
    """Keep answers, as many as there are so far. One that does not fit its question refuses all of them.

    Rule: PLC-019 (docs/rules/placement.md).
    """
    return QuestionnaireView.told(*await actions.answer_questionnaire(questionnaire_id, body.answers, work))


@router.post(
    "/questionnaires/{questionnaire_id}/form_checks",
    dependencies=[requires("questionnaires:write")],
    responses=refusals(QuestionnaireNotFound, TableFileRefused, NoQuestionnaireFound, SheetAmbiguous),
)
async def check_form(questionnaire_id: str, work: Work, file: UploadFile, sheet: Sheet = None) -> FilledView:
    """Read a filled spreadsheet and tell what would be taken over; nothing is kept.

    Rule: PLC-019 (docs/rules/placement.md).
    """
    content = await file.read(MOST_BYTES + 1)
    return FilledView.of(await actions.read_answers(questionnaire_id, content, sheet, work))


@router.post(
    "/questionnaires/{questionnaire_id}/forms",
    dependencies=[requires("questionnaires:write")],
    responses=refusals(QuestionnaireNotFound, IllegalMove, TableFileRefused, NoQuestionnaireFound, SheetAmbiguous),
)
async def import_form(questionnaire_id: str, work: Work, file: UploadFile, sheet: Sheet = None) -> ImportView:
    """Take over the answers of a filled spreadsheet; cells that cannot be read are reported and left out.

    Rule: PLC-019 (docs/rules/placement.md).
    """
    filled = await actions.read_answers(questionnaire_id, await file.read(MOST_BYTES + 1), sheet, work)
    after = await actions.answer_questionnaire(questionnaire_id, dict(filled.answers), work)
    return ImportView(questionnaire=QuestionnaireView.told(*after), form=FilledView.of(filled))


@router.post(
    "/questionnaires/{questionnaire_id}/return",
    dependencies=[requires("questionnaires:write")],
    responses=refusals(QuestionnaireNotFound, IllegalMove, AnswersMissing, DisclosureFaulty, MayNotSign, FileMissing),
)
async def return_questionnaire(questionnaire_id: str, body: ReturnQuestionnaire, work: Work) -> QuestionnaireView:
    """Return the questionnaire: all required questions answered, and the client's signed statement of disclosure.

    Rule: PLC-020, PLC-021, PLC-022 (docs/rules/placement.md).
    """
    returned = await actions.return_questionnaire(
        questionnaire_id, body.contact_id, body.edition, body.made_at, body.file_id, work
    )
    return QuestionnaireView.told(*returned)


@router.post(
    "/questionnaires/{questionnaire_id}/withdrawal",
    dependencies=[requires("questionnaires:write")],
    responses=refusals(QuestionnaireNotFound, IllegalMove),
)
async def withdraw_questionnaire(questionnaire_id: str, body: WithdrawQuestionnaire, work: Work) -> QuestionnaireView:
    """Give the questionnaire up before it is returned."""
    return QuestionnaireView.told(*await actions.withdraw_questionnaire(questionnaire_id, body.reason, work))


@router.get("/disclosure_statements", dependencies=[requires("questionnaires:read")])
async def list_statements(work: Work) -> list[StatementView]:
    """The editions of the statement of disclosure, the oldest first; the one in force is the last that has begun.

    Rule: PLC-021 (docs/rules/placement.md).
    """
    return [StatementView.of(statement) for statement in disclosure.statements()]
