"""The event door of enquiries: what insurers answered, and that a proposal was built."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.placement import ProposalDrafted, QuoteDeclined, QuoteReceived, QuoteRevised
from services.placement.enquiries import actions

consumers = Consumers()


@consumers.on(QuoteReceived, QuoteRevised, QuoteDeclined)
async def note_answer(fact: QuoteReceived | QuoteRevised | QuoteDeclined, work: Work) -> None:
    """An insurer answered; when all have, the enquiry closes."""
    assert work.event is not None
    await actions.note_answer(fact.enquiry_id, fact.insurer_id, work.event.time, work)


@consumers.on(ProposalDrafted)
async def convert_enquiry(fact: ProposalDrafted, work: Work) -> None:
    """A proposal was built on the enquiry."""
    await actions.convert_enquiry(fact.enquiry_id, fact.proposal_id, work)
