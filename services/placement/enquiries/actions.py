"""What is done with enquiries: load, decide, save."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis.documents import Frozen
from chassis.files import Files
from chassis.papers import data
from chassis.rendering import render
from chassis.store import together
from chassis.work import Work
from contracts.money import Money
from contracts.shared import KindOfWork, Recipient
from services.placement.authority.actions import check_may_decide, tier_for
from services.placement.authority.model import Tier
from services.placement.clauses.actions import used_clauses
from services.placement.clauses.model import ClauseUsed
from services.placement.enquiries import rules
from services.placement.enquiries.completeness import check_complete
from services.placement.enquiries.model import Amendment, Consent, Content, Counted, Enquiry
from services.placement.enquiries.paper import MOST_ROWS, paper_of
from services.placement.enquiries.prefill import prefilled
from services.placement.enquiries.store import Answers, Enquiries
from services.placement.exchange_rates.actions import to_yuan
from services.placement.gates.actions import check_client_ready, check_practitioner, known_ids, the_client
from services.placement.gates.insured import named
from services.placement.gates.model import ClientCopy
from services.placement.insurers.actions import the_insurers
from services.placement.insurers.model import ContactRole
from services.placement.insurers.rules import check_licensed, recipients
from services.placement.letterhead.actions import Language, freeze_paper, issue_papers, paper_head, paper_number
from services.placement.papers import ENQUIRY
from services.placement.papers.model import EnquiryPaper
from services.placement.proposals.store import Proposals
from services.placement.questionnaires.actions import the_returned
from services.placement.questionnaires.rules import check_signatory
from services.placement.schedules.actions import the_schedules
from services.placement.schedules.store import ScheduleRows

BATCH = 200
TITLES: dict[Language, str] = {"zh": "询价书", "en": "Market enquiry"}
ClauseWanted = tuple[str, int | None] | ClauseUsed
"""A clause of the library by id and edition (None: the newest), or one in words of its own."""


async def draft_enquiry(questionnaire_id: str, handler_id: str | None, work: Work) -> Enquiry:
    """Draft an enquiry from a returned questionnaire; its answers fill the sections.

    Raises:
        QuestionnaireNotFound, QuestionnaireNotReturned, and what the gates refuse; the handler must be registered.

    Rule: PLC-002, PLC-004, PLC-005, PLC-025.
    """
    enquiry_id = work.new_id("enquiries")
    if done := await Enquiries(work).already(enquiry_id):
        return done
    questionnaire, questions = await the_returned(questionnaire_id, work)
    client = await check_client_ready(questionnaire.client_id, questionnaire.line_family, work)
    handler = handler_id or work.actor.id
    await check_practitioner(handler, KindOfWork.SCHEME, questionnaire.line_family, work)
    content = prefilled(questionnaire, questions, client)

    async def draft(inside: Work) -> Enquiry:
        if done := await Enquiries(inside).already(enquiry_id):
            return done
        enquiry = Enquiry(
            id=enquiry_id,
            branch=client.branch,
            number=await paper_number("EQ", client.branch, inside),
            client_id=client.id,
            questionnaire_id=questionnaire.id,
            handler_id=handler,
            makers=[work.actor.id],
            content=content,
            **{
                name: getattr(questionnaire, name)
                for name in ("project_id", "line", "line_family", "line_zh", "line_en")
            },
        )
        return await Enquiries(inside).add(*rules.draft(enquiry))

    return await together(work, draft)


async def change_enquiry(
    enquiry_id: str,
    sections: dict[str, Any],
    fields: dict[str, Any],
    clauses: Sequence[ClauseWanted] | None,
    work: Work,
) -> Enquiry:
    """Write in a draft: sections of its content by name, other fields by name, clauses as a whole (None: as they are).

    Raises:
        EnquiryNotFound, IllegalMove, ScheduleNotFound, ClauseNotFound, EditionNotFound, and what the gates refuse.

    Rule: PLC-005, PLC-016.
    """
    enquiry, client = await _open(enquiry_id, work)
    handler_id = fields.get("handler_id")
    if handler_id is not None:
        await check_practitioner(handler_id, KindOfWork.SCHEME, enquiry.line_family, work)
    wanted = await _content_changes(sections, clauses, client, work)
    return await Enquiries(work).change(
        enquiry_id,
        lambda found: rules.change(found, fields | {"content": rules.revise(found.content, wanted)}, work.actor.id),
    )


async def submit_enquiry(enquiry_id: str, work: Work) -> Enquiry:
    """Hand a complete draft in to the tier that the matrix names; premiums of one client and project add up.

    Raises:
        EnquiryIncomplete, MatrixMissing, RateMissing, ScheduleNotFound, and what the gates refuse.

    Rule: PLC-010, PLC-012, PLC-013, PLC-014, PLC-026.
    """
    enquiry, client = await _open(enquiry_id, work)
    await the_schedules(enquiry.content.schedule_ids, client, work)
    tier, counted = Tier.STAFF, None
    if enquiry.premium_estimate is not None:
        tier, counted = await tier_needed(enquiry, enquiry.premium_estimate, work)
    return await Enquiries(work).change(enquiry_id, lambda found: rules.submit(found, tier, counted, work.actor.id))


async def tier_needed(enquiry: Enquiry, premium: Money, work: Work) -> tuple[Tier, Counted]:
    """The tier for a premium today, and what chose it.

    The premium counts with those of the client's other placements of the year in the project, whatever their branch;
    without a project, all without one. Of those, what their proposals say: nothing once the client said no; the
    estimate only where there is none.

    Raises:
        MatrixMissing, RateMissing.

    Rule: PLC-013, PLC-014.
    """
    ids = await known_ids(await the_client(enquiry.client_id, work), work)
    counted = await Enquiries(replace(work, reach=None)).counted(ids, enquiry.project_id)
    others = [other for other in counted if other.id != enquiry.id and rules.same_year(other, enquiry)]
    proposed = await Proposals(work).premiums([other.id for other in others])
    premiums = [premium, *(proposed.get(other.id, other.premium_estimate) for other in others)]
    converted = [await to_yuan(amount, work) for amount in premiums if amount]
    total = Money(amount_minor=sum(amount.amount_minor for amount, _ in converted))
    tier = await tier_for("premium", enquiry.line_family, total, work)
    return tier, Counted(amount=total, rate_ids=sorted({rate.id for _, rate in converted if rate}))


async def approve_enquiry(enquiry_id: str, work: Work) -> Enquiry:
    """Approve it at its tier, looked up again, because other placements may have come; never by who wrote in it.

    Raises:
        EnquiryNotFound, IllegalMove, OwnWork, TierTooLow, DelegateBelowRequester, and what the gates refuse.

    Rule: PLC-012, PLC-013, PLC-015, SYS-011.
    """
    enquiry, tier = await _check_reviewer(enquiry_id, work)
    return await Enquiries(work).change(enquiry.id, lambda found: rules.approve(found, tier, work.actor.id, work.now))


async def return_enquiry(enquiry_id: str, reason: str, work: Work) -> Enquiry:
    """Send it back to be changed; by the same people who could approve it. Rule: PLC-012, SYS-011."""
    enquiry, tier = await _check_reviewer(enquiry_id, work)
    return await Enquiries(work).change(
        enquiry.id, lambda found: rules.send_back(found, tier, work.actor.id, reason, work.now)
    )


async def consent_enquiry(
    enquiry_id: str, contact_id: str, consented_at: datetime, file_id: str, work: Work
) -> Enquiry:
    """Record the client's written consent to the enquiry: signatory, instant, signed paper.

    Raises:
        IllegalMove, MayNotSign, FileMissing, ConfirmationOutOfTime, and what the gates refuse.

    Rule: PLC-022, PLC-027, PLC-028.
    """
    _, client = await _open(enquiry_id, work)
    given = await the_consent(client, contact_id, consented_at, file_id, work)
    return await Enquiries(work).change(enquiry_id, lambda found: rules.consent(found, given, work.now))


async def the_consent(client: ClientCopy, contact_id: str, consented_at: datetime, file_id: str, work: Work) -> Consent:
    """A written consent of a contact who may sign; raises MayNotSign, FileMissing. Rule: PLC-022."""
    check_signatory(client, contact_id)
    await Files(work).get(file_id)
    return Consent(contact_id=contact_id, consented_at=consented_at, file_id=file_id, recorded_by=work.actor.id)


async def issue_enquiry(
    enquiry_id: str, insurer_ids: Sequence[str], closes_at: datetime, language: Language, work: Work
) -> Enquiry:
    """Freeze the first edition and send it to the underwriters of all insurers named, in one transaction.

    Raises:
        IllegalMove, TooFewInsurers, ClosingPassed, InsurerNotFound, InsurerNotLicensed, InsurerUnreachable, and what
        the gates refuse.

    Rule: PLC-008, PLC-028 to PLC-031.
    """
    enquiry, client = await _open(enquiry_id, work)

    def check(found: Enquiry) -> None:
        rules.issue(found, insurer_ids, closes_at, "-", work.actor.id, work.now)

    enquiry = await Enquiries(work).change(enquiry_id, check)
    if work.answer.repeated:
        return enquiry
    addressed = await _addressed(enquiry, enquiry.content, insurer_ids, client, work)
    paper = await _freeze(enquiry, enquiry.content, client, (1, closes_at, ()), language, work)

    async def issue(inside: Work) -> Enquiry:
        await issue_papers([paper], addressed, inside)
        return await Enquiries(inside).change(
            enquiry_id, lambda found: rules.issue(found, insurer_ids, closes_at, paper.id, work.actor.id, work.now)
        )

    return await together(work, issue)


async def amend_enquiry(
    enquiry_id: str,
    sections: dict[str, Any],
    clauses: Sequence[ClauseWanted] | None,
    closes_at: datetime | None,
    changes: list[str],
    consent: tuple[str, datetime, str] | None,
    language: Language,
    work: Work,
) -> Enquiry:
    """Freeze a new edition and send it to everybody who has the one before; `changes` tell what is new.

    `consent` is contact, instant and file of the client's written consent; changed content needs it.

    Raises:
        IllegalMove, EnquiryOver, NothingAmended, EnquiryIncomplete, ClosingPassed, ConsentMissing,
        ConfirmationOutOfTime, MayNotSign, FileMissing, InsurerNotLicensed, InsurerUnreachable, and what the gates
        refuse.

    Rule: PLC-008, PLC-027, PLC-030 to PLC-032.
    """
    enquiry, client = await _open(enquiry_id, work)
    content = rules.revise(enquiry.content, await _content_changes(sections, clauses, client, work))
    given = await the_consent(client, *consent, work) if consent else None
    wanted = Amendment(content=content, changes=changes, closes_at=closes_at, consent=given)

    def check(found: Enquiry) -> None:
        rules.amend(found, wanted, "-", work.actor.id, work.now)

    enquiry = await Enquiries(work).change(enquiry_id, check)
    if work.answer.repeated or enquiry.closes_at is None:
        return enquiry
    addressed = await _addressed(enquiry, content, enquiry.insurer_ids, client, work)
    edition = (enquiry.edition + 1, closes_at or enquiry.closes_at, changes)
    paper = await _freeze(enquiry, content, client, edition, language, work)

    async def send(inside: Work) -> Enquiry:
        await issue_papers([paper], addressed, inside)
        return await Enquiries(inside).change(
            enquiry_id, lambda found: rules.amend(found, wanted, paper.id, work.actor.id, work.now)
        )

    return await together(work, send)


async def preview_enquiry(enquiry_id: str, closes_at: datetime, language: Language, work: Work) -> bytes:
    """The paper as it would be issued now, for the client's consent; nothing is kept. Raises EnquiryIncomplete.

    Rule: PLC-026, PLC-028.
    """
    enquiry = await Enquiries(work).get(enquiry_id)
    client = await the_client(enquiry.client_id, work)
    check_complete(enquiry)
    edition = (max(enquiry.edition, 1), closes_at, ())
    return await render(ENQUIRY, data(await _paper(enquiry, enquiry.content, client, edition, language, work)))


async def close_enquiry(enquiry_id: str, work: Work) -> Enquiry:
    """Close it by hand, all answered or the closing instant over; raises IllegalMove, StillOpen. Rule: PLC-033."""
    answered = await _answered(await Enquiries(work).get(enquiry_id), work)
    return await Enquiries(work).change(enquiry_id, lambda found: rules.close_by_hand(found, answered, work.now))


async def close_due(work: Work) -> None:
    """Close the enquiries whose closing instant is over, a batch at a time. Rule: PLC-033."""
    for enquiry in await Enquiries(work).to_close(work.now, BATCH):
        await Enquiries(work).change(enquiry.id, lambda found: rules.close(found, (), work.now), subject=False)


async def note_answer(enquiry_id: str, insurer_id: str, at: datetime, work: Work) -> None:
    """An insurer answered; the enquiry closes when it was the last one. Rule: PLC-033."""
    await Answers(work).note(enquiry_id, insurer_id, at)
    answered = await _answered(await Enquiries(work).get(enquiry_id), work)
    await Enquiries(work).change(enquiry_id, lambda found: rules.close(found, answered, work.now), subject=False)


async def convert_enquiry(enquiry_id: str, proposal_id: str, work: Work) -> None:
    """A proposal was built on it."""
    await Enquiries(work).change(enquiry_id, lambda found: rules.convert(found, proposal_id), subject=False)


async def withdraw_enquiry(enquiry_id: str, reason: str, work: Work) -> Enquiry:
    """Give it up; raises IllegalMove once a proposal was built on it."""
    return await Enquiries(work).change(enquiry_id, lambda found: rules.withdraw(found, reason))


async def fail_enquiry(enquiry_id: str, reason: str, work: Work) -> Enquiry:
    """It closed without a usable quote; raises IllegalMove."""
    return await Enquiries(work).change(enquiry_id, lambda found: rules.fail(found, reason))


async def the_enquiry(enquiry_id: str, work: Work) -> Enquiry:
    """One enquiry; raises EnquiryNotFound."""
    return await Enquiries(work).get(enquiry_id)


async def _open(enquiry_id: str, work: Work) -> tuple[Enquiry, ClientCopy]:
    """The enquiry and its client, when the client may be served and the handler may work for it."""
    enquiry = await Enquiries(work).get(enquiry_id)
    client = await check_client_ready(enquiry.client_id, enquiry.line_family, work)
    await check_practitioner(enquiry.handler_id, KindOfWork.SCHEME, enquiry.line_family, work)
    return enquiry, client


async def _check_reviewer(enquiry_id: str, work: Work) -> tuple[Enquiry, Tier]:
    enquiry, _ = await _open(enquiry_id, work)
    tier = enquiry.tier or Tier.STAFF
    if enquiry.premium_estimate is not None:
        needed, _ = await tier_needed(enquiry, enquiry.premium_estimate, work)
        tier = max(tier, needed)
    await check_may_decide(work.actor.id, enquiry.branch, tier, work, requesters=enquiry.makers)
    return enquiry, tier


async def _content_changes(
    sections: dict[str, Any], clauses: Sequence[ClauseWanted] | None, client: ClientCopy, work: Work
) -> dict[str, Any]:
    """The fields of the content that change: clauses in words, schedules checked, persons' names sealed."""
    await the_schedules(sections.get("schedule_ids", ()), client, work)
    risk = sections.get("risk")
    if risk is not None and "insured" in risk.model_fields_set:
        insured = [named(name, client.name) for name in risk.insured]
        sections = sections | {"risk": risk.model_copy(update={"insured": insured})}
    if clauses is None:
        return sections
    quoted = [clause for clause in clauses if isinstance(clause, tuple)]
    worded = iter(await used_clauses(quoted, work))
    return sections | {"clauses": [next(worded) if isinstance(clause, tuple) else clause for clause in clauses]}


