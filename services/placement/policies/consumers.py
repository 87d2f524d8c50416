"""The event door of policies: a placement that is bound in full becomes a policy."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.placement import PlacementBound
from services.placement.policies import actions

consumers = Consumers()


@consumers.on(PlacementBound)
async def make_policy(bound: PlacementBound, work: Work) -> None:
    """Register the policy, once however often the event is delivered.

    By event, because a placing knows nothing of the policies that come after it.
    """
    await actions.make_policy(bound.placing_id, work)
