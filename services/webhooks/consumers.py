"""The event door: every fact of the product."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.catalogue import facts
from contracts.facts import Fact
from services.webhooks import actions

OWN = "webhooks."
consumers = Consumers()


@consumers.on(*(fact for fact in facts().values() if not fact.topic.startswith(OWN)))
async def queue_deliveries(fact: Fact, work: Work) -> None:
    """Queue it for the webhooks that are to hear of it. Rule: WHK-001."""
    await actions.queue(fact, work)
