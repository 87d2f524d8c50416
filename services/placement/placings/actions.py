"""What is done with placing instructions: load, decide, save."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chassis.documents import Frozen
from chassis.files import Files
from chassis.store import Decision, together
from chassis.work import Work
from contracts.shared import KindOfWork
from services.placement.enquiries.actions import the_enquiry
from services.placement.gates.actions import check_client_ready, check_practitioner
from services.placement.gates.model import ClientCopy
from services.placement.insurers.actions import the_insurers
from services.placement.insurers.model import ContactRole, Insurer
from services.placement.insurers.rules import check_licensed, recipients
from services.placement.letterhead.actions import Language, freeze_paper, issue_papers, paper_head, paper_number
from services.placement.papers import PLACING_INSTRUCTION
from services.placement.placings import rules
from services.placement.placings.model import Instruction, Placing, Seat, Status, WrittenLine
from services.placement.placings.paper import paper_of
from services.placement.placings.store import Placings
from services.placement.proposals.actions import the_proposal
from services.placement.proposals.model import Proposal
from services.placement.proposals.model import Status as ProposalStatus
from services.placement.quotes.actions import bind_quotes, leave_quotes, the_quotes
from services.placement.quotes.model import Quote
from services.placement.quotes.store import Quotes
from services.placement.schedules.actions import the_schedules

TITLES: dict[Language, str] = {"zh": "出单通知", "en": "Placing instruction"}
Wanted = tuple[str, int, bool]
"""An insurer that is to sit on the panel: its id, its share in basis points, whether it leads."""


async def draft_placing(proposal_id: str, panel: Sequence[Wanted], rest: Mapping[str, Any], work: Work) -> Placing:
    """Draft an instruction on an accepted proposal; `rest` are the instruction's other fields.

    Raises:
        ProposalNotFound, ProposalNotAccepted, LeadNotChosen, PanelFaulty, InsurerNotLicensed, AlreadyPlaced, and what
        the gates refuse; owner and author must be registered.

    Rule: PLC-075 to PLC-077, PLC-081, PLC-008.
    """
    placing_id = work.new_id("placings")
    if done := await Placings(work).already(placing_id):
        return done
    proposal = await the_proposal(proposal_id, work)
    client = await _check_gates(proposal, work, rest["owner_id"])
    if proposal.status is not ProposalStatus.ACCEPTED or proposal.acceptance is None:
        raise rules.ProposalNotAccepted(status=proposal.status)
    instruction = Instruction(panel=await _seats(proposal, panel, client, work), **rest)

    async def draft(inside: Work) -> Placing:
        if done := await Placings(inside).already(placing_id):
            return done
        number = await paper_number("PI", proposal.branch, inside)
        return await Placings(inside).add(
            *rules.draft(_placing(placing_id, number, proposal, instruction, work.actor.id))
        )

    return await together(work, draft)


async def change_placing(
    placing_id: str, panel: Sequence[Wanted] | None, changes: Mapping[str, Any], work: Work
) -> Placing:
    """Change a draft: its panel as a whole (None: as it is), and other fields of the instruction."""
    placing = await Placings(work).get(placing_id)
    proposal = await the_proposal(placing.proposal_id, work)
    client = await _check_gates(proposal, work, changes.get("owner_id", placing.instruction.owner_id))
    fields = dict(changes)
    if panel is not None:
        fields["panel"] = await _seats(proposal, panel, client, work)
    return await Placings(work).change(
        placing_id, lambda found: rules.change(found, found.instruction.but(**fields), work.actor.id)
    )


async def issue_placing(placing_id: str, languages: Sequence[Language], work: Work) -> Placing:
    """Freeze the instruction and send it to the underwriters of the whole panel.

    Raises:
        QuoteNotSelected, InsurerNotLicensed, InsurerUnreachable, and what the gates refuse.

    Rule: PLC-008, PLC-030, PLC-075, PLC-077.
    """
    placing = await Placings(work).get(placing_id)
    client = await _check_gates(placing, work, placing.instruction.owner_id)

    def check(found: Placing) -> None:
        rules.issue(found, ("-",), work.actor.id, work.now)

    placing = await Placings(work).change(placing_id, check)
    if work.answer.repeated:
        return placing
    seats = placing.instruction.panel
    insurers = await _licensed([seat.insurer_id for seat in seats], placing, client, work)
    chosen = {seat.quote_id for seat in seats}
    rules.check_quotes([quote for quote in await the_quotes(placing.enquiry_id, work) if quote.id in chosen])
    addressed = recipients(insurers, ContactRole.UNDERWRITER, placing.line_family)
    papers = [await _freeze(placing, client, language, work) for language in dict.fromkeys(languages)]

    async def issue(inside: Work) -> Placing:
        await issue_papers(papers, addressed, inside)
        ids = tuple(paper.id for paper in papers)
        return await Placings(inside).change(placing_id, lambda found: rules.issue(found, ids, work.actor.id, work.now))

    return await together(work, issue)


async def write_line(placing_id: str, fields: Mapping[str, Any], work: Work) -> Placing:
    """Record an insurer's written line; the line that makes the total whole binds placement and quotes at once.

    Raises:
        NotOnPanel, LineRefusedBefore, LineFaulty, FileMissing, and what the gates refuse.

    Rule: PLC-078.
    """
    line = WrittenLine(**fields, recorded_by=work.actor.id, recorded_at=work.now)
    await Files(work).get(line.evidence_id)
    return await _settle(placing_id, lambda found: rules.write_line(found, line), work)


async def refuse_line(placing_id: str, insurer_id: str, reason: str, work: Work) -> Placing:
    """Record that an insurer of the panel refused. Rule: PLC-078."""
    return await _settle(placing_id, lambda found: rules.refuse_line(found, insurer_id, reason, work.now), work)


async def sign_down(placing_id: str, shares: Mapping[str, int], evidence_id: str, work: Work) -> Placing:
    """Reduce written lines so that they total exactly 100 %. Rule: PLC-079."""
    await Files(work).get(evidence_id)
    return await _settle(
        placing_id, lambda found: rules.sign_down(found, shares, evidence_id, work.actor.id, work.now), work
    )


async def refuse_placing(placing_id: str, reason: str, work: Work) -> Placing:
    """It cannot be placed like this; another instruction may follow on the same acceptance."""
    return await Placings(work).change(placing_id, lambda found: rules.refuse(found, reason))


async def withdraw_placing(placing_id: str, reason: str, work: Work) -> Placing:
    """The client withdrew before anything was bound; its selected quotes are not taken up. Rule: PLC-080."""
    placing = await Placings(work).get(placing_id)
    proposal = await the_proposal(placing.proposal_id, work)

    async def withdraw(inside: Work) -> Placing:
        withdrawn = await Placings(inside).change(placing_id, lambda found: rules.withdraw(found, reason))
        if not work.answer.repeated:
            await leave_quotes(_chosen(proposal), reason, inside)
        return withdrawn

    return await together(work, withdraw)


async def leave_quote(quote_id: str, reason: str, work: Work) -> Quote:
    """The client does not take a selected quote up; raises QuoteOnPanel. Rule: PLC-077."""
    number = await Placings(work).resting_on(quote_id)
    return await Quotes(work).change(quote_id, lambda found: rules.leave(found, number, reason))


async def the_placing(placing_id: str, work: Work) -> Placing:
    """One instruction; raises PlacingNotFound."""
    return await Placings(work).get(placing_id)


async def _settle(placing_id: str, decide: Callable[[Placing], Decision[Placing]], work: Work) -> Placing:
    """Record an insurer's answer; when it binds the placement, the quotes are bound in the same transaction."""
    placing = await Placings(work).get(placing_id)
    await _check_gates(placing, work, placing.instruction.owner_id)
    proposal = await the_proposal(placing.proposal_id, work)

    async def settle(inside: Work) -> Placing:
        after = await Placings(inside).change(placing_id, decide)
        if after.status is Status.BOUND and not work.answer.repeated:
            lines = {line.insurer_id: line.share_bp for line in after.current_lines()}
            seats = [seat for seat in after.instruction.panel if seat.quote_id and seat.insurer_id in lines]
            bound = {seat.quote_id: lines[seat.insurer_id] for seat in seats}
            await bind_quotes(bound, [quote_id for quote_id in _chosen(proposal) if quote_id not in bound], inside)
        return after

    return await together(work, settle)