async def _addressed(
    enquiry: Enquiry, content: Content, insurer_ids: Sequence[str], client: ClientCopy, work: Work
) -> list[Recipient]:
    """The underwriters to write to; every insurer is licensed for the line wherever the risk is."""
    insurers = await the_insurers(insurer_ids, work)
    schedules = await the_schedules(content.schedule_ids, client, work)
    regions = {region for schedule in schedules for region in schedule.regions} or {client.region}
    check_licensed(insurers, enquiry.line_family, regions, work.today)
    return recipients(insurers, ContactRole.UNDERWRITER, enquiry.line_family)


async def _answered(enquiry: Enquiry, work: Work) -> set[str]:
    """The insurers that answered the present edition."""
    return await Answers(work).since(enquiry.id, enquiry.editions[-1].issued_at) if enquiry.editions else set()


EditionToBe = tuple[int, datetime, Sequence[str]]
"""Number, closing instant and changes of an edition that is being made."""


async def _paper(
    enquiry: Enquiry, content: Content, client: ClientCopy, edition: EditionToBe, language: Language, work: Work
) -> EnquiryPaper:
    number, closes_at, changes = edition
    head = await paper_head(
        work,
        language=language,
        number=enquiry.number,
        edition=number,
        branch=enquiry.branch,
        client=client,
        contact_id=enquiry.handler_id,
    )
    schedules = await the_schedules(content.schedule_ids, client, work)
    attached = [(schedule, await ScheduleRows(work).all(schedule.id, MOST_ROWS)) for schedule in schedules]
    return paper_of(enquiry, content, head, closes_at, changes, attached)


async def _freeze(
    enquiry: Enquiry, content: Content, client: ClientCopy, edition: EditionToBe, language: Language, work: Work
) -> Frozen:
    paper = await _paper(enquiry, content, client, edition, language, work)
    about = ("enquiry", enquiry.id)
    return await freeze_paper(
        paper, ENQUIRY, "enquiry", about, TITLES[language], enquiry.branch, enquiry.client_id, work
    )
