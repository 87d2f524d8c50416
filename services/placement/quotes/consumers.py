"""The event door of quotes: an enquiry that goes out asks each of its insurers."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.placement import SlipAmended, SlipIssued
from services.placement.quotes import actions

consumers = Consumers()


@consumers.on(SlipIssued, SlipAmended)
async def ask_insurers(slip: SlipIssued | SlipAmended, work: Work) -> None:
    """Ask every insurer of a new edition, once however often the event is delivered."""
    await actions.ask_insurers(slip.enquiry_id, slip.edition, slip.insurer_ids, slip.closes_at, work)
