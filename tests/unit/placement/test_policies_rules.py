"""What may happen to a policy, how it is checked, and what was in force when."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from chassis.moves import IllegalMove, move
from contracts.money import yuan
from contracts.placement import PolicyDiscrepancyFound, PolicyInForce, PolicyVerified
from services.placement.enquiries.model import Deductible
from services.placement.policies import rules
from services.placement.policies.checklist import checklist
from services.placement.policies.model import MOVES, AcceptedDifference, Check, Finding, Policy, Status
from services.placement.policies.rules import Milestone
from tests.support.placement_terms import ENDS_ON, STARTS_ON, a_cover, a_document, a_mark, a_policy

BEFORE = datetime(2026, 3, 23, 1, 0, tzinfo=UTC)
DURING = datetime(2026, 4, 3, 1, 0, tzinfo=UTC)
DRAWN = {
    "bound": "bound policy_awaited policy_received void",
    "policy_awaited": "policy_awaited policy_received void",
    "policy_received": "policy_received checking void",
    "checking": "checking discrepant verified in_force void",
    "discrepant": "discrepant policy_awaited verified in_force void",
    "verified": "verified in_force void",
    "in_force": "in_force expired void",
}


@pytest.mark.parametrize(("origin", "target"), list(product(Status, Status)))
def test_a_policy_moves_as_drawn_and_no_other_way(origin: Status, target: Status):
    policy = a_policy(origin)
    if target in DRAWN.get(origin, "").split():
        assert move(policy, MOVES, target).status is target
    else:
        with pytest.raises(IllegalMove):
            move(policy, MOVES, target)


def agreed(policy: Policy, **differs: str) -> list[Finding]:
    """Findings that agree on every item but those named, with their notes."""
    return [
        Finding(key=item.key, agrees=item.key not in differs, note=differs.get(item.key, ""))
        for item in policy.checks[-1].items
    ]


def checking(**changes: Any) -> Policy:
    """A policy that the checker has begun to check."""
    return rules.start_check(a_policy("policy_received", **changes), "checker", BEFORE)[0]


def discrepant() -> Policy:
    """A policy whose premium differs."""
    policy = checking()
    return rules.conclude_check(policy, agreed(policy, premium="保单保费为 31,000 元"), "checker", BEFORE)[0]


def in_state(status: Status) -> Policy:
    """A policy in a state, with what that state carries."""
    if status == "checking":
        return checking()
    if status == "discrepant":
        return discrepant()
    return a_policy(status)


ACCEPTED = AcceptedDifference(contact_id="con-1", decided_at=BEFORE, evidence_id="file-6")
OPEN = "bound policy_awaited policy_received checking discrepant verified in_force"
Act = Callable[[Policy], Any]
ACTS: dict[str, tuple[Act, str, str]] = {
    "chase": (lambda p: rules.chase(p, BEFORE), "bound policy_awaited discrepant", "policy_awaited"),
    "receive": (lambda p: rules.receive(p, a_document(), BEFORE.date()), "bound policy_awaited", "policy_received"),
    "start_check": (lambda p: rules.start_check(p, "checker", BEFORE), "policy_received", "checking"),
    "conclude_check": (
        lambda p: rules.conclude_check(p, agreed(p) if p.checks else [], "checker", BEFORE),
        "checking",
        "verified",
    ),
    "accept_difference": (
        lambda p: rules.accept_difference(p, ACCEPTED, BEFORE),
        "discrepant",
        "verified",
    ),
    "void": (lambda p: rules.void(p, "投保人撤销"), OPEN, "void"),
}


@pytest.mark.parametrize(("name", "status"), list(product(ACTS, Status)))
def test_each_step_is_taken_from_its_own_states_only(name: str, status: Status):
    act, origins, target = ACTS[name]
    if status in origins.split():
        after, fact, *_ = act(in_state(status))
        assert after.status == target
        assert fact.policy_id == "pol-1"
    else:
        with pytest.raises(IllegalMove):
            act(in_state(status))


@pytest.mark.parametrize(("milestone", "status"), list(product(Milestone, Status)))
def test_milestones_are_recorded_until_the_policy_ends_with_or_without_the_paper(milestone: Milestone, status: Status):
    if status in OPEN.split():
        after, fact = rules.reach_milestone(a_policy(status), milestone, a_mark())
        assert (after.status, getattr(after, milestone), fact.policy_id) == (status, a_mark(), "pol-1")  # type: ignore[attr-defined]
    else:
        with pytest.raises(rules.PolicyEnded):
            rules.reach_milestone(a_policy(status), milestone, a_mark())


@pytest.mark.rule("PLC-093")
@pytest.mark.parametrize("status", list(Status))
def test_a_policy_goes_to_the_client_only_after_it_was_checked(status: Status):
    if status in ("verified", "in_force"):
        assert rules.deliver(a_policy(status), a_mark())[1].delivered_on == a_mark().on
    else:
        with pytest.raises(rules.NotVerified):
            rules.deliver(a_policy(status), a_mark())


@pytest.mark.rule("PLC-093")
def test_a_delivery_is_not_dated_before_the_check():
    checked_at = datetime(2026, 4, 2, 16, 0, tzinfo=UTC)
    check = Check(checker_id="checker", started_at=checked_at, items=(), concluded_at=checked_at)
    checked = a_policy("verified", checks=(check,))
    assert rules.deliver(checked, a_mark(date(2026, 4, 3)))[0].delivered == a_mark(date(2026, 4, 3))
    with pytest.raises(rules.DeliveredUnchecked, match="2026-04-03"):
        rules.deliver(checked, a_mark(date(2026, 4, 2)))


@pytest.mark.rule("PLC-096")
def test_a_milestone_is_recorded_once_on_a_day_between_the_binding_and_today():
    marked, _ = rules.reach_milestone(a_policy("in_force"), Milestone.MANUAL, a_mark())
    with pytest.raises(rules.RecordedBefore):
        rules.reach_milestone(marked, Milestone.MANUAL, a_mark())
    for wrong in (date(2026, 3, 12), date(2026, 4, 4)):
        with pytest.raises(rules.MarkOutOfTime):
            rules.reach_milestone(a_policy("in_force"), Milestone.MANUAL, a_mark(wrong))


@pytest.mark.rule("PLC-090")
@pytest.mark.parametrize("today", [date(2026, 3, 12), date(2026, 3, 19)])
def test_a_document_comes_between_the_binding_and_today(today: date):
    with pytest.raises(rules.ReceivedOutOfTime):
        rules.receive(a_policy(), a_document(), today)


@pytest.mark.rule("PLC-091")
def test_who_placed_the_risk_does_not_check_its_policy_and_one_person_checks():
    with pytest.raises(rules.SecondPersonNeeded):
        rules.start_check(a_policy("policy_received"), "broker", BEFORE)
    policy = checking()
    with pytest.raises(rules.NotTheChecker):
        rules.conclude_check(policy, agreed(policy), "another", BEFORE)


@pytest.mark.rule("PLC-092")
def test_the_checklist_has_everything_that_the_client_accepted():
    cover = a_cover(deductible=Deductible(amount=yuan("2000.00"), rate_bp=1000))
    assert [(item.key, item.expected) for item in checklist(cover)] == [
        ("insured-1", "云泽嘉垣装备制造有限公司"),
        ("insurer-ins-quo-1", 6000),
        ("insurer-ins-2", 4000),
        ("starts_on", "2026-04-01"),
        ("ends_on", "2027-03-31"),
        ("premium", yuan("30000.00")),
        ("limit-1", yuan("10000000.00")),
        ("deductible", yuan("2000.00")),
        ("deductible_rate", 1000),
        ("clause-1", "EXT-1条款"),
        ("exclusion-2", "EXC-1条款"),
        ("special_condition-1", "提供消防验收报告"),
        ("nothing_else", None),
    ]


@pytest.mark.rule("PLC-092")
def test_every_item_is_answered_once_and_a_difference_says_what_the_document_says():
    policy = checking()
    findings = [finding for finding in agreed(policy, premium=" ") if finding.key != "starts_on"]
    findings += [Finding(key="unknown", agrees=True), Finding(key="deductible", agrees=True)]
    with pytest.raises(rules.CheckIncomplete) as refused:
        rules.conclude_check(policy, findings, "checker", BEFORE)
    assert {fault.pointer for fault in refused.value.faults} == {
        "/findings/starts_on",
        "/findings/premium/note",
        "/findings/unknown",
        "/findings/deductible",
    }


@pytest.mark.rule("PLC-092")
def test_a_difference_makes_the_policy_discrepant_and_names_the_items():
    policy = checking()
    after, fact = rules.conclude_check(policy, agreed(policy, premium="31,000", deductible="5,000"), "checker", BEFORE)
    assert isinstance(fact, PolicyDiscrepancyFound)
    assert (after.status, fact.items) == (Status.DISCREPANT, ["premium", "deductible"])


def test_a_checked_policy_waits_for_its_inception():
    policy = checking()
    verified, fact, *more = rules.conclude_check(policy, agreed(policy), "checker", BEFORE)
    assert isinstance(fact, PolicyVerified)
    assert (verified.status, more, verified.cover.number, verified.versions) == (
        Status.VERIFIED,
        [],
        "PAR2026000001",
        2,
    )
    assert rules.begin(verified, STARTS_ON - timedelta(days=1)) is None
    begun = rules.begin(verified, STARTS_ON)
    assert begun is not None
    assert (begun[0].status, begun[1].number) == (Status.IN_FORCE, "PAR2026000001")


def test_a_policy_that_is_checked_after_inception_is_in_force_at_once():
    policy = checking()
    begun, verified, in_force = rules.conclude_check(policy, agreed(policy), "checker", DURING)
    assert (begun.status, verified.type, in_force.type) == (Status.IN_FORCE, PolicyVerified.type, PolicyInForce.type)


@pytest.mark.rule("PLC-094")
def test_the_client_may_accept_a_difference_in_writing():
    verified, *_ = rules.accept_difference(discrepant(), ACCEPTED, BEFORE)
    assert verified.cover.differences == ("premium: 保单保费为 31,000 元",)
    for wrong in (BEFORE - timedelta(seconds=1), BEFORE + timedelta(seconds=1)):
        with pytest.raises(rules.DecisionOutOfTime):
            rules.accept_difference(discrepant(), ACCEPTED.but(decided_at=wrong), BEFORE)


@pytest.mark.rule("PLC-095")
def test_cover_runs_from_inception_to_the_last_day_with_or_without_the_paper():
    days = (STARTS_ON - timedelta(days=1), STARTS_ON, ENDS_ON, ENDS_ON + timedelta(days=1))
    assert [a_policy("policy_awaited").on_risk(day) for day in days] == [False, True, True, False]
    assert not a_policy("void").on_risk(STARTS_ON)


@pytest.mark.rule("PLC-098")
@pytest.mark.parametrize("status", list(Status))
def test_a_policy_in_force_expires_after_its_last_day(status: Status):
    assert rules.expire(a_policy(status), ENDS_ON) is None
    expired = rules.expire(a_policy(status), ENDS_ON + timedelta(days=1))
    assert (expired is not None) == (status is Status.IN_FORCE)


@pytest.mark.rule("PLC-097")
def test_the_version_in_force_on_a_day_is_the_newest_that_had_taken_effect():
    bound = rules.version_of(a_policy(), "bound", "system", BEFORE)
    later = bound.but(id="pol-1/2", number=2, effective_on=date(2026, 9, 1), cause="endorsed")
    versions = [later, bound]
    days = {
        date(2026, 3, 31): None,
        STARTS_ON: 1,
        date(2026, 8, 31): 1,
        date(2026, 9, 1): 2,
        ENDS_ON: 2,
        date(2027, 4, 1): None,
    }
    for day, number in days.items():
        found = rules.in_force_on(versions, day)
        assert (found.number if found else None) == number, day


@pytest.mark.rule("PLC-097")
def test_nothing_was_in_force_of_a_void_policy():
    bound = rules.version_of(a_policy(), "bound", "system", BEFORE)
    voided, _ = rules.void(a_policy(), "投保人撤销")
    gone = rules.version_of(voided, "voided", "compliance", DURING)
    assert (gone.id, gone.void) == ("pol-1/2", True)
    assert rules.in_force_on([bound, gone], date(2026, 5, 1)) is None
