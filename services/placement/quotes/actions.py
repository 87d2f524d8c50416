"""What is done with quotes: load, decide, save."""

from collections.abc import Sequence
from datetime import datetime

from chassis.files import Files
from chassis.ids import derived_id
from chassis.work import Work
from contracts.shared import KindOfWork
from services.placement.authority.actions import tier_for
from services.placement.authority.model import Tier
from services.placement.clauses.actions import used_clauses
from services.placement.enquiries.actions import the_enquiry
from services.placement.gates.actions import check_client_ready, check_practitioner
from services.placement.insurers.actions import the_insurers
from services.placement.quotes import rules
from services.placement.quotes.comparison import Comparison, compare
from services.placement.quotes.model import ASKABLE, Clause, NamedClause, Offered, Quote, Scheme, Standing
from services.placement.quotes.store import Quotes

BATCH = 200


async def ask_insurers(
    enquiry_id: str, edition: int, insurer_ids: Sequence[str], closes_at: datetime, work: Work
) -> None:
    """Ask each insurer for a quote, or tell it of a newer edition. An insurer whose quote has ended is asked anew."""
    enquiry = await the_enquiry(enquiry_id, work)
    known = await Quotes(work).of_enquiry(enquiry_id)
    for insurer in await the_insurers(insurer_ids, work):
        mine = [quote for quote in known if quote.insurer_id == insurer.id]
        live = next((quote for quote in mine if quote.status in ASKABLE), None)
        if live is not None:
            await Quotes(work).change(live.id, lambda quote: rules.amend(quote, edition, closes_at), subject=False)
        elif all(quote.edition < edition for quote in mine):
            quote = Quote(
                id=derived_id("quotes", enquiry_id, insurer.id, str(edition) if mine else ""),
                branch=enquiry.branch,
                enquiry_id=enquiry_id,
                client_id=enquiry.client_id,
                project_id=enquiry.project_id,
                line_family=enquiry.line_family,
                insurer_id=insurer.id,
                insurer_name=insurer.name,
                edition=edition,
                sent_at=work.now,
                closes_at=closes_at,
            )
            await Quotes(work).add(*rules.ask(quote))


async def acknowledge_quote(quote_id: str, work: Work) -> Quote:
    """The insurer confirmed that it has the enquiry."""
    await _open(quote_id, work)
    return await Quotes(work).change(quote_id, lambda quote: rules.acknowledge(quote, work.now))


async def receive_terms(quote_id: str, offered: Offered, clauses: Sequence[Clause | NamedClause], work: Work) -> Quote:
    """Record the insurer's first terms; see rules.receive."""
    offered, scheme = await _prepared(quote_id, offered, clauses, work)
    return await Quotes(work).change(
        quote_id, lambda quote: rules.receive(quote, offered, scheme, work.actor.id, work.now)
    )


async def revise_terms(quote_id: str, offered: Offered, clauses: Sequence[Clause | NamedClause], work: Work) -> Quote:
    """Record new terms after a clarification; see rules.revise."""
    offered, scheme = await _prepared(quote_id, offered, clauses, work)
    return await Quotes(work).change(
        quote_id, lambda quote: rules.revise(quote, offered, scheme, work.actor.id, work.now)
    )


async def ask_clarification(quote_id: str, question: str, work: Work) -> Quote:
    """Ask the insurer to clarify or better its terms."""
    await _open(quote_id, work)
    return await Quotes(work).change(quote_id, lambda quote: rules.ask_clarification(quote, question))


async def decline_quote(quote_id: str, reason: str, work: Work) -> Quote:
    """The insurer declined."""
    await _open(quote_id, work)
    return await Quotes(work).change(quote_id, lambda quote: rules.decline(quote, reason))


async def record_standing(quote_id: str, standing: Standing, work: Work) -> Quote:
    """Record what is known of the insurer beyond its price."""
    await _open(quote_id, work)
    if standing.evidence_id:
        await Files(work).get(standing.evidence_id)
    return await Quotes(work).change(quote_id, lambda quote: rules.record_standing(quote, standing, work.today))


