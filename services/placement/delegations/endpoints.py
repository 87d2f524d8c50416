"""Delegations: who decides while an approver is away."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.http import Listing, Page, Work, paged, refusals, requires
from services.placement.delegations import actions
from services.placement.delegations.rules import DelegationEnded, DelegationFaulty, NotTheGiver
from services.placement.delegations.schemas import DelegationView, GiveDelegation
from services.placement.delegations.store import DelegationNotFound, Delegations
from services.placement.gates.store import UserUnknown

router = APIRouter(prefix="/delegations", tags=["delegations"])
paging = Annotated[Listing, paged("from_on")]


@router.post(
    "",
    status_code=201,
    dependencies=[requires("delegations:write")],
    responses=refusals(UserUnknown, DelegationFaulty),
)
async def give_delegation(body: GiveDelegation, work: Work) -> DelegationView:
    """Have another user decide in your place for some days.

    What is decided is still never decided by its author, nor by somebody who reports to him.

    Rule: PLC-015 (docs/rules/placement.md).
    """
    lent = await actions.give_delegation(body.taker_id, body.branch, body.from_on, body.until_on, body.reason, work)
    return DelegationView.of(lent)


@router.post(
    "/{delegation_id}/end",
    dependencies=[requires("delegations:write")],
    responses=refusals(DelegationNotFound, NotTheGiver, DelegationEnded),
)
async def end_delegation(delegation_id: str, work: Work) -> DelegationView:
    """Take your authority back, from today on.

    Rule: PLC-015 (docs/rules/placement.md).
    """
    return DelegationView.of(await actions.end_delegation(delegation_id, work))


@router.get("", dependencies=[requires("delegations:read")])
async def list_delegations(
    work: Work,
    listing: paging,
    taker_id: Annotated[str | None, Query(max_length=64)] = None,
) -> Page[DelegationView]:
    """Delegations by page; `taker_id` narrows to those that lend to one user."""
    found = await Delegations(work).page(listing, {"taker_id": taker_id} if taker_id else None)
    return Page(items=[DelegationView.of(lent) for lent in found.items], next=found.next)
