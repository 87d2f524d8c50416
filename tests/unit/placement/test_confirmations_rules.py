"""When cover may be confirmed to the client."""

from datetime import timedelta
from itertools import product

import pytest

from chassis.moves import IllegalMove, move
from services.placement.confirmations import rules
from services.placement.confirmations.model import MOVES, Status
from services.placement.placings import rules as placing_rules
from tests.support.placement_terms import (
    AFTER,
    a_bound_placing,
    a_condition,
    a_confirmation,
    a_line,
    a_placing,
)

NOW = AFTER + timedelta(days=5)
DRAWN = {"draft": "issued", "issued": "delivered"}


@pytest.mark.parametrize(("origin", "target"), list(product(Status, Status)))
def test_a_confirmation_moves_as_drawn_and_no_other_way(origin: Status, target: Status):
    if target in DRAWN.get(origin, "").split():
        assert move(a_confirmation(origin), MOVES, target).status is target
    else:
        with pytest.raises(IllegalMove):
            move(a_confirmation(origin), MOVES, target)


@pytest.mark.parametrize("status", list(Status))
def test_each_step_is_taken_from_its_own_state_only(status: Status):
    confirmation = a_confirmation(status)
    if status == "draft":
        issued, fact = rules.issue(confirmation, a_bound_placing(), (), ("doc-1",), NOW)
        assert (issued.status, fact.policy_id, fact.document_id) == (Status.ISSUED, "pol-1", "doc-1")
    else:
        with pytest.raises(IllegalMove):
            rules.issue(confirmation, a_bound_placing(), (), ("doc-1",), NOW)
    if status == "issued":
        assert rules.deliver(confirmation, NOW, "file-1", NOW)[0].status is Status.DELIVERED
    else:
        with pytest.raises(IllegalMove):
            rules.deliver(confirmation, NOW, "file-1", NOW)


@pytest.mark.rule("PLC-085")
@pytest.mark.parametrize(("second", "says"), [(3_999, "99.99%"), (4_001, "100.01%"), (None, "60.00%")])
def test_shares_that_do_not_total_exactly_whole_hold_the_confirmation_back(second: int | None, says: str):
    lines = (a_line(),) if second is None else (a_line(), a_line("ins-2", second))
    with pytest.raises(rules.SharesIncomplete, match=says):
        rules.issue(a_confirmation(), a_placing("partly_bound", lines=lines), (), ("doc-1",), NOW)


@pytest.mark.rule("PLC-085")
def test_an_instruction_that_is_not_bound_is_not_confirmed():
    with pytest.raises(rules.SharesIncomplete):
        rules.check_whole(a_placing("issued"))


@pytest.mark.rule("PLC-085", "PLC-077")
def test_whole_lines_that_bind_nothing_are_refused_with_who_keeps_them_from_it():
    whole, *_ = placing_rules.write_line(a_placing(), a_line(share_bp=10_000))
    with pytest.raises(rules.AnswersOutstanding, match="公司ins-2 have not answered"):
        rules.check_whole(whole)
    led, *_ = placing_rules.refuse_line(a_placing(), "ins-quo-1", "超出权限", NOW)
    unled, *_ = placing_rules.write_line(led, a_line("ins-2", 10_000))
    with pytest.raises(placing_rules.LeadRefused, match="公司ins-quo-1 refused"):
        rules.check_whole(unled)


@pytest.mark.rule("PLC-086")
def test_a_condition_due_before_binding_must_be_met_and_the_others_are_listed_as_open():
    conditions = (a_condition(before_binding=True), a_condition())
    with pytest.raises(rules.ConditionOpen):
        rules.marked(conditions, [])
    assert [condition.met for condition in rules.marked(conditions, [0])] == [True, False]
    with pytest.raises(rules.ConditionUnknown):
        rules.marked(conditions, [2])


@pytest.mark.rule("PLC-087")
def test_a_delivery_lies_between_the_issue_and_now():
    issued = a_confirmation("issued")
    assert issued.issued_at is not None
    for wrong in (issued.issued_at - timedelta(seconds=1), NOW + timedelta(seconds=1)):
        with pytest.raises(rules.DeliveredOutOfTime):
            rules.deliver(issued, wrong, "file-1", NOW)
