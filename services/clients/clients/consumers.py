"""The event door of clients."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.clients import MandateActivated
from services.clients.clients import actions

consumers = Consumers()


@consumers.on(MandateActivated)
async def convert_prospect(activated: MandateActivated, work: Work) -> None:
    """A prospect becomes a client with his first active mandate. Rule: CLI-008 (docs/rules/clients.md)."""
    await actions.convert_client(activated.client_id, work)
