"""What is done with proposals: load, decide, save."""

from collections.abc import Callable, Sequence
from datetime import date

from chassis.documents import Frozen
from chassis.files import Files
from chassis.store import together
from chassis.work import Work
from contracts.shared import KindOfWork
from services.placement.authority.actions import check_may_decide
from services.placement.authority.model import Tier
from services.placement.enquiries.actions import the_enquiry, tier_needed
from services.placement.enquiries.model import Enquiry
from services.placement.enquiries.model import Status as EnquiryStatus
from services.placement.gates.actions import check_client_ready, check_practitioner, client_recipients, the_client
from services.placement.gates.model import ClientCopy
from services.placement.letterhead.actions import Language, freeze_paper, issue_papers, paper_head, paper_number
from services.placement.letterhead.rules import check_recipients
from services.placement.papers import PROPOSAL
from services.placement.proposals import rules
from services.placement.proposals.model import Acceptance, Advice, Offer, Proposal
from services.placement.proposals.paper import paper_of
from services.placement.proposals.store import EditionTaken, Proposals
from services.placement.questionnaires.rules import check_signatory
from services.placement.quotes.actions import select_quotes, the_quotes
from services.placement.quotes.comparison import compare
from services.placement.quotes.model import Quote, Status
from services.placement.quotes.rules import scheme_of

BATCH = 200
TITLES: dict[Language, str] = {"zh": "保险建议书", "en": "Insurance proposal"}
READ_BY = ("decision", "insurance")


async def draft_proposal(enquiry_id: str, work: Work) -> Proposal:
    """Draft the first edition, with all shortlisted quotes that are valid today.

    Raises:
        EnquiryNotFound, EnquiryNotClosed, NothingToPropose, EditionTaken, and what the gates refuse.

    Rule: PLC-060.
    """
    proposal_id = work.new_id("proposals")
    if done := await Proposals(work).already(proposal_id):
        return done
    enquiry = await the_enquiry(enquiry_id, work)
    await _check_gates(enquiry.client_id, enquiry, work)
    if enquiry.status is EnquiryStatus.CONVERTED:
        raise EditionTaken
    if enquiry.status is not EnquiryStatus.CLOSED:
        raise rules.EnquiryNotClosed(status=enquiry.status)
    quotes = await the_quotes(enquiry_id, work)

    async def draft(inside: Work) -> Proposal:
        if done := await Proposals(inside).already(proposal_id):
            return done
        number = await paper_number("BP", enquiry.branch, inside)
        proposal = _first(proposal_id, number, enquiry, quotes, work)
        return await Proposals(inside).add(*rules.draft(proposal))

    return await together(work, draft)


async def draft_edition(proposal_id: str, work: Work) -> Proposal:
    """Draft the next edition, with this one's advice and today's offers; it supersedes this one. Rule: PLC-070."""
    edition_id = work.new_id("proposals")
    if done := await Proposals(work).already(edition_id):
        return done
    before = await Proposals(work).get(proposal_id)
    await _check_gates(before.client_id, before, work)
    quotes = await the_quotes(before.enquiry_id, work)
    offers = _offers(quotes, work.today)

    async def supersede(inside: Work) -> Proposal:
        if done := await Proposals(inside).already(edition_id):
            return done
        old = await Proposals(inside).change(proposal_id, lambda found: rules.supersede(found, edition_id))
        if not offers:
            raise rules.NothingToPropose
        new = Proposal(
            id=edition_id,
            edition=old.edition + 1,
            offers=offers,
            comparison=compare(quotes, old.scheme, work.now),
            premium=rules.highest_premium(offers),
            author_id=work.actor.id,
            makers=(work.actor.id,),
            **{name: getattr(old, name) for name in KEPT},
        )
        return await Proposals(inside).add(*rules.draft(new))

    return await together(work, supersede)


async def change_proposal(
    proposal_id: str, revise: Callable[[Advice], Advice], quote_ids: Sequence[str] | None, work: Work
) -> Proposal:
    """Write a draft's advice; `quote_ids` choose which shortlisted quotes it shows (None: those that it has)."""
    proposal = await _open(proposal_id, work)
    quotes = await the_quotes(proposal.enquiry_id, work)
    wanted = {offer.quote_id for offer in proposal.offers} if quote_ids is None else set(quote_ids)
    offers = tuple(offer for offer in _offers(quotes, work.today) if offer.quote_id in wanted)
    matrix = compare(quotes, proposal.scheme, work.now)
    return await Proposals(work).change(
        proposal_id, lambda found: rules.change(found, revise(found.advice), offers, matrix, work.actor.id)
    )