def _placing(placing_id: str, number: str, proposal: Proposal, instruction: Instruction, by: str) -> Placing:
    assert proposal.acceptance is not None
    lead = proposal.offer(proposal.acceptance.quote_ids[0])
    assert lead is not None
    taken_over = ("branch", "enquiry_id", "client_id", "project_id", "line_family", "line", "line_zh", "line_en")
    return Placing(
        id=placing_id,
        number=number,
        proposal_id=proposal.id,
        proposal_number=proposal.number,
        proposal_edition=proposal.edition,
        accepted_at=proposal.acceptance.decided_at,
        insured=proposal.insured,
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        terms=lead.terms,
        instruction=instruction,
        makers=(by,),
        **{name: getattr(proposal, name) for name in taken_over},
    )


async def _seats(proposal: Proposal, panel: Sequence[Wanted], client: ClientCopy, work: Work) -> tuple[Seat, ...]:
    """The panel, each seat with its chosen quote if it has one; the client's first choice leads, all are licensed."""
    insurers = await _licensed([insurer_id for insurer_id, _, _ in panel], proposal, client, work)
    names = {insurer.id: insurer.name for insurer in insurers}
    offers = [offer for quote_id in _chosen(proposal) if (offer := proposal.offer(quote_id))]
    quotes = {offer.insurer_id: offer.quote_id for offer in offers}
    seats = tuple(
        Seat(
            insurer_id=insurer_id,
            insurer_name=names[insurer_id],
            share_bp=share_bp,
            lead=lead,
            quote_id=quotes.get(insurer_id, ""),
        )
        for insurer_id, share_bp, lead in panel
    )
    rules.check_lead(seats, offers[0].quote_id, offers[0].insurer_name)
    return seats


