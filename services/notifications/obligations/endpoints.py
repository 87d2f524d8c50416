"""The diary over HTTP."""

from datetime import date, time
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from chassis.files import FileMissing
from chassis.http import AS_WRITTEN, Flag, Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from services.notifications.calendars.deadlines import at, end_of
from services.notifications.obligations import actions
from services.notifications.obligations.model import OPEN, Obligation, Status
from services.notifications.obligations.rules import (
    DoneInFuture,
    EntryFaulty,
    MetByEvent,
    NotTheHandler,
    NotUrgentLetter,
    ObligationMissing,
)
from services.notifications.obligations.schemas import (
    CompleteObligation,
    EnterObligation,
    GiveReason,
    ObligationView,
)
from services.notifications.obligations.store import Obligations
from services.notifications.subjects.actions import About, named

router = APIRouter(prefix="/obligations", tags=["obligations"])
paging = Annotated[Listing, paged("due_by", "triggered_at", default="due_by")]
Id = Annotated[str | None, Query(max_length=64)]
On = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31)), AS_WRITTEN] | None
Only = Annotated[Flag | None, Query(alias="open", description="true: still to be done; false: met or cancelled")]


@router.post("", status_code=201, dependencies=[requires("obligations:write")], responses=refusals(EntryFaulty))
async def enter_obligation(body: EnterObligation, work: Work) -> ObligationView:
    """Put an entry into somebody's diary: a client's letter, a request, a loss, a report, or anything with a date.

    Rules: NTF-004, NTF-005, NTF-009, NTF-019 to NTF-022 (docs/rules/notifications.md).
    """
    return await _view(await actions.enter(body.entry(), work), work)


@router.get("/mine", dependencies=[requires("obligations:read")])
async def list_my_obligations(
    work: Work,
    listing: paging,
    status: Status | None = None,
    is_open: Only = None,
    due_from_on: On = None,
    due_until_on: On = None,
) -> Page[ObligationView]:
    """My own diary, what is due first first; what cannot be computed yet comes last.

    Rule: NTF-009 (docs/rules/notifications.md).
    """
    condition = {"owner_id": work.actor.id, **_states(status, is_open), **_range(due_from_on, due_until_on)}
    return await _page(actions.mine(work), listing, condition)


@router.get("", dependencies=[requires("obligations:read")])
async def list_obligations(
    work: Work,
    listing: paging,
    owner_id: Id = None,
    about_kind: Id = None,
    about_id: Id = None,
    client_id: Id = None,
    policy_id: Id = None,
    rule_id: Id = None,
    status: Status | None = None,
    is_open: Only = None,
    due_from_on: On = None,
    due_until_on: On = None,
) -> Page[ObligationView]:
    """The diary of the caller's branches, by owner, by what it is about, by rule, by due date (both ends inclusive)."""
    told = {
        "owner_id": owner_id,
        "about_kind": about_kind,
        "about_id": about_id,
        "client_id": client_id,
        "policy_id": policy_id,
        "rule_id": rule_id,
    }
    condition = {name: value for name, value in told.items() if value is not None}
    return await _page(work, listing, condition | _states(status, is_open) | _range(due_from_on, due_until_on))


@router.get("/{obligation_id}", dependencies=[requires("obligations:read")], responses=refusals(ObligationMissing))
async def show_obligation(obligation_id: str, work: Work) -> ObligationView:
    """One entry of the diary, with the rule that asks for it."""
    return await _view(await Obligations(work).get(obligation_id), work)


@router.post(
    "/{obligation_id}/completion",
    dependencies=[requires("obligations:write")],
    responses=refusals(ObligationMissing, MetByEvent, DoneInFuture, FileMissing, IllegalMove),
)
async def complete_obligation(obligation_id: str, body: CompleteObligation, work: Work) -> ObligationView:
    """Mark as done, with evidence, what no event tells of.

    Rule: NTF-007 (docs/rules/notifications.md).
    """
    return await _view(await actions.complete(obligation_id, body.met_at, body.proof(), work), work)


@router.post(
    "/{obligation_id}/cancellation",
    dependencies=[requires("obligations:write")],
    responses=refusals(ObligationMissing, MetByEvent, IllegalMove),
)
async def cancel_obligation(obligation_id: str, body: GiveReason, work: Work) -> ObligationView:
    """Take back an entry that was made by hand.

    Rule: NTF-007 (docs/rules/notifications.md).
    """
    return await _view(await actions.take_back(obligation_id, body.reason, work), work)


@router.post(
    "/{obligation_id}/downgrade",
    dependencies=[requires("obligations:write")],
    responses=refusals(ObligationMissing, NotUrgentLetter, NotTheHandler, IllegalMove),
)
async def downgrade_letter(obligation_id: str, body: GiveReason, work: Work) -> ObligationView:
    """Put an urgent letter that is not urgent on the ordinary clock: only its handler, only before it is overdue.

    Rule: NTF-006 (docs/rules/notifications.md).
    """
    return await _view(await actions.downgrade(obligation_id, body.reason, work), work)


def _states(status: Status | None, is_open: bool | None) -> dict[str, Any]:
    if status is not None:
        return {"status": status}
    if is_open is None:
        return {}
    return {"status": {"$in" if is_open else "$nin": list(OPEN)}}


def _range(from_on: date | None, until_on: date | None) -> dict[str, Any]:
    limits = {}
    if from_on is not None:
        limits["$gte"] = at(from_on, time(0))
    if until_on is not None:
        limits["$lte"] = end_of(until_on)
    return {"due_at": limits} if limits else {}


async def _page(work: Work, listing: Listing, condition: dict[str, Any]) -> Page[ObligationView]:
    found = await Obligations(work).page(listing, condition)
    return Page(items=await _views(found.items, work), next=found.next)


async def _view(obligation: Obligation, work: Work) -> ObligationView:
    [view] = await _views([obligation], work)
    return view


async def _views(obligations: list[Obligation], work: Work) -> list[ObligationView]:
    abouts = [About(one.client_id, one.policy_id) for one in obligations]
    subjects = await named(abouts, work)
    return [ObligationView.told(one, subjects[about], work.now) for one, about in zip(obligations, abouts, strict=True)]
