"""What is done with cover confirmations: load, decide, save."""

from collections.abc import Collection, Sequence
from datetime import datetime

from chassis.documents import Frozen
from chassis.files import Files
from chassis.ids import derived_id
from chassis.papers import Correspondent
from chassis.store import together
from chassis.work import Work
from contracts.shared import KindOfWork
from services.placement.confirmations import rules
from services.placement.confirmations.model import Condition, Confirmation
from services.placement.confirmations.paper import paper_of
from services.placement.confirmations.store import Confirmations
from services.placement.gates.actions import check_client_ready, check_practitioner, client_recipients, the_user
from services.placement.gates.model import ClientCopy
from services.placement.letterhead.actions import Language, freeze_paper, issue_papers, paper_head, paper_number
from services.placement.letterhead.rules import check_recipients
from services.placement.papers import COVER_CONFIRMATION
from services.placement.placings.actions import the_placing
from services.placement.placings.model import Placing

TITLES: dict[Language, str] = {"zh": "承保确认书", "en": "Cover confirmation"}
READ_BY = ("decision", "insurance")


def policy_id_of(placing_id: str) -> str:
    """The id of the policy that a placing's binding makes."""
    return derived_id("policies", placing_id)


async def draft_confirmation(placing_id: str, work: Work) -> Confirmation:
    """Draft the confirmation of a placing; it can be issued once the placing is bound in full.

    Raises:
        PlacingNotFound, AlreadyConfirmed, and what the gates refuse.
    """
    confirmation_id = work.new_id("confirmations")
    if done := await Confirmations(work).already(confirmation_id):
        return done
    placing = await the_placing(placing_id, work)
    await _check_gates(placing, work)

    async def draft(inside: Work) -> Confirmation:
        if done := await Confirmations(inside).already(confirmation_id):
            return done
        confirmation = Confirmation(
            id=confirmation_id,
            branch=placing.branch,
            number=await paper_number("CC", placing.branch, inside),
            placing_id=placing.id,
            policy_id=policy_id_of(placing.id),
            client_id=placing.client_id,
            project_id=placing.project_id,
            line_family=placing.line_family,
            author_id=work.actor.id,
            conditions=_conditions(placing),
        )
        return await Confirmations(inside).add(*rules.draft(confirmation))

    return await together(work, draft)


async def issue_confirmation(
    confirmation_id: str, met: Collection[int], languages: Sequence[Language], work: Work
) -> Confirmation:
    """Confirm the cover to the client; `met` are the numbers (from 0) of the conditions that are met.

    Raises:
        SharesIncomplete, AnswersOutstanding, LeadRefused, ConditionOpen, ConditionUnknown, NoContact, and what the
        gates refuse.

    Rule: PLC-073, PLC-085, PLC-086.
    """
    confirmation = await Confirmations(work).get(confirmation_id)
    placing = await the_placing(confirmation.placing_id, work)
    client = await _check_gates(placing, work)

    def decide(found: Confirmation, document_ids: tuple[str, ...]) -> tuple[Confirmation, rules.CoverConfirmed]:
        conditions = rules.marked(found.conditions, met)
        return rules.issue(found, placing, conditions, document_ids, work.now)

    def check(found: Confirmation) -> None:
        decide(found, ("-",))

    confirmation = await Confirmations(work).change(confirmation_id, check)
    if work.answer.repeated:
        return confirmation
    recipients = client_recipients(client, *READ_BY)
    check_recipients(recipients)
    conditions = rules.marked(confirmation.conditions, met)
    papers = [
        await _freeze(confirmation.but(conditions=conditions), placing, client, language, work)
        for language in dict.fromkeys(languages)
    ]

    async def issue(inside: Work) -> Confirmation:
        await issue_papers(papers, recipients, inside)
        ids = tuple(paper.id for paper in papers)
        return await Confirmations(inside).change(confirmation_id, lambda found: decide(found, ids))

    return await together(work, issue)


async def deliver_confirmation(
    confirmation_id: str, delivered_at: datetime, evidence_id: str, work: Work
) -> Confirmation:
    """The client has it. Rule: PLC-087."""
    await Files(work).get(evidence_id)
    return await Confirmations(work).change(
        confirmation_id, lambda found: rules.deliver(found, delivered_at, evidence_id, work.now)
    )


def _conditions(placing: Placing) -> tuple[Condition, ...]:
    """The subjectivities of the terms that are placed: those of the leading insurer."""
    lead = placing.lead.insurer_name
    return tuple(
        Condition(insurer=lead, **{name: getattr(found, name) for name in ("text", "before_binding", "due_on")})
        for found in placing.terms.subjectivities
    )


async def _check_gates(placing: Placing, work: Work) -> ClientCopy:
    client = await check_client_ready(placing.client_id, placing.line_family, work)
    await check_practitioner(work.actor.id, KindOfWork.SCHEME, placing.line_family, work)
    return client


async def _freeze(
    confirmation: Confirmation, placing: Placing, client: ClientCopy, language: Language, work: Work
) -> Frozen:
    head = await paper_head(
        work,
        language=language,
        number=confirmation.number,
        branch=confirmation.branch,
        client=client,
        contact_id=confirmation.author_id,
    )
    owner = await the_user(placing.instruction.owner_id, work)
    contact = Correspondent(name=owner.name, email=owner.email.reveal())
    paper = paper_of(confirmation, placing, head, contact)
    about = ("cover_confirmation", confirmation.id)
    return await freeze_paper(
        paper, COVER_CONFIRMATION, "cover_confirmation", about, TITLES[language], placing.branch, client.id, work
    )
