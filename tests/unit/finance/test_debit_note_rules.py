from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.moves import IllegalMove
from contracts.finance import DebitNoteApproved, DebitNoteCancelled, DebitNoteIssued, DebitNoteNumbered
from contracts.money import Money, yuan
from services.finance.debit_notes import rules
from services.finance.debit_notes.model import MOVES, Status
from services.finance.policies.model import Collection, Plan
from tests.support.finance import a_note, a_policy, parts

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
ACTS = {
    Status.APPROVED: lambda note: rules.approve(note, "frank", NOW),
    Status.ISSUED: lambda note: rules.issue(note, "cli-1", TODAY, ["doc-1"]),
    Status.CANCELLED: lambda note: rules.cancel(note, "wrong"),
}


@pytest.mark.rule("FIN-001")
def test_three_equal_parts_of_a_hundred_yuan_add_up_to_the_fen():
    plan = Plan(due_on=(date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1)), weights=())
    made = rules.parts_of(yuan("100.00"), plan, date(2026, 4, 1))
    assert [(part.number, part.amount.amount) for part in made] == [(1, "33.34"), (2, "33.33"), (3, "33.33")]


@pytest.mark.rule("FIN-001")
def test_a_plan_without_dates_is_due_at_inception():
    made = rules.parts_of(yuan("100.00"), Plan(due_on=(), weights=()), date(2026, 4, 1))
    assert [(part.due_on, part.amount) for part in made] == [(date(2026, 4, 1), yuan("100.00"))]


@pytest.mark.rule("FIN-001")
def test_parts_are_in_the_order_of_their_dates_and_parts_of_nothing_are_left_out():
    plan = Plan(due_on=(date(2026, 10, 1), date(2026, 7, 1), date(2026, 4, 1)), weights=(30, 0, 70))
    made = rules.parts_of(yuan("100.00"), plan, date(2026, 4, 1))
    assert [(part.number, part.due_on.month, part.amount.amount) for part in made] == [
        (1, 4, "70.00"),
        (2, 10, "30.00"),
    ]


@pytest.mark.rule("FIN-001")
@given(st.integers(1, 10**12), st.lists(st.integers(0, 1000), min_size=1, max_size=24).filter(any))
def test_parts_of_any_plan_add_up_to_the_premium(premium: int, weights: list[int]):
    plan = Plan(due_on=tuple(date(2026, 1, 1).replace(day=1 + n) for n in range(len(weights))), weights=tuple(weights))
    made = rules.parts_of(Money(amount_minor=premium), plan, date(2026, 1, 1))
    assert sum(part.amount.amount_minor for part in made) == premium
    assert all(part.amount.amount_minor > 0 for part in made)


@pytest.mark.rule("FIN-001")
@pytest.mark.parametrize(
    ("premium", "weights"), [("100.00", (1, 2)), ("100.00", (0,)), ("100.00", (-1,)), ("0.00", (1,)), ("-5.00", (1,))]
)
def test_a_plan_that_does_not_fit_the_premium_is_refused(premium: str, weights: tuple[int, ...]):
    with pytest.raises(rules.PlanBroken):
        rules.parts_of(yuan(premium), Plan(due_on=(date(2026, 4, 1),), weights=weights), date(2026, 4, 1))


@pytest.mark.rule("FIN-001")
def test_parts_that_do_not_add_up_are_refused_with_the_sum():
    with pytest.raises(rules.PlanBroken) as refused:
        rules.check_parts(parts(("2026-04-01", "50.00"), ("2026-10-01", "49.99")), yuan("100.00"))
    [fault] = refused.value.faults
    assert (fault.pointer, fault.en) == ("/instalments", "the sum is 99.99, it must be 100.00")


@pytest.mark.rule("FIN-001")
def test_all_faults_of_a_plan_are_told_at_once():
    told = parts(("2026-04-01", "50.00"), ("2026-04-01", "0.00"))
    foreign = told[0].but(amount=Money(amount_minor=1, currency="USD"), due_on=date(2026, 3, 1))
    with pytest.raises(rules.PlanBroken) as refused:
        rules.check_parts((*told, foreign), yuan("50.00"))
    assert [fault.pointer for fault in refused.value.faults] == [
        "/instalments/1/amount",
        "/instalments/1/due_on",
        "/instalments/2/amount",
        "/instalments/2/due_on",
    ]


@pytest.mark.rule("FIN-003")
def test_a_bound_policy_is_debited_by_its_plan():
    note, drafted = rules.draft("note-1", a_policy(), "cli-1", "broker")
    assert (note.status, note.total, note.makers) == (Status.DRAFT, yuan("100.00"), ("broker",))
    assert [part.amount.amount for part in drafted.instalments] == ["33.34", "33.33", "33.33"]
    assert (drafted.policy_id, drafted.collection) == ("pol-1", "broker")