async def submit_proposal(proposal_id: str, work: Work) -> Proposal:
    """Give a draft to the tier that the matrix names for it; premiums of one client and project add up.

    Raises:
        ProposalIncomplete, MatrixMissing, RateMissing.

    Rule: PLC-013, PLC-061 to PLC-064.
    """
    proposal = await _open(proposal_id, work)
    client, tier = await the_client(proposal.client_id, work), await _tier(proposal, work)
    natural = client.kind == "individual"
    return await Proposals(work).change(
        proposal_id, lambda found: rules.submit(found, tier, work.actor.id, work.today, natural_person=natural)
    )


async def approve_proposal(proposal_id: str, work: Work) -> Proposal:
    """Approve it at its tier, looked up again, because other placements may have come; never by who wrote in it.

    Raises:
        OwnWork, TierTooLow, DelegateBelowRequester, and what the gates refuse.

    Rule: PLC-012, PLC-013, PLC-015, SYS-011.
    """
    tier = await _check_reviewer(proposal_id, work)
    return await Proposals(work).change(proposal_id, lambda found: rules.approve(found, tier, work.actor.id))


async def return_proposal(proposal_id: str, reason: str, work: Work) -> Proposal:
    """Send it back to be changed. Rule: PLC-012, SYS-011."""
    await _check_reviewer(proposal_id, work)
    return await Proposals(work).change(proposal_id, lambda found: rules.send_back(found, work.actor.id, reason))


async def send_proposal(proposal_id: str, answer_until_on: date, languages: Sequence[Language], work: Work) -> Proposal:
    """Freeze the paper in each language and send it to the client's contacts.

    Raises:
        OfferLapses, AnswerDatePast, NoContact, and what the gates refuse.

    Rule: PLC-066, PLC-073.
    """
    proposal = await _open(proposal_id, work)
    client = await the_client(proposal.client_id, work)

    def check(found: Proposal) -> None:
        rules.send(found, answer_until_on, ("-",), work.now)

    proposal = await Proposals(work).change(proposal_id, check)
    if work.answer.repeated:
        return proposal
    recipients = client_recipients(client, *READ_BY)
    check_recipients(recipients)
    ready = proposal.but(answer_until_on=answer_until_on)
    papers = [await _freeze(ready, client, language, work) for language in dict.fromkeys(languages)]

    async def send(inside: Work) -> Proposal:
        await issue_papers(papers, recipients, inside)
        ids = tuple(paper.id for paper in papers)
        return await Proposals(inside).change(
            proposal_id, lambda found: rules.send(found, answer_until_on, ids, work.now)
        )

    return await together(work, send)


async def discuss_proposal(proposal_id: str, question: str, work: Work) -> Proposal:
    """The client has questions."""
    await _open(proposal_id, work)
    return await Proposals(work).change(proposal_id, lambda found: rules.discuss(found, question))


async def answer_client(proposal_id: str, note: str, work: Work) -> Proposal:
    """The client's questions are answered."""
    await _open(proposal_id, work)
    return await Proposals(work).change(proposal_id, lambda found: rules.answer(found, note))


async def accept_proposal(proposal_id: str, acceptance: Acceptance, work: Work) -> Proposal:
    """Record the client's written acceptance; chosen quotes are selected, others on the shortlist rejected, at once.

    Raises:
        EditionSuperseded, MayNotSign, AcceptanceFaulty, DecisionOutOfTime, AnswerLate, QuoteExpiredAtDecision.

    Rule: PLC-067 to PLC-070, PLC-072.
    """
    proposal = await _open(proposal_id, work)
    check_signatory(await the_client(proposal.client_id, work), acceptance.contact_id)
    await Files(work).get(acceptance.evidence_id)

    async def accept(inside: Work) -> Proposal:
        accepted = await Proposals(inside).change(proposal_id, lambda found: rules.accept(found, acceptance, work.now))
        if not work.answer.repeated:
            await select_quotes(accepted.enquiry_id, acceptance.quote_ids, proposal_id, acceptance.decided_at, inside)
        return accepted

    return await together(work, accept)


