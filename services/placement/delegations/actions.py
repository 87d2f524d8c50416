"""Lending authority and taking it back."""

from datetime import date

from chassis.work import Work
from services.placement.delegations import rules
from services.placement.delegations.model import Delegation
from services.placement.delegations.store import Delegations
from services.placement.gates.actions import the_user


async def give_delegation(
    taker_id: str, branch: str, from_on: date, until_on: date, reason: str, work: Work
) -> Delegation:
    """Lend the caller's authority in a branch to another user, for days that are business dates, inclusive.

    Raises:
        UserUnknown, DelegationFaulty.

    Rule: PLC-015.
    """
    await the_user(taker_id, work)
    lent = Delegation(
        id=work.new_id("delegations"),
        branch=branch,
        giver_id=work.actor.id,
        taker_id=taker_id,
        from_on=from_on,
        until_on=until_on,
        reason=reason,
    )
    return await Delegations(work).add(*rules.give(lent, work.today))


async def end_delegation(delegation_id: str, work: Work) -> Delegation:
    """Take authority back from today on; raises NotTheGiver, DelegationEnded. Rule: PLC-015."""
    return await Delegations(work).change(delegation_id, lambda lent: rules.end(lent, work.actor.id, work.today))


async def lent_to(user_id: str, work: Work) -> list[Delegation]:
    """The delegations to a user that have effect today. Rule: PLC-015."""
    found = await Delegations(work).some({"taker_id": user_id, "until_on": {"$gte": work.today}}, limit=50)
    return [lent for lent in found if lent.holds(work.today)]
