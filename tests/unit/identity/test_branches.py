"""The rules of the branch tree."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.moves import IllegalMove, move
from chassis.refusals import Refusal
from services.identity.branches import rules
from services.identity.branches.model import MOVES, REGIONS, Branch, Kind, Status
from tests.support.identity import a_branch

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("target", list(Status))
def test_a_branch_goes_from_open_to_closed_and_nowhere_else(status: Status, target: Status):
    branch = a_branch("b", status=status)
    if (status, target) == (Status.OPEN, Status.CLOSED):
        assert move(branch, MOVES, target).status is target
    else:
        with pytest.raises(IllegalMove):
            move(branch, MOVES, target)


@pytest.mark.rule("IDN-005")
def test_there_are_34_provinces():
    assert len(REGIONS) == 34


def a_tree() -> dict[str, Branch]:
    kinds = [Kind.PROVINCIAL, Kind.PROVINCIAL, Kind.BRANCH, Kind.BRANCH, Kind.SUB_BRANCH, Kind.SUB_BRANCH, Kind.OFFICE]
    tree = {"hq": a_branch("hq", None, Kind.HEADQUARTERS)}
    return tree | {f"b{n}": a_branch(f"b{n}", "hq", kind) for n, kind in enumerate(kinds)}


moves = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(["hq", *(f"b{n}" for n in range(7))]), st.integers(0, 9)), max_size=30
)


@pytest.mark.rule("IDN-001")
@given(moves)
def test_whatever_is_moved_no_branch_ever_lies_below_itself(wanted: list[tuple[int, str, int]]):
    tree = a_tree()
    for number, parent, days in wanted:
        try:
            branch, _ = rules.move(tree, tree[f"b{number}"], parent, TODAY + timedelta(days=days), TODAY, None)
        except Refusal:
            continue
        tree[branch.id] = branch
    for on in (TODAY + timedelta(days=days) for days in range(-1, 11)):
        for branch_id in tree:
            steps, at = 0, tree[branch_id].parent(on)
            while at is not None:
                steps, at = steps + 1, tree[at].parent(on)
                assert steps < len(tree)


@pytest.mark.rule("IDN-003")
def test_two_moves_keep_their_order():
    tree = a_tree()
    branch, _ = rules.move(tree, tree["b2"], "b0", date(2026, 5, 1), TODAY, None)
    with pytest.raises(rules.MoveInThePast):
        rules.move(tree, branch, "b1", date(2026, 5, 1), TODAY, None)
    after, _ = rules.move(tree, branch, "b1", date(2026, 6, 1), TODAY, None)
    assert [after.parent(date(2026, month, 1)) for month in (4, 5, 6)] == ["hq", "b0", "b1"]


@pytest.mark.rule("IDN-007")
def test_a_branch_that_is_to_receive_another_later_does_not_close():
    tree = a_tree()
    tree["b2"], _ = rules.move(tree, tree["b2"], "b0", date(2026, 5, 1), TODAY, None)
    with pytest.raises(rules.BranchesBelow):
        rules.close(tree, tree["b0"], date(2026, 4, 1), TODAY)


@pytest.mark.rule("IDN-003")
def test_a_branch_is_not_closed_for_days_that_are_past():
    tree = a_tree()
    with pytest.raises(rules.ClosedInThePast):
        rules.close(tree, tree["b2"], TODAY - timedelta(days=2), TODAY)
    closed, _ = rules.close(tree, tree["b2"], TODAY - timedelta(days=1), TODAY)
    assert closed.closed_on == TODAY - timedelta(days=1)
