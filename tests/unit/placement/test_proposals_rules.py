"""What may happen to a proposal, and what the client's acceptance must say."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from chassis.moves import IllegalMove, move
from chassis.papers import Head
from contracts.money import yuan
from services.placement.authority.model import Tier
from services.placement.authority.rules import OwnWork
from services.placement.proposals import rules
from services.placement.proposals.completeness import gaps
from services.placement.proposals.model import MOVES, Advice, Proposal, RecommendedLine, Status
from services.placement.proposals.paper import paper_of
from services.placement.quotes.comparison import compare
from services.placement.quotes.model import Status as QuoteStatus
from services.placement.quotes.shortfalls import restrictions
from tests.support.placement_terms import (
    AFTER,
    VALID_UNTIL,
    a_proposal,
    a_quote,
    a_scheme,
    a_subjectivity,
    an_acceptance,
    an_advice,
    an_offer,
    an_offer_of,
    terms_of,
)

TODAY = date(2026, 3, 11)
DECIDED = an_acceptance().decided_at
DRAWN = {
    "draft": "draft internal_review",
    "internal_review": "draft approved",
    "approved": "sent superseded",
    "sent": "discussing accepted declined expired superseded",
    "discussing": "sent declined expired superseded",
    "expired": "accepted superseded",
}


@pytest.mark.parametrize(("origin", "target"), list(product(Status, Status)))
def test_a_proposal_moves_as_drawn_and_no_other_way(origin: Status, target: Status):
    proposal = a_proposal(origin)
    if target in DRAWN.get(origin, "").split():
        assert move(proposal, MOVES, target).status is target
    else:
        with pytest.raises(IllegalMove):
            move(proposal, MOVES, target)


Act = Callable[[Proposal], Any]
ACTS: dict[str, tuple[Act, str, str]] = {
    "change": (lambda p: rules.change(p, p.advice, p.offers, p.comparison, "second"), "draft", "draft"),
    "submit": (
        lambda p: rules.submit(p, Tier.SUPERVISOR, "broker", TODAY, natural_person=False),
        "draft",
        "internal_review",
    ),
    "approve": (lambda p: rules.approve(p, Tier.SUPERVISOR, "boss"), "internal_review", "approved"),
    "send_back": (lambda p: rules.send_back(p, "boss", "理由不足"), "internal_review", "draft"),
    "send": (lambda p: rules.send(p, date(2026, 3, 20), ("doc-1",), AFTER), "approved", "sent"),
    "discuss": (lambda p: rules.discuss(p, "免赔额?"), "sent", "discussing"),
    "answer": (lambda p: rules.answer(p, "已答复"), "discussing", "sent"),
    "accept": (
        lambda p: rules.accept(p, an_acceptance(), AFTER.replace(day=12)),
        "sent expired",
        "accepted",
    ),
    "decline": (lambda p: rules.decline(p, "价格"), "sent discussing", "declined"),
    "supersede": (lambda p: rules.supersede(p, "pro-2"), "approved sent discussing expired", "superseded"),
}


@pytest.mark.parametrize(("name", "status"), list(product(ACTS, Status)))
def test_each_step_is_taken_from_its_own_states_only(name: str, status: Status):
    act, origins, target = ACTS[name]
    if status in origins.split():
        after, fact = act(a_proposal(status))
        assert after.status == target
        assert fact.proposal_id == "pro-1"
    else:
        with pytest.raises((IllegalMove, rules.EditionSuperseded)):
            act(a_proposal(status))


@pytest.mark.rule("PLC-060")
def test_a_proposal_needs_an_offer():
    with pytest.raises(rules.NothingToPropose):
        rules.draft(a_proposal(offers=()))


@pytest.mark.rule("PLC-061", "PLC-063", "PLC-064")
def test_everything_that_is_missing_is_told_at_once():
    with pytest.raises(rules.ProposalIncomplete) as refused:
        rules.submit(a_proposal(advice=Advice()), Tier.STAFF, "broker", TODAY, natural_person=True)
    assert {fault.pointer for fault in refused.value.faults} == {
        "/advice/recommendation",
        "/advice/reasons",
        "/advice/related_parties",
        "/advice/remuneration",
        "/advice/suitability",
    }


@pytest.mark.rule("PLC-064")
def test_suitability_is_for_natural_persons():
    assert gaps(a_proposal(), TODAY, natural_person=False) == []
    assert [fault.pointer for fault in gaps(a_proposal(), TODAY, natural_person=True)] == ["/advice/suitability"]


@pytest.mark.rule("PLC-062")
def test_shortfalls_of_what_is_recommended_must_be_explained():
    offer = an_offer(subjectivities=(a_subjectivity(),))
    terms = terms_of(offer, restrictions=restrictions(offer, a_scheme()))
    short = an_offer_of(a_quote("quo-1", QuoteStatus.SHORTLISTED, terms=terms))
    proposal = a_proposal(offers=(short,), advice=an_advice(shortfall_advice=" "))
    assert [fault.pointer for fault in gaps(proposal, TODAY, natural_person=False)] == ["/advice/shortfall_advice"]
    other = proposal.but(
        offers=(short, an_offer_of(a_quote("quo-2"))),
        advice=an_advice(
            shortfall_advice="", recommendation=(RecommendedLine(quote_id="quo-2", share_bp=10_000, lead=True),)
        ),
    )
    assert gaps(other, TODAY, natural_person=False) == []


@pytest.mark.rule("PLC-076")
@pytest.mark.parametrize(
    "lines",
    [
        [("quo-1", 9_999, True)],
        [("quo-1", 6_000, True), ("quo-2", 4_001, False)],
        [("quo-1", 6_000, True), ("quo-2", 4_000, True)],
        [("quo-1", 6_000, False), ("quo-2", 4_000, False)],
        [("quo-1", 10_000, True), ("quo-2", 0, False)],
    ],
)
def test_recommended_shares_total_exactly_one_hundred_percent_under_one_lead(lines: list[tuple[str, int, bool]]):
    recommendation = tuple(RecommendedLine(quote_id=quote, share_bp=share, lead=lead) for quote, share, lead in lines)
    proposal = a_proposal(advice=an_advice(recommendation=recommendation))
    assert [fault.pointer for fault in gaps(proposal, TODAY, natural_person=False)] == ["/advice/recommendation"]


def test_only_offers_of_the_proposal_are_recommended():
    recommendation = (RecommendedLine(quote_id="quo-9", share_bp=10_000, lead=True),)
    found = gaps(a_proposal(advice=an_advice(recommendation=recommendation)), TODAY, natural_person=False)
    assert [fault.pointer for fault in found] == ["/advice/recommendation"]


@pytest.mark.rule("PLC-055")
def test_a_lapsed_offer_is_not_submitted():
    found = gaps(a_proposal(), VALID_UNTIL + timedelta(days=1), natural_person=False)
    assert [fault.pointer for fault in found] == ["/offers/quo-1", "/offers/quo-2"]


def test_nobody_who_wrote_in_a_proposal_reviews_it():
    changed, _ = rules.change(a_proposal(), an_advice(), a_proposal().offers, a_proposal().comparison, "second")
    submitted, _ = rules.submit(changed, Tier.SUPERVISOR, "third", TODAY, natural_person=False)
    for maker in ("broker", "second", "third"):
        with pytest.raises(OwnWork):
            rules.approve(submitted, Tier.SUPERVISOR, maker)
        with pytest.raises(OwnWork):
            rules.send_back(submitted, maker, "x")
    assert rules.approve(submitted, Tier.SUPERVISOR, "boss")[0].reviewer_id == "boss"


def test_the_dearest_offer_decides_the_tier():
    offers = [
        an_offer_of(a_quote(terms=terms_of(an_offer(premium=yuan(amount))))) for amount in ("3.00", "5.00", "4.00")
    ]
    assert rules.highest_premium(offers) == yuan("5.00")


@pytest.mark.rule("PLC-066")
def test_every_offer_is_valid_at_the_answer_date_which_is_not_over():
    approved = a_proposal("approved")
    assert rules.send(approved, VALID_UNTIL, ("doc-1",), AFTER)[0].answer_until_on == VALID_UNTIL
    with pytest.raises(rules.OfferLapses) as refused:
        rules.send(approved, VALID_UNTIL + timedelta(days=1), ("doc-1",), AFTER)
    assert len(refused.value.faults) == 2
    with pytest.raises(rules.AnswerDatePast):
        rules.send(approved, date(2026, 3, 9), ("doc-1",), AFTER)


@pytest.mark.rule("PLC-066")
def test_the_paper_shows_only_what_is_valid_at_the_answer_date():
    short = terms_of(
        an_offer(valid_until_on=date(2026, 3, 16), subjectivities=(a_subjectivity(),)),
        restrictions=restrictions(an_offer(subjectivities=(a_subjectivity(),)), a_scheme()),
    )
    quotes = (a_quote("quo-1", QuoteStatus.SHORTLISTED), a_quote("quo-3", terms=short))
    sent = a_proposal("sent", comparison=compare(quotes, a_scheme(), AFTER))
    head = Head(broker="保桥", branch="总公司", language="zh", number="BP-1", dated_on=TODAY, client="云泽嘉垣")
    paper = paper_of(sent, head)
    assert [offer.insurer for offer in paper.offers] == ["保险公司quo-1"]
    assert all(len(row.cells) == 1 for row in paper.comparison)
    assert (paper.restrictions, [silent.insurer for silent in paper.unanswered]) == ((), ["保险公司quo-3"])


@pytest.mark.rule("PLC-067", "PLC-072")
def test_an_acceptance_names_edition_insurers_and_disclosure():
    wrong = an_acceptance(edition=2, quote_ids=("quo-1", "quo-9"), disclosure_statement=" ", exclusions_explained=False)
    with pytest.raises(rules.AcceptanceFaulty) as refused:
        rules.accept(a_proposal("sent"), wrong, DECIDED)
    assert {fault.pointer for fault in refused.value.faults} == {
        "/edition",
        "/quote_ids/1",
        "/disclosure_statement",
        "/exclusions_explained",
    }


@pytest.mark.rule("PLC-068")
def test_an_acceptance_after_a_chosen_quotes_validity_is_refused_by_the_instant_of_the_decision():
    last = AFTER.replace(month=4, day=15, hour=15, minute=59, second=59)
    much_later = last + timedelta(days=30)
    sent = a_proposal("sent", answer_until_on=date(2026, 5, 30))
    accepted, fact = rules.accept(sent, an_acceptance(decided_at=last), much_later)
    assert (accepted.status, fact.accepted_at, fact.quote_ids) == (Status.ACCEPTED, last, ["quo-1"])
    with pytest.raises(rules.QuoteExpiredAtDecision):
        rules.accept(sent, an_acceptance(decided_at=last + timedelta(seconds=1)), much_later)


@pytest.mark.rule("PLC-068")
def test_a_quote_that_was_not_chosen_may_have_lapsed():
    short = an_offer_of(a_quote("quo-2", terms=terms_of(valid_until_on=date(2026, 3, 10))))
    sent = a_proposal("sent", offers=(a_proposal().offers[0], short))
    decided = AFTER + timedelta(days=2)
    assert rules.accept(sent, an_acceptance(decided_at=decided), decided)[0].acceptance is not None


@pytest.mark.rule("PLC-068")
def test_an_answer_after_the_answer_date_is_refused_however_early_it_is_recorded():
    late = AFTER.replace(day=18)
    with pytest.raises(rules.AnswerLate):
        rules.accept(a_proposal("sent"), an_acceptance(decided_at=late), late)
    last = AFTER.replace(day=17, hour=15, minute=59)
    expired = a_proposal("expired")
    assert rules.accept(expired, an_acceptance(decided_at=last), late)[0].status is Status.ACCEPTED


@pytest.mark.rule("PLC-069")
@pytest.mark.parametrize("decided_at", [AFTER - timedelta(seconds=1), DECIDED + timedelta(seconds=1)])
def test_a_decision_lies_between_the_sending_and_now(decided_at: Any):
    with pytest.raises(rules.DecisionOutOfTime):
        rules.accept(a_proposal("sent"), an_acceptance(decided_at=decided_at), DECIDED)


@pytest.mark.rule("PLC-070")
def test_a_superseded_edition_is_not_accepted_and_an_edition_only_once():
    with pytest.raises(rules.EditionSuperseded):
        rules.accept(a_proposal("superseded"), an_acceptance(), DECIDED)
    with pytest.raises(IllegalMove):
        rules.accept(a_proposal("accepted"), an_acceptance(), DECIDED)


@pytest.mark.rule("PLC-071")
@pytest.mark.parametrize("status", list(Status))
def test_a_proposal_with_the_client_expires_after_the_answer_date(status: Status):
    proposal = a_proposal(status)
    assert rules.expire(proposal, date(2026, 3, 17)) is None
    expired = rules.expire(proposal, date(2026, 3, 18))
    assert (expired is not None) == (status in ("sent", "discussing"))
