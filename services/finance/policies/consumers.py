"""Follows policies."""

from typing import Any

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.facts import FACTS
from contracts.placement import PolicyBound, PolicyInForce, PolicyReceived, PolicyVoided
from services.finance.policies.store import Policies

consumers = Consumers()

POLICY_FACTS = [fact for fact in FACTS.values() if fact.topic == PolicyBound.topic]


@consumers.on(*POLICY_FACTS)
async def copy_policy(fact: Any, work: Work) -> None:
    """Keep what bills need of a policy; the version follows every fact."""
    fields: dict[str, Any] = {}
    match fact:
        case PolicyBound():
            kept = {"client_id", "line", "insured_name", "lines", "premium", "collection", "instalments"}
            fields = fact.model_dump(include=kept | {"starts_on", "ends_on", "owner_id"})
        case PolicyReceived() | PolicyInForce():
            fields = {"number": fact.number}
        case PolicyVoided():
            fields = {"voided": True}
        case _:
            pass
    await Policies(work).put(fact.policy_id, **fields)
