"""What may happen to a quote, and what it is worth against the scheme."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from chassis.moves import IllegalMove, move
from contracts.money import Money, yuan
from services.placement.clauses.model import ClauseKind
from services.placement.enquiries.model import Deductible, Limit
from services.placement.quotes import rules
from services.placement.quotes.model import MOVES, Quote, Status
from services.placement.quotes.shortfalls import restrictions, shortfalls
from tests.support.placement_terms import (
    AFTER,
    CLOSES_AT,
    DURING,
    VALID_UNTIL,
    a_clause,
    a_quote,
    a_scheme,
    a_standing,
    a_subjectivity,
    an_offer,
    terms_of,
)

DRAWN = {
    "requested": "requested acknowledged quoted declined no_response",
    "acknowledged": "acknowledged quoted declined no_response",
    "quoted": "quoted clarifying shortlisted expired",
    "clarifying": "clarifying quoted expired",
    "shortlisted": "selected rejected expired",
    "selected": "bound not_taken_up",
    "expired": "selected",
}


@pytest.mark.parametrize(("origin", "target"), list(product(Status, Status)))
def test_a_quote_moves_as_drawn_and_no_other_way(origin: Status, target: Status):
    quote = a_quote(status=origin)
    if target in DRAWN.get(origin, "").split():
        assert move(quote, MOVES, target).status is target
    else:
        with pytest.raises(IllegalMove):
            move(quote, MOVES, target)


Act = Callable[[Quote], Any]
ACTS: dict[str, tuple[Act, str, str]] = {
    "acknowledge": (lambda q: rules.acknowledge(q, DURING), "requested", "acknowledged"),
    "receive": (
        lambda q: rules.receive(q, an_offer(), a_scheme(), "broker", DURING),
        "requested acknowledged",
        "quoted",
    ),
    "ask_clarification": (lambda q: rules.ask_clarification(q, "请说明"), "quoted", "clarifying"),
    "revise": (lambda q: rules.revise(q, an_offer(), a_scheme(), "broker", AFTER), "clarifying", "quoted"),
    "decline": (lambda q: rules.decline(q, "超出承保能力"), "requested acknowledged", "declined"),
    "verify": (lambda q: rules.verify(q, 1, "second", DURING), "quoted", "quoted"),
    "shortlist": (lambda q: rules.shortlist(q, [q], AFTER, verification_needed=False), "quoted", "shortlisted"),
    "select": (lambda q: rules.select(q, "pro-1", AFTER), "shortlisted expired", "selected"),
    "bind": (lambda q: rules.bind(q, 10_000), "selected", "bound"),
    "leave": (lambda q: rules.leave(q, "客户撤回"), "selected", "not_taken_up"),
    "record_standing": (
        lambda q: rules.record_standing(q, a_standing(), AFTER.date()),
        "requested acknowledged quoted clarifying",
        "=",
    ),
}


@pytest.mark.parametrize(("name", "status"), list(product(ACTS, Status)))
def test_each_step_is_taken_from_its_own_states_only(name: str, status: Status):
    act, origins, target = ACTS[name]
    quote = a_quote(status=status, terms=None if status in ("requested", "acknowledged") else terms_of())
    if status in origins.split():
        after, fact = act(quote)
        assert after.status == (status if target == "=" else target)
        assert fact.quote_id == quote.id
    else:
        with pytest.raises(IllegalMove):
            act(quote)


@pytest.mark.rule("PLC-050")
def test_the_closing_instant_itself_is_still_in_time():
    quote = a_quote(status=Status.REQUESTED)
    quoted, fact = rules.receive(quote, an_offer(), a_scheme(), "broker", CLOSES_AT)
    assert (quoted.status, fact.revision, fact.premium) == (Status.QUOTED, 1, yuan("30000.00"))
    with pytest.raises(rules.QuoteLate):
        rules.receive(quote, an_offer(), a_scheme(), "broker", CLOSES_AT + timedelta(milliseconds=1))


@pytest.mark.rule("PLC-050")
def test_a_late_quote_is_refused_as_late_also_after_the_end_was_noted():
    with pytest.raises(rules.QuoteLate):
        rules.receive(a_quote(status=Status.NO_RESPONSE), an_offer(), a_scheme(), "broker", AFTER)


@pytest.mark.rule("PLC-050")
def test_an_amended_enquiry_gives_more_time():
    amended = rules.amend(a_quote(status=Status.REQUESTED), 2, AFTER)
    assert amended is not None
    quoted, _ = rules.receive(amended[0], an_offer(), a_scheme(), "broker", AFTER)
    assert quoted.terms is not None
    assert (quoted.status, quoted.terms.edition) == (Status.QUOTED, 2)


@pytest.mark.rule("PLC-050")
def test_terms_on_an_older_edition_must_be_given_again_before_the_closing():
    amended = rules.amend(a_quote(status=Status.QUOTED), 2, CLOSES_AT)
    assert amended is not None
    assert amended[0].status is Status.CLARIFYING
    revised, _ = rules.revise(amended[0], an_offer(), a_scheme(), "broker", CLOSES_AT)
    assert revised.status is Status.QUOTED
    with pytest.raises(rules.QuoteLate):
        rules.revise(amended[0], an_offer(), a_scheme(), "broker", AFTER)


@pytest.mark.parametrize("status", ["declined", "no_response", "shortlisted", "selected", "bound", "expired"])
def test_an_amendment_does_not_touch_a_quote_that_has_ended(status: str):
    assert rules.amend(a_quote(status=Status(status)), 2, AFTER) is None


def test_an_edition_that_is_known_changes_nothing():
    assert rules.amend(a_quote(status=Status.REQUESTED, edition=2), 2, AFTER) is None


@pytest.mark.rule("PLC-051")
def test_all_faults_of_an_offer_are_told_at_once():
    offer = an_offer(
        premium=yuan("0.00"),
        rate_ppm=0,
        limits=(Limit(subject="建筑物", amount=Money(amount_minor=1, currency="USD")),) * 2,
        valid_until_on=date(2026, 3, 1),
    )
    with pytest.raises(rules.OfferFaulty) as refused:
        rules.receive(a_quote(status=Status.REQUESTED), offer, a_scheme(), "broker", DURING)
    assert {fault.pointer for fault in refused.value.faults} == {
        "/premium",
        "/rate_ppm",
        "/limits",
        "/limits/0/amount",
        "/limits/1/amount",
        "/valid_until_on",
    }


@pytest.mark.rule("PLC-056")
def test_a_revision_keeps_what_was_offered_before_and_needs_a_new_verification():
    quote = a_quote(status=Status.CLARIFYING, verified_by="second", verified_at=DURING)
    revised, fact = rules.revise(quote, an_offer(premium=yuan("28000.00")), a_scheme(), "broker", AFTER)
    assert revised.terms is not None
    assert [terms.premium for terms in revised.earlier] == [yuan("30000.00")]
    assert (revised.terms.premium, fact.revision, revised.verified_by) == (yuan("28000.00"), 2, "")


@pytest.mark.rule("PLC-057")
def test_silence_becomes_no_response_only_after_the_closing_instant():
    quote = a_quote(status=Status.ACKNOWLEDGED)
    assert rules.note_no_response(quote, CLOSES_AT) is None
    noted = rules.note_no_response(quote, CLOSES_AT + timedelta(milliseconds=1))
    assert noted is not None
    assert noted[0].status is Status.NO_RESPONSE
    assert rules.note_no_response(a_quote(status=Status.QUOTED), AFTER) is None


@pytest.mark.rule("PLC-052")
def test_who_recorded_the_terms_may_not_verify_them():
    with pytest.raises(rules.SecondPersonNeeded):
        rules.verify(a_quote(), 1, "broker", AFTER)
    verified, fact = rules.verify(a_quote(), 1, "second", AFTER)
    assert (verified.verified_by, fact.verifier_id) == ("second", "second")


@pytest.mark.rule("PLC-052")
def test_a_verification_names_the_revision_that_was_checked():
    with pytest.raises(rules.RevisionPassed):
        rules.verify(a_quote(terms=terms_of(revision=2)), 1, "second", AFTER)


@pytest.mark.rule("PLC-052")
def test_above_the_staff_tier_an_unverified_quote_is_not_shortlisted():
    quote = a_quote()
    with pytest.raises(rules.QuoteUnverified):
        rules.shortlist(quote, [quote], AFTER, verification_needed=True)
    verified = quote.but(verified_by="second", verified_at=AFTER)
    assert rules.shortlist(verified, [verified], AFTER, verification_needed=True)[0].status is Status.SHORTLISTED


@pytest.mark.rule("PLC-053")
def test_quotes_are_compared_at_once_when_nobody_can_answer_any_more():
    quote, silent = a_quote(), a_quote("quo-2", Status.REQUESTED)
    with pytest.raises(rules.EnquiryOpen):
        rules.shortlist(quote, [quote, silent], CLOSES_AT, verification_needed=False)
    assert rules.shortlist(quote, [quote, silent], AFTER, verification_needed=False)[0].status is Status.SHORTLISTED


@pytest.mark.rule("PLC-053")
def test_an_insurer_whose_terms_answer_an_older_edition_may_still_answer_until_the_closing():
    quote = a_quote(edition=2, terms=terms_of(edition=2))
    older, asked = a_quote("quo-2", Status.CLARIFYING, edition=2), a_quote("quo-3", Status.CLARIFYING)
    with pytest.raises(rules.EnquiryOpen) as refused:
        rules.shortlist(quote, [quote, older, asked], CLOSES_AT, verification_needed=False)
    assert refused.value.facts == {"open": 1}
    after, _ = rules.shortlist(quote, [quote, older, asked], AFTER, verification_needed=False)
    assert after.status is Status.SHORTLISTED


@pytest.mark.rule("PLC-053")
def test_a_quote_without_the_insurers_standing_is_not_shortlisted():
    quote = a_quote(standing=None)
    with pytest.raises(rules.ComparisonIncomplete):
        rules.shortlist(quote, [quote], AFTER, verification_needed=False)


@pytest.mark.rule("PLC-053")
def test_a_standing_that_cannot_be_right_is_refused_with_all_faults():
    standing = a_standing(
        solvency_bp=-1,
        solvency_as_of_on=date(2026, 3, 3),
        claims_authority=yuan("-1.00"),
        service_score=6,
        adjusters_score=0,
        payment_days=-1,
    )
    with pytest.raises(rules.OfferFaulty) as refused:
        rules.record_standing(a_quote(), standing, date(2026, 3, 2))
    assert len(refused.value.faults) == 6


@pytest.mark.rule("PLC-055")
def test_terms_are_valid_to_the_last_instant_of_their_date_in_shanghai():
    last = AFTER.replace(year=2026, month=4, day=15, hour=15, minute=59, second=59)
    rules.check_valid(a_quote(), last)
    with pytest.raises(rules.QuoteLapsed):
        rules.check_valid(a_quote(), last + timedelta(seconds=1))


@pytest.mark.rule("PLC-055")
def test_a_lapsed_quote_is_neither_shortlisted_nor_selected():
    late = AFTER.replace(month=4, day=16)
    with pytest.raises(rules.QuoteLapsed):
        rules.shortlist(a_quote(), [a_quote()], late, verification_needed=False)
    with pytest.raises(rules.QuoteLapsed):
        rules.select(a_quote(status=Status.SHORTLISTED), "pro-1", late)


@pytest.mark.rule("PLC-055")
@pytest.mark.parametrize("status", list(Status))
def test_only_open_terms_expire_and_only_after_their_date(status: Status):
    quote = a_quote(status=status)
    assert rules.expire(quote, VALID_UNTIL) is None
    expired = rules.expire(quote, VALID_UNTIL + timedelta(days=1))
    assert (expired is not None) == (status in ("quoted", "clarifying", "shortlisted"))


@pytest.mark.rule("PLC-068")
def test_a_decision_made_in_time_selects_a_quote_that_was_noted_as_expired_meanwhile():
    selected, _ = rules.select(a_quote(status=Status.EXPIRED), "pro-1", AFTER)
    assert (selected.status, selected.proposal_id) == (Status.SELECTED, "pro-1")


@pytest.mark.parametrize("status", list(Status))
def test_only_a_shortlisted_quote_is_rejected_when_another_is_chosen(status: Status):
    rejected = rules.reject(a_quote(status=status))
    assert (rejected is not None) == (status is Status.SHORTLISTED)


@pytest.mark.rule("PLC-078")
@pytest.mark.parametrize("status", list(Status))
def test_only_a_selected_quote_is_left_when_its_placement_binds_without_it(status: Status):
    left = rules.leave_selected(a_quote(status=status), "不在最终共保安排中")
    assert (left is not None) == (status is Status.SELECTED)


@pytest.mark.rule("PLC-054")
def test_restrictive_conditions_are_found():
    offer = an_offer(
        clauses=(
            a_clause(),
            a_clause("CON-1", ClauseKind.CONDITION, restrictive=True),
            a_clause("EXC-1", ClauseKind.EXCLUSION),
            a_clause("WAR-1", ClauseKind.WARRANTY),
        ),
        subjectivities=(a_subjectivity(),),
    )
    asked = a_scheme(clauses=(*a_scheme().clauses, a_clause("EXC-1", ClauseKind.EXCLUSION)))
    found = [(restriction.kind, restriction.text) for restriction in restrictions(offer, asked)]
    assert found == [("clause", "CON-1条款"), ("warranty", "WAR-1条款"), ("subjectivity", "提供消防验收报告")]


@pytest.mark.rule("PLC-054")
def test_shortfalls_against_the_scheme_are_found():
    offer = an_offer(
        limits=(Limit(subject="建筑物", amount=yuan("9999999.99")),),
        deductible=Deductible(amount=yuan("5000.00"), rate_bp=1000),
        clauses=(),
    )
    asked = a_scheme(limits=(*a_scheme().limits, Limit(subject="机器设备", amount=yuan("1.00"))))
    found = [(short.kind, short.subject, short.offered) for short in shortfalls(offer, asked)]
    assert found == [
        ("limit", "建筑物", yuan("9999999.99")),
        ("limit", "机器设备", None),
        ("deductible", "", yuan("5000.00")),
        ("deductible_rate", "", 1000),
        ("clause", "EXT-1条款", None),
    ]


@pytest.mark.rule("PLC-054")
def test_a_deductible_that_cannot_be_compared_with_the_one_asked_for_is_pointed_out():
    asked = Deductible(amount=Money(amount_minor=1_000_000, currency="USD"))
    [short] = shortfalls(an_offer(), a_scheme(deductible=asked))
    assert (short.kind, short.requested, short.offered) == ("deductible", asked.amount, yuan("2000.00"))


@pytest.mark.rule("PLC-054")
def test_an_offer_that_meets_the_scheme_has_nothing_to_point_out():
    assert restrictions(an_offer(), a_scheme()) == ()
    assert shortfalls(an_offer(), a_scheme()) == ()
