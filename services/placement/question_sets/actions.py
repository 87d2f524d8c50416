"""Writing question sets and publishing them."""

from typing import Any

from chassis.work import Work
from services.placement.question_sets import rules
from services.placement.question_sets.model import Edition, QuestionSet
from services.placement.question_sets.store import QuestionSets


async def draft_set(work: Work, **fields: Any) -> QuestionSet:
    """Begin a question set; it can be sent once it is published. Rule: PLC-017."""
    questions = QuestionSet(id=work.new_id("question_sets"), branch=work.actor.branch, **fields)
    return await QuestionSets(work).add(*rules.drafted(questions))


async def change_set(question_set_id: str, changes: dict[str, Any], work: Work) -> QuestionSet:
    """Change the draft; published editions stay. Rule: PLC-018."""
    return await QuestionSets(work).change(question_set_id, lambda found: rules.drafted(found.but(**changes)))


async def publish_set(question_set_id: str, work: Work) -> QuestionSet:
    """Publish the draft as the next edition; raises QuestionSetFaulty. Rule: PLC-017, PLC-018."""
    return await QuestionSets(work).change(question_set_id, lambda found: rules.publish(found, work.actor.id, work.now))


async def the_published(question_set_id: str, edition: int | None, work: Work) -> tuple[QuestionSet, Edition]:
    """A question set and one of its published editions (None: the newest).

    Raises:
        QuestionSetNotFound, EditionNotPublished.

    Rule: PLC-018.
    """
    found = await QuestionSets(work).get(question_set_id)
    return found, rules.the_edition(found, edition)
