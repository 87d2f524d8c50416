"""Question sets: what clients are asked, by line."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.http import Listing, Page, Work, paged, refusals, requires
from contracts.shared import LineFamily
from services.placement.question_sets import actions
from services.placement.question_sets.rules import EditionNotPublished, QuestionSetFaulty
from services.placement.question_sets.schemas import (
    ChangeQuestionSet,
    DraftQuestionSet,
    EditionView,
    QuestionSetView,
)
from services.placement.question_sets.store import QuestionSetNotFound, QuestionSets

router = APIRouter(prefix="/question_sets", tags=["question_sets"])
paging = Annotated[Listing, paged("line", default="line")]


@router.post("", status_code=201, dependencies=[requires("question_sets:write")])
async def draft_question_set(body: DraftQuestionSet, work: Work) -> QuestionSetView:
    """Begin the question set of a line. What keeps it from being published is shown.

    Rule: PLC-017 (docs/rules/placement.md).
    """
    return QuestionSetView.of(await actions.draft_set(work, **dict(body)))


@router.patch(
    "/{question_set_id}",
    dependencies=[requires("question_sets:write")],
    responses=refusals(QuestionSetNotFound),
)
async def change_question_set(question_set_id: str, body: ChangeQuestionSet, work: Work) -> QuestionSetView:
    """Change the draft; editions that were published stay as they are.

    Rule: PLC-018 (docs/rules/placement.md).
    """
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    return QuestionSetView.of(await actions.change_set(question_set_id, changes, work))


@router.post(
    "/{question_set_id}/editions",
    dependencies=[requires("question_sets:write")],
    responses=refusals(QuestionSetNotFound, QuestionSetFaulty),
)
async def publish_question_set(question_set_id: str, work: Work) -> QuestionSetView:
    """Publish the draft as the next edition, which never changes.

    Rule: PLC-017, PLC-018 (docs/rules/placement.md).
    """
    return QuestionSetView.of(await actions.publish_set(question_set_id, work))


@router.get("", dependencies=[requires("question_sets:read")])
async def list_question_sets(
    work: Work,
    listing: paging,
    line: Annotated[str | None, Query(max_length=40)] = None,
    line_family: LineFamily | None = None,
) -> Page[QuestionSetView]:
    """Question sets by page."""
    told = (("line", line), ("line_family", line_family))
    found = await QuestionSets(work).page(listing, {name: value for name, value in told if value is not None})
    return Page(items=[QuestionSetView.of(questions) for questions in found.items], next=found.next)


@router.get(
    "/{question_set_id}", dependencies=[requires("question_sets:read")], responses=refusals(QuestionSetNotFound)
)
async def show_question_set(question_set_id: str, work: Work) -> QuestionSetView:
    """One question set with its draft."""
    return QuestionSetView.of(await QuestionSets(work).get(question_set_id))


@router.get(
    "/{question_set_id}/editions/{number}",
    dependencies=[requires("question_sets:read")],
    responses=refusals(QuestionSetNotFound, EditionNotPublished),
)
async def show_edition(question_set_id: str, number: int, work: Work) -> EditionView:
    """The questions of a published edition.

    Rule: PLC-018 (docs/rules/placement.md).
    """
    return EditionView.told(*await actions.the_published(question_set_id, number, work))