async def _licensed(
    insurer_ids: Sequence[str], about: Proposal | Placing, client: ClientCopy, work: Work
) -> list[Insurer]:
    """The insurers, each licensed today for the line wherever the risk is. Rule: PLC-008."""
    enquiry = await the_enquiry(about.enquiry_id, work)
    schedules = await the_schedules(enquiry.content.schedule_ids, client, work)
    regions = {region for schedule in schedules for region in schedule.regions} or {client.region}
    insurers = await the_insurers(insurer_ids, work)
    check_licensed(insurers, about.line_family, regions, work.today)
    return insurers


def _chosen(proposal: Proposal) -> tuple[str, ...]:
    return proposal.acceptance.quote_ids if proposal.acceptance else ()


async def _check_gates(about: Proposal | Placing, work: Work, owner_id: str) -> ClientCopy:
    """The client, when it may be served, and the caller and the later owner may work on it."""
    client = await check_client_ready(about.client_id, about.line_family, work)
    for user_id in dict.fromkeys((work.actor.id, owner_id)):
        await check_practitioner(user_id, KindOfWork.SCHEME, about.line_family, work)
    return client


async def _freeze(placing: Placing, client: ClientCopy, language: Language, work: Work) -> Frozen:
    head = await paper_head(
        work,
        language=language,
        number=placing.number,
        branch=placing.branch,
        client=client,
        contact_id=placing.makers[0],
    )
    paper, about = paper_of(placing, head), ("placing", placing.id)
    return await freeze_paper(
        paper, PLACING_INSTRUCTION, "placing_instruction", about, TITLES[language], placing.branch, client.id, work
    )
