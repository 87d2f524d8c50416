"""The life of an obligation."""

from itertools import product

import pytest

from chassis.moves import IllegalMove, move
from services.notifications.calendars.deadlines import TICK, Unit
from services.notifications.calendars.model import YearDays
from services.notifications.calendars.working_days import WorkingDays
from services.notifications.obligations import rules
from services.notifications.obligations.catalogue import clock
from services.notifications.obligations.model import ENDS, MOVES, OPEN, Evidence, Obligation, Status
from tests.support.notifications import MONDAY, an_obligation, last_of, shanghai

DAYS = WorkingDays()
CHASE, LETTER, URGENT = clock("policy_chase"), clock("letter"), clock("urgent_letter")


def started(**changes: object) -> Obligation:
    return rules.start(an_obligation(**changes), CHASE, DAYS)[0]


def an_urgent_letter() -> Obligation:
    draft = an_obligation(clock="urgent_letter", unit=URGENT.unit, amount=0, urgent=True, rule_id="NTF-005")
    return rules.start(draft, URGENT, DAYS)[0]


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)))
def test_only_the_tabled_moves_are_made(before: Status, after: Status):
    obligation = started().but(status=before)
    allowed = after not in (Status.TRIGGERED, Status.REMINDED) or before in (Status.TRIGGERED, Status.REMINDED)
    if before in OPEN and (after in ENDS or allowed):
        assert move(obligation, MOVES, after).status == after
    else:
        with pytest.raises(IllegalMove):
            move(obligation, MOVES, after)


@pytest.mark.rule("NTF-010")
def test_a_new_obligation_knows_when_it_is_due_and_when_to_remind():
    obligation, told = rules.start(an_obligation(), CHASE, DAYS)
    assert obligation.due_at == told.due_at == last_of("2026-03-16")
    assert obligation.reminders == (shanghai("2026-03-13 07:00"), shanghai("2026-03-15 07:00"))
    assert obligation.next_at == shanghai("2026-03-13 07:00")
    assert (told.rule_id, told.late_by_nature) == ("NTF-010", False)


@pytest.mark.rule("NTF-002")
def test_without_calendar_data_the_due_date_is_a_named_gap():
    begun = shanghai("2026-12-24 10:00")
    obligation, told = rules.start(an_obligation(counted_from=begun, triggered_at=begun), CHASE, DAYS)
    assert (obligation.due_at, obligation.gap_year, obligation.next_at) == (None, 2027, None)
    assert told.due_at is None
    assert rules.fill_gap(obligation, CHASE, DAYS) is None


@pytest.mark.rule("NTF-002")
def test_a_gap_is_filled_once_the_year_is_loaded():
    begun = shanghai("2026-12-24 10:00")
    obligation = started(counted_from=begun, triggered_at=begun)
    loaded = WorkingDays({2027: YearDays(holidays=frozenset(), make_up_days=frozenset())})
    decided = rules.fill_gap(obligation, CHASE, loaded)
    assert decided is not None
    filled, told = decided
    assert (filled.due_at, filled.gap_year) == (last_of("2027-01-07"), None)
    assert told.due_at == filled.due_at
    assert rules.fill_gap(filled, CHASE, loaded) is None


@pytest.mark.rule("NTF-023")
def test_what_could_only_begin_late_is_due_today_reminded_at_once_and_marked():
    ends = shanghai("2026-04-30 00:00")
    notice = clock("renewal_notice")
    draft = an_obligation(clock=notice.name, unit=Unit.MONTHS, amount=-3, counted_from=ends)
    obligation, told = rules.start(draft, notice, DAYS)
    assert told.late_by_nature
    assert obligation.nominal_due_at == last_of("2026-01-30")
    assert obligation.due_at == last_of("2026-03-02")
    assert obligation.reminders == (MONDAY,)


@pytest.mark.rule("NTF-023")
def test_a_letter_that_was_entered_late_is_simply_overdue():
    draft = an_obligation(clock="letter", unit=LETTER.unit, amount=3, counted_from=shanghai("2026-02-02 10:00"))
    obligation, told = rules.start(draft, LETTER, DAYS)
    assert not told.late_by_nature
    assert rules.is_overdue(obligation, MONDAY)


