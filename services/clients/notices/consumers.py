"""The event door of notices."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.clients import ClientMerged
from services.clients.notices import actions

consumers = Consumers()


@consumers.on(ClientMerged)
async def move_notices(merged: ClientMerged, work: Work) -> None:
    """Notices of a merged record follow it to the one that stayed. Rule: CLI-007."""
    await actions.follow_merge(merged.client_id, merged.into_id, work)
