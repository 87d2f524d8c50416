"""Moves, refusals, ids, business dates, cursors."""

from datetime import UTC, date, datetime
from enum import StrEnum

import pytest

from chassis.clock import business_date
from chassis.ids import derived_id, new_id
from chassis.lists import BadCursor, Listing
from chassis.model import Aggregate
from chassis.moves import IllegalMove, move


class Light(StrEnum):
    RED = "red"
    GREEN = "green"


MOVES = {Light.RED: frozenset({Light.GREEN}), Light.GREEN: frozenset[Light]()}


class Lamp(Aggregate):
    status: Light = Light.RED
    by: str = ""


@pytest.mark.rule("SYS-001")
@pytest.mark.parametrize("start", Light)
@pytest.mark.parametrize("target", Light)
def test_every_pair_of_states_moves_or_is_refused(start: Light, target: Light):
    lamp = Lamp(id="1", branch="b", status=start)
    if target in MOVES[start]:
        assert move(lamp, MOVES, target, by="ann") == Lamp(id="1", branch="b", status=target, by="ann")
    else:
        with pytest.raises(IllegalMove) as refused:
            move(lamp, MOVES, target)
        assert str(start) in refused.value.say("zh")
        assert str(start) in refused.value.todo("en") or not MOVES[start]


def test_derived_ids_are_the_same_for_the_same_parts_only():
    assert derived_id("a", "bc") == derived_id("a", "bc")
    assert len({derived_id("a", "bc"), derived_id("ab", "c"), derived_id("a", "b", "c"), new_id()}) == 4


def test_a_business_date_is_shanghais():
    assert business_date(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == date(2026, 3, 2)
    assert business_date(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)) == date(2026, 3, 1)


@pytest.mark.rule("SYS-006")
def test_a_cursor_belongs_to_its_sorting():
    cursor = Listing(sort="-name").next_after({"_id": "1", "name": "x"})
    assert Listing(sort="-name", cursor=cursor).after() == {
        "$or": [{"name": {"$lt": "x"}}, {"name": None}, {"name": "x", "_id": {"$lt": "1"}}]
    }
    with pytest.raises(BadCursor):
        Listing(sort="name", cursor=cursor).after()


@pytest.mark.rule("SYS-006")
@pytest.mark.parametrize("cursor", ["", "####", "eyIkZ3QiOiAxfQ", "W10", "WyItaWQiLCBudWxsLCB7IiRndCI6ICIifV0"])
def test_a_forged_cursor_is_refused(cursor: str):
    with pytest.raises(BadCursor):
        Listing(cursor=cursor or " ").after()
