"""Lending authority."""

from datetime import date
from typing import Any

import pytest

from services.placement.delegations.model import Delegation
from services.placement.delegations.rules import DelegationEnded, DelegationFaulty, NotTheGiver, end, give

TODAY = date(2026, 3, 2)


def a_delegation(**changes: Any) -> Delegation:
    told: dict[str, Any] = {"id": "d", "branch": "hq", "giver_id": "head", "taker_id": "sue", "reason": "出差"}
    told |= {"from_on": TODAY, "until_on": date(2026, 3, 6)}
    return Delegation(**(told | changes))


@pytest.mark.rule("PLC-015")
def test_it_holds_from_its_first_to_its_last_day():
    held = [a_delegation().holds(date(2026, 3, day)) for day in (1, 2, 6, 7)]
    assert held == [False, True, True, False]
    assert not a_delegation(ended_on=TODAY).holds(TODAY)


@pytest.mark.rule("PLC-015")
@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"taker_id": "head"}, "/taker_id"),
        ({"from_on": date(2026, 3, 1)}, "/from_on"),
        ({"until_on": date(2026, 3, 1)}, "/until_on"),
    ],
)
def test_it_begins_today_at_the_earliest_and_is_given_to_somebody_else(changes: dict[str, Any], pointer: str):
    with pytest.raises(DelegationFaulty) as refused:
        give(a_delegation(**changes), TODAY)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


@pytest.mark.rule("PLC-015")
def test_only_its_giver_ends_it_and_only_once():
    ended, fact = end(a_delegation(), "head", TODAY)
    assert (ended.ended_on, fact.ended_on) == (TODAY, TODAY)
    with pytest.raises(NotTheGiver):
        end(a_delegation(), "sue", TODAY)
    with pytest.raises(DelegationEnded):
        end(ended, "head", TODAY)
    with pytest.raises(DelegationEnded):
        end(a_delegation(), "head", date(2026, 3, 7))