def test_reminders_that_came_due_together_are_one():
    obligation, _ = rules.remind(started(), shanghai("2026-03-15 08:00"))
    assert obligation.status == Status.REMINDED
    assert obligation.reminders == ()
    assert obligation.next_at == last_of("2026-03-16") + TICK


def test_it_is_overdue_only_after_its_last_instant():
    obligation = started()
    assert not rules.is_overdue(obligation, last_of("2026-03-16"))
    assert rules.is_overdue(obligation, last_of("2026-03-16") + TICK)


@pytest.mark.rule("NTF-008")
def test_overdue_goes_to_the_supervisor_and_three_working_days_later_to_the_general_manager():
    now = last_of("2026-03-16") + TICK
    first, told = rules.escalate(started(), CHASE, "sue", now, DAYS)
    assert (told.level, told.to_user_id, first.status) == (1, "sue", Status.ESCALATED)
    assert first.manager_at == last_of("2026-03-19")
    assert first.next_at == last_of("2026-03-19") + TICK
    second, told = rules.escalate(first, CHASE, "gus", now, DAYS)
    assert (told.level, told.to_user_id, second.next_at) == (2, "gus", None)
    assert [step.to_user_id for step in second.escalations] == ["sue", "gus"]


@pytest.mark.rule("NTF-002")
def test_an_escalation_that_cannot_be_dated_is_a_gap_too():
    due = last_of("2026-12-30")
    obligation = started().but(due_at=due)
    escalated, _ = rules.escalate(obligation, CHASE, "sue", due + TICK, DAYS)
    assert (escalated.manager_at, escalated.gap_year, escalated.next_at) == (None, 2027, None)
    loaded = WorkingDays({2027: YearDays(holidays=frozenset(), make_up_days=frozenset())})
    decided = rules.fill_gap(escalated, CHASE, loaded)
    assert decided is not None
    assert decided[0].manager_at == last_of("2027-01-04")


@pytest.mark.rule("NTF-007")
def test_what_an_event_tells_of_is_not_marked_by_hand():
    with pytest.raises(rules.MetByEvent):
        rules.meet_by_hand(started(), CHASE, MONDAY, "ann", Evidence(reference="x"), MONDAY)
    with pytest.raises(rules.MetByEvent):
        rules.cancel_by_hand(started(), CHASE, "not needed")


@pytest.mark.rule("NTF-007")
def test_a_letter_is_answered_with_evidence_not_before_it_came_and_not_in_the_future():
    letter = an_urgent_letter()
    met, told = rules.meet_by_hand(letter, URGENT, MONDAY, "ann", Evidence(reference="Re: 17"), MONDAY)
    assert (met.status, met.evidence, told.met_at) == (Status.MET, "Re: 17", MONDAY)
    for wrong in (MONDAY - TICK, MONDAY + TICK):
        with pytest.raises(rules.DoneInFuture):
            rules.meet_by_hand(letter, URGENT, wrong, "ann", Evidence(reference="Re: 17"), MONDAY)


@pytest.mark.rule("NTF-007")
def test_what_has_ended_does_not_end_again():
    met, _ = rules.meet(started(), MONDAY, "ann")
    with pytest.raises(IllegalMove):
        rules.cancel(met, "late")
    assert not rules.has_work(met, last_of("2030-01-01"))


@pytest.mark.rule("NTF-006")
def test_the_handler_downgrades_an_urgent_letter_with_a_reason():
    calmer, told = rules.downgrade(an_urgent_letter(), LETTER, "ann", "only a greeting", DAYS)
    assert (calmer.clock, calmer.rule_id, calmer.urgent) == ("letter", "NTF-004", False)
    assert calmer.due_at == told.due_at == last_of("2026-03-05")
    assert told.reason == "only a greeting"


@pytest.mark.rule("NTF-006")
def test_nobody_else_downgrades_it_nor_after_it_is_overdue_nor_what_is_not_urgent():
    with pytest.raises(rules.NotTheHandler):
        rules.downgrade(an_urgent_letter(), LETTER, "bob", "x", DAYS)
    late, _ = rules.escalate(an_urgent_letter(), URGENT, "sue", last_of("2026-03-02") + TICK, DAYS)
    with pytest.raises(IllegalMove):
        rules.downgrade(late, LETTER, "ann", "x", DAYS)
    with pytest.raises(rules.NotUrgentLetter):
        rules.downgrade(started(), LETTER, "ann", "x", DAYS)