async def verify_quote(quote_id: str, revision: int, work: Work) -> Quote:
    """A second person compared a revision with the insurer's paper."""
    await _open(quote_id, work)
    return await Quotes(work).change(quote_id, lambda quote: rules.verify(quote, revision, work.actor.id, work.now))


async def shortlist_quote(quote_id: str, work: Work) -> Quote:
    """Keep a compared quote for the proposal; above the staff tier it must have been verified."""
    quote = await _open(quote_id, work)
    siblings = await Quotes(work).of_enquiry(quote.enquiry_id)
    needed = False
    if quote.terms is not None:
        needed = await tier_for("premium", quote.line_family, quote.terms.premium, work) > Tier.STAFF
    return await Quotes(work).change(
        quote_id, lambda quote: rules.shortlist(quote, siblings, work.now, verification_needed=needed)
    )


async def compare_quotes(enquiry_id: str, work: Work) -> Comparison:
    """The comparison matrix of an enquiry. Rule: PLC-053."""
    enquiry = await the_enquiry(enquiry_id, work)
    return compare(await Quotes(work).of_enquiry(enquiry_id), rules.scheme_of(enquiry), work.now)


async def the_quotes(enquiry_id: str, work: Work) -> list[Quote]:
    """All quotes of an enquiry."""
    return await Quotes(work).of_enquiry(enquiry_id)


async def select_quotes(enquiry_id: str, chosen: Sequence[str], proposal_id: str, at: datetime, work: Work) -> None:
    """Within a proposal's acceptance: the chosen quotes are selected, the others on the shortlist rejected."""
    for quote in await Quotes(work).of_enquiry(enquiry_id):
        if quote.id in chosen:
            await Quotes(work).change(quote.id, lambda quote: rules.select(quote, proposal_id, at), subject=False)
        else:
            await Quotes(work).change(quote.id, rules.reject, subject=False)


async def bind_quotes(shares: dict[str, int], unbound: Sequence[str], work: Work) -> None:
    """Within a binding: quotes of the panel are bound with their shares, other selected ones not taken up."""
    for quote_id, share_bp in shares.items():
        await Quotes(work).change(quote_id, lambda quote, share_bp=share_bp: rules.bind(quote, share_bp), subject=False)
    await leave_quotes(unbound, "不在最终共保安排中", work)


async def leave_quotes(quote_ids: Sequence[str], reason: str, work: Work) -> None:
    """Within a withdrawal or a binding: quotes that are still selected are not taken up."""
    for quote_id in quote_ids:
        await Quotes(work).change(quote_id, lambda quote: rules.leave_selected(quote, reason), subject=False)


async def note_no_responses(work: Work) -> None:
    """Note the insurers that did not answer by the closing instant, a batch at a time."""
    for quote in await Quotes(work).silent(work.now, BATCH):
        await Quotes(work).change(quote.id, lambda quote: rules.note_no_response(quote, work.now))


async def expire_quotes(work: Work) -> None:
    """Note the quotes whose validity is over, a batch at a time."""
    for quote in await Quotes(work).lapsed(work.today, BATCH):
        await Quotes(work).change(quote.id, lambda quote: rules.expire(quote, work.today))


async def _open(quote_id: str, work: Work) -> Quote:
    """The quote, when its client may be served and the caller may work on it."""
    quote = await Quotes(work).get(quote_id)
    await check_client_ready(quote.client_id, quote.line_family, work)
    await check_practitioner(work.actor.id, KindOfWork.SCHEME, quote.line_family, work)
    return quote


async def _prepared(
    quote_id: str, offered: Offered, clauses: Sequence[Clause | NamedClause], work: Work
) -> tuple[Offered, Scheme]:
    """The offer with its clauses in words, and the scheme that it answers."""
    quote = await _open(quote_id, work)
    await Files(work).get(offered.evidence_id)
    named = [clause for clause in clauses if isinstance(clause, NamedClause)]
    quoted = iter(await used_clauses([(clause.clause_id, clause.edition) for clause in named], work))
    worded = tuple(
        Clause(**next(quoted).model_dump(), restrictive=clause.restrictive)
        if isinstance(clause, NamedClause)
        else clause
        for clause in clauses
    )
    return offered.but(clauses=worded), rules.scheme_of(await the_enquiry(quote.enquiry_id, work))
