"""Which tier decides, and whose tier that is."""

from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.moves import IllegalMove, move
from contracts.money import Money, yuan
from contracts.shared import LineFamily
from services.placement.authority.model import MOVES, Kind, Matrix, Row, Status, Tier
from services.placement.authority.rules import MatrixFaulty, OwnWork, activate, faults, highest, redraft, tier_of

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def a_row(above: str | None, up_to: str | None, tier: Tier = Tier.STAFF, line: str = "property") -> Row:
    told: dict[str, Any] = {"line_family": line, "tier": tier}
    told |= {"above": yuan(above) if above else None, "up_to": yuan(up_to) if up_to else None}
    return Row.model_validate(told)


SEED = [
    a_row(None, "20000.00", Tier.STAFF),
    a_row("20000.00", "50000.00", Tier.SUPERVISOR),
    a_row("50000.00", None, Tier.GENERAL_MANAGER),
]


def a_matrix(rows: list[Row] | None = None, **changes: Any) -> Matrix:
    told: dict[str, Any] = {"id": "m", "branch": "hq", "kind": Kind.PREMIUM, "rows": rows or SEED, "maker_id": "ann"}
    return Matrix(**(told | changes))


@pytest.mark.rule("PLC-009")
def test_the_seeds_numbers_with_the_gap_closed_upward_cover_everything():
    assert faults(SEED) == []


@pytest.mark.rule("PLC-009")
@pytest.mark.parametrize(
    ("rows", "pointers"),
    [
        ([], ["/rows"]),
        ([a_row(None, "20000.00"), a_row("20000.00", "50000.00"), a_row("100000.00", None)], ["/rows/2"]),
        ([a_row(None, "20000.00"), a_row("10000.00", None)], ["/rows/1"]),
        ([a_row(None, None), a_row("50000.00", None)], ["/rows/1"]),
        ([a_row(None, "20000.00")], ["/rows"]),
        ([a_row("0.00", None)], ["/rows/0"]),
        ([a_row("5.00", "5.00"), a_row(None, None)], ["/rows/0"]),
        (
            [a_row(None, None), a_row("1.00", "2.00", line="*"), a_row("3.00", "4.00", line="*")],
            ["/rows/1", "/rows/2", "/rows"],
        ),
    ],
)
def test_every_hole_and_overlap_is_told(rows: list[Row], pointers: list[str]):
    assert [fault.pointer for fault in faults(rows)] == pointers


@pytest.mark.rule("PLC-009")
def test_limits_are_in_yuan_and_not_negative():
    wrong = [
        a_row(None, "-1.00"),
        Row(line_family="*", above=None, up_to=Money(amount_minor=1, currency="USD"), tier=Tier.STAFF),
    ]
    assert {fault.pointer for fault in faults(wrong)} == {"/rows/0/up_to", "/rows/1/up_to"}


@pytest.mark.rule("PLC-009")
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6, unique=True), st.integers(0, 2 * 10**9))
def test_rows_that_meet_put_every_amount_before_exactly_one_tier(cuts: list[int], fen: int):
    ends = [Money(amount_minor=cut) for cut in sorted(cuts)]
    rows = [
        Row(line_family=LineFamily.PROPERTY, above=low, up_to=high, tier=Tier.STAFF)
        for low, high in zip([None, *ends], [*ends, None], strict=True)
    ]
    assert faults(rows) == []
    amount = Money(amount_minor=fen)
    hits = [r for r in rows if (r.above is None or r.above < amount) and (r.up_to is None or amount <= r.up_to)]
    assert len(hits) == 1


@pytest.mark.rule("PLC-009")
@pytest.mark.parametrize(
    ("amount", "tier"),
    [
        ("0.00", Tier.STAFF),
        ("20000.00", Tier.STAFF),
        ("20000.01", Tier.SUPERVISOR),
        ("50000.00", Tier.SUPERVISOR),
        ("50000.01", Tier.GENERAL_MANAGER),
        ("100000.00", Tier.GENERAL_MANAGER),
    ],
)
def test_a_limit_belongs_to_the_lower_tier(amount: str, tier: Tier):
    assert tier_of(SEED, LineFamily.PROPERTY, yuan(amount)) is tier


@pytest.mark.rule("PLC-011")
def test_a_line_that_the_matrix_does_not_mention_is_for_the_general_manager():
    assert tier_of(SEED, LineFamily.BENEFITS, yuan("1.00")) is Tier.GENERAL_MANAGER
    general = [*SEED, a_row(None, None, Tier.BRANCH_HEAD, "*")]
    assert tier_of(general, LineFamily.BENEFITS, yuan("1.00")) is Tier.BRANCH_HEAD
    assert tier_of(general, LineFamily.PROPERTY, yuan("1.00")) is Tier.STAFF


@pytest.mark.rule("SYS-011")
def test_a_matrix_is_activated_by_somebody_else_than_its_maker():
    with pytest.raises(OwnWork):
        activate(a_matrix(), date(2026, 4, 1), "ann", NOW)
    active, fact = activate(a_matrix(), date(2026, 4, 1), "bob", NOW)
    assert (active.status, active.checker_id, fact.from_on) == (Status.ACTIVE, "bob", date(2026, 4, 1))


@pytest.mark.rule("PLC-009")
def test_a_matrix_with_a_hole_is_not_activated():
    with pytest.raises(MatrixFaulty) as refused:
        activate(a_matrix([a_row(None, "1.00")]), date(2026, 4, 1), "bob", NOW)
    assert len(refused.value.faults) == 1


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)))
def test_an_active_matrix_never_changes(before: Status, after: Status):
    matrix = a_matrix(status=before)
    if after in MOVES[before]:
        assert move(matrix, MOVES, after).status is after
    else:
        with pytest.raises(IllegalMove):
            move(matrix, MOVES, after)


def test_a_draft_takes_new_rows():
    changed, fact = redraft(a_matrix(), [a_row(None, None)], "一档")
    assert (len(changed.rows), changed.note, fact.kind) == (1, "一档", "premium")


@pytest.mark.rule("PLC-012")
def test_the_highest_of_somebodys_roles_counts():
    assert highest(["AB", "SUP"]) is Tier.SUPERVISOR
    assert highest(["GM", "AB"]) is Tier.GENERAL_MANAGER
    assert highest(["ADMIN", "FIN"]) is None


def test_tiers_compare_by_rank_and_not_by_spelling():
    assert Tier.STAFF < Tier.SUPERVISOR < Tier.BRANCH_HEAD < Tier.GENERAL_MANAGER
    assert max([Tier.STAFF, Tier.BRANCH_HEAD, Tier.SUPERVISOR]) is Tier.BRANCH_HEAD
    assert Tier.SUPERVISOR >= "supervisor" and Tier.SUPERVISOR <= "general_manager" and not Tier.STAFF > "staff"
