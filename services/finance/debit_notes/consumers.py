"""The event door of debit notes. Stands after the copy of policies in the service's consumers."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.placement import PolicyBound, PolicyVoided
from services.finance.debit_notes import actions

consumers = Consumers()


@consumers.on(PolicyBound)
async def raise_debit_note(bound: PolicyBound, work: Work) -> None:
    """Bill the client for a newly bound policy, once however often the event is delivered.

    Raises:
        ClientUnknown: the client has not reached finance yet; retried, then parked.
        PlanBroken: the plan does not fit the premium; parked.

    Rule: FIN-003, premium is debited on binding (docs/rules/finance.md).
    """
    await actions.raise_debit_note(bound.policy_id, work)


@consumers.on(PolicyVoided)
async def cancel_debit_note(voided: PolicyVoided, work: Work) -> None:
    """Withdraw the note of a policy that was never on risk. Rule: FIN-005."""
    await actions.cancel_for_void_policy(voided.policy_id, work)
