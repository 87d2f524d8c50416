"""What may happen to a placing instruction; shares that must total exactly 100 %."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.moves import IllegalMove, move
from contracts.money import yuan
from contracts.placement import LineBound, LineRefused, PlacementBound, PlacementRefused
from services.placement.placings import rules
from services.placement.placings.model import MOVES, Instalment, Placing, Status
from tests.support.placement_terms import (
    AFTER,
    STARTS_ON,
    a_bound_placing,
    a_line,
    a_placing,
    a_seat,
    an_instruction,
    an_offer,
    terms_of,
)

DRAWN = {
    "draft": "draft issued withdrawn",
    "issued": "issued partly_bound bound refused withdrawn",
    "partly_bound": "partly_bound bound refused",
}
NOW = AFTER.replace(day=13)


@pytest.mark.parametrize(("origin", "target"), list(product(Status, Status)))
def test_an_instruction_moves_as_drawn_and_no_other_way(origin: Status, target: Status):
    placing = a_placing(origin)
    if target in DRAWN.get(origin, "").split():
        assert move(placing, MOVES, target).status is target
    else:
        with pytest.raises(IllegalMove):
            move(placing, MOVES, target)


Act = Callable[[Placing], Any]
SIGNED = {"ins-quo-1": 6000, "ins-2": 4000}
ACTS: dict[str, tuple[Act, str, str]] = {
    "change": (lambda p: rules.change(p, an_instruction(), "second"), "draft", "draft"),
    "issue": (lambda p: rules.issue(p, ("doc-1",), "broker", NOW), "draft", "issued"),
    "write_line": (lambda p: rules.write_line(p, a_line()), "issued partly_bound", "partly_bound"),
    "refuse_line": (lambda p: rules.refuse_line(p, "ins-2", "无再保支持", NOW), "issued partly_bound", "issued"),
    "refuse": (lambda p: rules.refuse(p, "份额不足"), "issued partly_bound", "refused"),
    "withdraw": (lambda p: rules.withdraw(p, "客户撤回"), "draft issued", "withdrawn"),
}


@pytest.mark.parametrize(("name", "status"), list(product(ACTS, Status)))
def test_each_step_is_taken_from_its_own_states_only(name: str, status: Status):
    act, origins, target = ACTS[name]
    lines = (a_line(),) if status == "partly_bound" and name == "refuse_line" else ()
    if status in origins.split():
        after, fact, *_ = act(a_placing(status, lines=lines))
        assert after.status == ("partly_bound" if lines else target)
        assert fact.placing_id == "pla-1"
    else:
        with pytest.raises(IllegalMove):
            act(a_placing(status))


@pytest.mark.parametrize("status", list(Status))
def test_lines_are_signed_down_only_while_they_are_being_written(status: Status):
    lines = (a_line(share_bp=7000), a_line("ins-2", 4000))
    placing = a_placing(status, lines=lines)
    if status in ("issued", "partly_bound"):
        assert rules.sign_down(placing, SIGNED, "file-9", "broker", NOW)[0].status is Status.BOUND
    else:
        with pytest.raises(IllegalMove):
            rules.sign_down(placing, SIGNED, "file-9", "broker", NOW)


@pytest.mark.rule("PLC-076")
@pytest.mark.parametrize(
    "panel",
    [
        (),
        (a_seat(share_bp=9_999),),
        (a_seat(share_bp=6000), a_seat("ins-2", 4001, lead=False)),
        (a_seat(share_bp=6000, lead=False), a_seat("ins-2", 4000, lead=False)),
        (a_seat(share_bp=6000), a_seat("ins-2", 4000)),
        (a_seat(share_bp=6000), a_seat(share_bp=4000, lead=False)),
        (a_seat(share_bp=10_000), a_seat("ins-2", 0, lead=False)),
    ],
)
def test_a_panel_totals_exactly_one_hundred_percent_under_one_lead(panel: Any):
    with pytest.raises(rules.PanelFaulty):
        rules.check_instruction(an_instruction(panel=panel))


@pytest.mark.rule("PLC-081")
@pytest.mark.parametrize(
    "plan",
    [
        (),
        (Instalment(due_on=STARTS_ON, weight=1), Instalment(due_on=STARTS_ON, weight=1)),
        (Instalment(due_on=date(2026, 10, 1), weight=1), Instalment(due_on=STARTS_ON, weight=1)),
        (Instalment(due_on=STARTS_ON, weight=0),),
    ],
)
def test_instalments_ascend_and_weigh_something(plan: Any):
    with pytest.raises(rules.PanelFaulty):
        rules.check_instruction(an_instruction(instalments=plan))


@pytest.mark.rule("PLC-078")
def test_the_placement_is_bound_by_the_line_that_makes_the_total_exactly_whole():
    first, told, *rest = rules.write_line(a_placing(), a_line())
    assert (first.status, told, rest) == (
        Status.PARTLY_BOUND,
        LineBound(placing_id="pla-1", insurer_id="ins-quo-1", share_bp=6000),
        [],
    )
    bound, _, placed = rules.write_line(first, a_line("ins-2", 4000))
    assert isinstance(placed, PlacementBound)
    assert (bound.status, bound.total_bp(), bound.bound_at) == (Status.BOUND, 10_000, a_line().recorded_at)


@pytest.mark.rule("PLC-078")
def test_a_share_that_leaves_the_total_short_or_over_binds_nothing_until_it_is_written_anew():
    first, *_ = rules.write_line(a_placing(), a_line())
    for share in (3_999, 4_001):
        second, *facts = rules.write_line(first, a_line("ins-2", share))
        assert (second.status, len(facts)) == (Status.PARTLY_BOUND, 1)
        third, *_ = rules.write_line(second, a_line("ins-2", 4000))
        assert (third.status, len(third.lines)) == (Status.BOUND, 3)


@pytest.mark.rule("PLC-078")
def test_a_whole_line_binds_only_when_the_others_have_answered():
    written, *_ = rules.write_line(a_placing(), a_line(share_bp=10_000))
    assert written.status is Status.PARTLY_BOUND
    bound, told, placed = rules.refuse_line(written, "ins-2", "无再保支持", NOW)
    assert isinstance(told, LineRefused)
    assert isinstance(placed, PlacementBound)
    assert bound.status is Status.BOUND


@pytest.mark.rule("PLC-078")
def test_nothing_is_bound_on_the_terms_of_a_leader_that_refused():
    led, *_ = rules.refuse_line(a_placing(), "ins-quo-1", "超出权限", NOW)
    written, *facts = rules.write_line(led, a_line("ins-2", 10_000))
    assert (written.status, len(facts)) == (Status.PARTLY_BOUND, 1)


@pytest.mark.rule("PLC-078")
def test_when_all_refuse_the_placement_is_refused():
    one, *_ = rules.refuse_line(a_placing(), "ins-2", "无再保支持", NOW)
    none, _, told = rules.refuse_line(one, "ins-quo-1", "超出权限", NOW)
    assert isinstance(told, PlacementRefused)
    assert none.status is Status.REFUSED


@pytest.mark.rule("PLC-078")
def test_strangers_second_answers_and_impossible_lines_are_refused():
    with pytest.raises(rules.NotOnPanel):
        rules.write_line(a_placing(), a_line("ins-9"))
    with pytest.raises(rules.NotOnPanel):
        rules.refuse_line(a_placing(), "ins-9", "x", NOW)
    refused, *_ = rules.refuse_line(a_placing(), "ins-2", "无再保支持", NOW)
    with pytest.raises(rules.LineRefusedBefore):
        rules.write_line(refused, a_line("ins-2", 4000))
    written, *_ = rules.write_line(a_placing(), a_line())
    with pytest.raises(rules.LineRefusedBefore):
        rules.refuse_line(written, "ins-quo-1", "x", NOW)
    wrong: list[dict[str, Any]] = [{"share_bp": 0}, {"share_bp": 10_001}]
    wrong += [{"accepted_on": date(2026, 3, 10)}, {"accepted_on": date(2026, 3, 14)}]
    for changes in wrong:
        with pytest.raises(rules.LineFaulty):
            rules.write_line(a_placing(), a_line(**changes))


@pytest.mark.rule("PLC-079")
def test_signing_down_reduces_written_lines_to_exactly_one_hundred_percent():
    placing = a_placing("partly_bound", lines=(a_line(share_bp=8000), a_line("ins-2", 4000)))
    bound, told, placed = rules.sign_down(placing, SIGNED, "file-9", "broker", NOW)
    assert told == LineBound(placing_id="pla-1", insurer_id="ins-quo-1", share_bp=6000)
    assert isinstance(placed, PlacementBound)
    assert [(line.share_bp, line.signed_down) for line in bound.current_lines()] == [(6000, True), (4000, False)]
    assert len(bound.lines) == 3, "the written line stays on record"


@pytest.mark.rule("PLC-079")
@pytest.mark.parametrize(
    "shares",
    [
        {},
        {"ins-quo-1": 6000},
        {"ins-quo-1": 6000, "ins-2": 3999},
        {"ins-quo-1": 5000, "ins-2": 5000},
        {**SIGNED, "x": 1},
    ],
)
def test_signed_lines_never_exceed_the_written_ones_nor_miss_the_total(shares: dict[str, int]):
    placing = a_placing("partly_bound", lines=(a_line(share_bp=8000), a_line("ins-2", 4000)))
    with pytest.raises(rules.SigningFaulty):
        rules.sign_down(placing, shares, "file-9", "broker", NOW)


@pytest.mark.rule("PLC-079")
def test_nothing_is_signed_down_while_somebody_has_not_answered():
    with pytest.raises(rules.LinesOutstanding):
        rules.sign_down(a_placing("partly_bound", lines=(a_line(),)), SIGNED, "file-9", "broker", NOW)


@pytest.mark.rule("PLC-077", "PLC-079")
@pytest.mark.parametrize("written", [10_000, 8_000])
def test_nothing_is_signed_on_the_terms_of_a_leader_that_refused(written: int):
    refused, *_ = rules.refuse_line(a_placing(), "ins-quo-1", "超出权限", NOW)
    unled, *_ = rules.write_line(refused, a_line("ins-2", written))
    with pytest.raises(rules.LeadRefused, match="公司ins-quo-1"):
        rules.sign_down(unled, {"ins-2": written}, "file-9", "broker", NOW)


@pytest.mark.rule("PLC-080")
def test_nothing_is_withdrawn_once_an_insurer_is_bound():
    with pytest.raises(rules.AlreadyPartlyBound):
        rules.withdraw(a_placing("partly_bound", lines=(a_line(),)), "客户撤回")


@pytest.mark.rule("PLC-078")
@given(
    premium=st.integers(min_value=1, max_value=10**12),
    cuts=st.lists(st.integers(min_value=1, max_value=9_999), min_size=0, max_size=8, unique=True),
)
def test_the_premium_by_share_adds_up_to_the_fen(premium: int, cuts: list[int]):
    edges = [0, *sorted(cuts), 10_000]
    shares = [high - low for low, high in pairwise(edges)]
    panel = tuple(a_seat(f"i{n}", share, lead=n == 0) for n, share in enumerate(shares))
    placing = a_bound_placing(
        instruction=an_instruction(panel=panel),
        lines=tuple(a_line(f"i{n}", share) for n, share in enumerate(shares)),
        terms=terms_of(an_offer(premium=yuan("0.01").model_copy(update={"amount_minor": premium}))),
    )
    assert sum(part.amount_minor for part in placing.premium_parts()) == premium