@pytest.mark.rule("FIN-003")
def test_a_void_policy_is_not_debited():
    with pytest.raises(rules.PolicyVoid):
        rules.draft("note-1", a_policy(voided=True), "cli-1", "mary")


@pytest.mark.rule("FIN-001")
def test_parts_given_by_a_user_must_add_up():
    with pytest.raises(rules.PlanBroken):
        rules.draft("note-1", a_policy(), "cli-1", "mary", parts(("2026-04-01", "99.00")))


@pytest.mark.rule("FIN-002")
def test_the_parts_of_a_draft_may_change_and_who_does_so_becomes_a_maker():
    changed, fact = rules.change_plan(a_note(), parts(("2026-05-01", "100.00")), "frank")
    assert [part.due_on for part in changed.instalments] == [date(2026, 5, 1)]
    assert changed.makers == ("mary", "frank")
    assert [part.amount for part in fact.instalments] == [yuan("100.00")]
    assert rules.change_plan(changed, changed.instalments, "frank")[0].makers == ("mary", "frank")


@pytest.mark.rule("FIN-002")
@pytest.mark.parametrize("status", sorted(set(Status) - {Status.DRAFT}))
def test_amounts_are_fixed_once_the_note_is_approved(status: Status):
    with pytest.raises(rules.AmountsFrozen):
        rules.change_plan(a_note(status=status), parts(("2026-05-01", "100.00")), "mary")


@pytest.mark.rule("SYS-011")
@pytest.mark.parametrize("maker", ["mary", "frank"])
def test_nobody_approves_what_he_drafted_or_changed(maker: str):
    with pytest.raises(rules.OwnNote):
        rules.approve(a_note(makers=("mary", "frank")), maker, NOW)


@pytest.mark.rule("SYS-011")
def test_a_second_person_approves():
    approved, fact = rules.approve(a_note(), "frank", NOW)
    assert (approved.approved_by, approved.approved_at) == ("frank", NOW)
    assert fact == DebitNoteApproved(debit_note_id="note-1", approver_id="frank")


@pytest.mark.rule("FIN-004")
@pytest.mark.parametrize(
    ("collection", "text", "series"),
    [(Collection.BROKER, "DN-GD-2026-000017", "DN hq 2026"), (Collection.INSURER, "PN-GD-2026-000017", "PN hq 2026")],
)
def test_a_number_names_kind_branch_and_year(collection: Collection, text: str, series: str):
    note = a_note(status=Status.APPROVED, collection=collection)
    numbered, fact = rules.number(note, "GD", 2026, 17)
    assert (numbered.number, numbered.status) == (text, Status.APPROVED)
    assert fact == DebitNoteNumbered(debit_note_id="note-1", number=text)
    assert rules.series(note, 2026) == series


@pytest.mark.rule("FIN-004")
@pytest.mark.parametrize("status", sorted(set(Status) - {Status.APPROVED}))
def test_only_an_approved_note_gets_a_number(status: Status):
    with pytest.raises(IllegalMove):
        rules.number(a_note(status=status), "GD", 2026, 1)


@pytest.mark.rule("FIN-002")
def test_issuing_tells_the_amounts_as_they_are_frozen():
    note = a_note(status=Status.APPROVED, number="DN-GD-2026-000001")
    issued, fact = rules.issue(note, "cli-2", TODAY, ["doc-zh", "doc-en"])
    assert (issued.issued_on, issued.client_id, issued.document_ids) == (TODAY, "cli-2", ("doc-zh", "doc-en"))
    assert isinstance(fact, DebitNoteIssued)
    assert (fact.document_id, fact.total, fact.number, fact.client_id) == (
        "doc-zh",
        yuan("100.00"),
        "DN-GD-2026-000001",
        "cli-2",
    )


@pytest.mark.rule("FIN-005")
def test_a_cancelled_note_keeps_its_number():
    cancelled, fact = rules.cancel(a_note(status=Status.ISSUED, number="DN-GD-2026-000001"), "wrong client")
    assert (cancelled.number, cancelled.cancelled_because) == ("DN-GD-2026-000001", "wrong client")
    assert fact == DebitNoteCancelled(debit_note_id="note-1", reason="wrong client")


@pytest.mark.parametrize("target", ACTS)
@pytest.mark.parametrize("status", Status)
def test_every_pair_of_states_moves_only_as_tabled(status: Status, target: Status):
    act: Any = ACTS[target]
    if target in MOVES[status]:
        assert act(a_note(status=status))[0].status is target
    else:
        with pytest.raises(IllegalMove):
            act(a_note(status=status))


def test_nothing_is_due_before_the_note_is_issued_and_then_its_first_part():
    due = {status: a_note(status=status).due_next_on() for status in Status}
    assert due == {Status.DRAFT: None, Status.APPROVED: None, Status.ISSUED: date(2026, 4, 1), Status.CANCELLED: None}