async def decline_proposal(proposal_id: str, reason: str, work: Work) -> Proposal:
    """The client said no."""
    return await Proposals(work).change(proposal_id, lambda found: rules.decline(found, reason))


async def the_proposal(proposal_id: str, work: Work) -> Proposal:
    """One edition; raises ProposalNotFound."""
    return await Proposals(work).get(proposal_id)


async def expire_proposals(work: Work) -> None:
    """Note the proposals that nobody answered in time, a batch at a time."""
    for proposal in await Proposals(work).unanswered(work.today, BATCH):
        await Proposals(work).change(proposal.id, lambda found: rules.expire(found, work.today))


KEPT = (
    "branch",
    "number",
    "enquiry_id",
    "client_id",
    "project_id",
    "line_family",
    "line",
    "line_zh",
    "line_en",
    "insured",
    "starts_on",
    "ends_on",
    "scheme",
    "advice",
)
"""What the next edition takes over."""


def _first(
    proposal_id: str,
    number: str,
    enquiry: Enquiry,
    quotes: Sequence[Quote],
    work: Work,
) -> Proposal:
    offers, scheme, risk = _offers(quotes, work.today), scheme_of(enquiry), enquiry.content.risk
    if not offers:
        raise rules.NothingToPropose
    assert risk.starts_on is not None and risk.ends_on is not None, "an issued enquiry names its period"
    return Proposal(
        id=proposal_id,
        branch=enquiry.branch,
        number=number,
        enquiry_id=enquiry.id,
        client_id=enquiry.client_id,
        project_id=enquiry.project_id,
        line_family=enquiry.line_family,
        line=enquiry.line,
        line_zh=enquiry.line_zh,
        line_en=enquiry.line_en,
        insured=tuple(risk.insured),
        starts_on=risk.starts_on,
        ends_on=risk.ends_on,
        edition=1,
        author_id=work.actor.id,
        makers=(work.actor.id,),
        scheme=scheme,
        offers=offers,
        comparison=compare(quotes, scheme, work.now),
        advice=Advice(),
        premium=rules.highest_premium(offers),
    )


def _offers(quotes: Sequence[Quote], today: date) -> tuple[Offer, ...]:
    """The shortlisted quotes that are valid today, cheapest first."""
    found = [
        Offer(quote_id=quote.id, insurer_id=quote.insurer_id, insurer_name=quote.insurer_name, terms=quote.terms)
        for quote in quotes
        if quote.status is Status.SHORTLISTED and quote.terms is not None and quote.terms.valid_until_on >= today
    ]
    return tuple(sorted(found, key=lambda offer: (offer.terms.premium.amount_minor, offer.insurer_name)))


async def _check_gates(client_id: str, about: Enquiry | Proposal, work: Work) -> None:
    await check_client_ready(client_id, about.line_family, work)
    await check_practitioner(work.actor.id, KindOfWork.SCHEME, about.line_family, work)


async def _open(proposal_id: str, work: Work) -> Proposal:
    """The proposal, when its client may be served and the caller may work on it."""
    proposal = await Proposals(work).get(proposal_id)
    await _check_gates(proposal.client_id, proposal, work)
    return proposal


async def _tier(proposal: Proposal, work: Work) -> Tier:
    """The tier for its premium today, with those of the client's other placements. Rule: PLC-013."""
    needed, _ = await tier_needed(await the_enquiry(proposal.enquiry_id, work), proposal.premium, work)
    return max(proposal.tier or Tier.STAFF, needed)


async def _check_reviewer(proposal_id: str, work: Work) -> Tier:
    proposal = await Proposals(work).get(proposal_id)
    await check_client_ready(proposal.client_id, proposal.line_family, work)
    tier = await _tier(proposal, work)
    await check_may_decide(work.actor.id, proposal.branch, tier, work, requesters=proposal.makers)
    return tier


async def _freeze(proposal: Proposal, client: ClientCopy, language: Language, work: Work) -> Frozen:
    head = await paper_head(
        work,
        language=language,
        number=proposal.number,
        edition=proposal.edition,
        branch=proposal.branch,
        client=client,
        contact_id=proposal.author_id,
    )
    paper = paper_of(proposal, head)
    about = ("proposal", proposal.id)
    return await freeze_paper(paper, PROPOSAL, "proposal", about, TITLES[language], proposal.branch, client.id, work)
