"""Delegations over HTTP."""

from datetime import date
from typing import Annotated

from pydantic import Field

from chassis.http import Body, View

Id = Annotated[str, Field(min_length=1, max_length=64)]


class GiveDelegation(Body):
    """Lend your authority in a branch and all below it; dates are inclusive."""

    taker_id: Id
    branch: Id
    from_on: date
    until_on: date
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class DelegationView(View):
    """A delegation; it has no effect from `ended_on` on."""

    id: str
    version: int
    branch: str
    giver_id: str
    taker_id: str
    from_on: date
    until_on: date
    reason: str
    ended_on: date | None
