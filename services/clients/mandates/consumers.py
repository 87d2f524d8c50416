"""The event door of mandates."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.clients import ClientMerged
from services.clients.mandates import actions

consumers = Consumers()


@consumers.on(ClientMerged)
async def move_mandates(merged: ClientMerged, work: Work) -> None:
    """Mandates of a merged record follow it to the one that stayed. Rule: CLI-007."""
    await actions.follow_merge(merged.client_id, merged.into_id, work)
