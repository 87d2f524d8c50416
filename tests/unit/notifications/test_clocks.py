"""Each clock of the diary runs as its rule says."""

from datetime import datetime

import pytest

from chassis.rulebook import rulebook
from services.notifications.calendars.deadlines import due_at
from services.notifications.calendars.working_days import WorkingDays
from services.notifications.obligations import catalogue
from services.notifications.obligations.entries import Entry, EntryKind, checked
from services.notifications.obligations.rules import EntryFaulty
from services.notifications.wording import names_in
from tests.support.notifications import MONDAY, last_of, shanghai

DAYS = WorkingDays()


def an_entry(**changes: object) -> Entry:
    told = {"kind": "letter", "branch": "hq", "owner_id": "ann", "title": "询问", "started_at": MONDAY}
    return Entry(**told | changes)  # type: ignore[arg-type]


def pointers(entry: Entry) -> set[str]:
    with pytest.raises(EntryFaulty) as refused:
        checked(entry, MONDAY)
    return {fault.pointer for fault in refused.value.faults}


@pytest.mark.parametrize(
    ("name", "starts", "due"),
    [
        pytest.param("policy_chase", "2026-04-28 10:00", "2026-05-14", marks=pytest.mark.rule("NTF-010")),
        pytest.param("policy_correction", "2026-04-28 10:00", "2026-05-08", marks=pytest.mark.rule("NTF-011")),
        pytest.param("insurance_manual", "2026-01-31 00:00", "2026-02-28", marks=pytest.mark.rule("NTF-012")),
        pytest.param("renewal_notice", "2027-05-31 00:00", "2027-02-28", marks=pytest.mark.rule("NTF-013")),
        pytest.param("year_report", "2027-03-31 00:00", "2027-01-30", marks=pytest.mark.rule("NTF-014")),
        pytest.param("questionnaire_answer", "2026-09-18 10:00", "2026-09-24", marks=pytest.mark.rule("NTF-015")),
        pytest.param("proposal_answer", "2026-03-07 00:00", "2026-03-07", marks=pytest.mark.rule("NTF-016")),
        pytest.param("mandate_expiry", "2026-03-31 00:00", "2026-03-31", marks=pytest.mark.rule("NTF-017")),
        pytest.param("instalment", "2026-10-01 00:00", "2026-10-01", marks=pytest.mark.rule("NTF-018")),
        pytest.param("letter", "2026-09-30 17:00", "2026-10-10", marks=pytest.mark.rule("NTF-004")),
        pytest.param("service_request", "2026-03-06 17:00", "2026-03-11", marks=pytest.mark.rule("NTF-019")),
        pytest.param("regulatory_report", "2026-04-30 10:00", "2026-05-11", marks=pytest.mark.rule("NTF-022")),
    ],
)
def test_a_clock_ends_on_the_last_instant_of_its_date(name: str, starts: str, due: str):
    clock = catalogue.clock(name)
    assert due_at(clock.unit, clock.amount, shanghai(starts), DAYS) == last_of(due)


def test_every_clock_names_a_rule_of_the_register_and_says_what_to_do_in_both_languages():
    for clock in catalogue.clocks().values():
        assert rulebook()[clock.rule].source
        assert names_in(clock.zh) == names_in(clock.en)
        details = set(clock.trigger.details) if clock.trigger else {"title"}
        assert names_in(clock.zh) <= details | {"subject"}


def test_every_kind_of_entry_has_a_clock():
    for kind in EntryKind:
        assert catalogue.clock(str(kind)).trigger is None


@pytest.mark.rule("NTF-007")
def test_what_no_event_can_end_may_be_marked_by_hand():
    for clock in catalogue.clocks().values():
        assert clock.by_hand or (clock.trigger and clock.trigger.met_by), clock.name


def test_a_clock_that_names_an_unknown_field_is_refused():
    trigger = catalogue.clock("policy_chase").trigger
    assert trigger is not None
    with pytest.raises(ValueError, match="PolicyBound has no bound_on"):
        catalogue._check(trigger.but(anchor="bound_on"))  # pyright: ignore[reportPrivateUsage]


@pytest.mark.rule("NTF-005")
def test_a_letter_that_is_marked_urgent_runs_on_the_urgent_clock():
    assert checked(an_entry(), MONDAY).name == "letter"
    assert checked(an_entry(urgent=True), MONDAY).name == "urgent_letter"


@pytest.mark.rule("NTF-009")
def test_all_faults_of_an_entry_are_told_at_once():
    assert pointers(an_entry(started_at=None, days=5, about_id="x")) == {"/started_at", "/days", "/about_id"}
    assert pointers(an_entry(kind="entry", started_at=None, urgent=True)) == {"/due_on", "/urgent"}


@pytest.mark.rule("NTF-009")
@pytest.mark.parametrize("instant", [shanghai("2026-03-02 09:00:00.001"), shanghai("2027-01-01 00:00")])
def test_a_letter_from_the_future_is_refused(instant: datetime):
    assert pointers(an_entry(started_at=instant)) == {"/started_at"}


@pytest.mark.rule("NTF-022")
def test_a_report_to_the_regulator_names_one_of_the_four_periods():
    report = {"kind": "regulatory_report", "title": "设立分支机构"}
    assert pointers(an_entry(**report)) == {"/days"}
    assert pointers(an_entry(**report, days=7)) == {"/days"}
    assert checked(an_entry(**report, days=15), MONDAY).rule == "NTF-022"
