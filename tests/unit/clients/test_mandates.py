"""How a mandate comes into force and ends."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from chassis.clock import business_date
from chassis.moves import IllegalMove, move
from contracts.clients import MandateActivated, MandateSigned
from contracts.money import yuan
from contracts.personal import PersonName
from contracts.shared import LineFamily
from services.clients.clients.model import Kind as ClientKind
from services.clients.clients.refusals import ContactNotFound
from services.clients.mandates import rules
from services.clients.mandates.model import MOVES, Authority, FeeBasis, FeeTerms, Kind, Mandate, Status
from tests.support.clients_work import NOW, TODAY, a_client, a_mandate, mandate_terms, signatures


def in_review(**told: Any) -> Mandate:
    return rules.submit(a_mandate(**told), "ae", NOW)[0]


def passed(**told: Any) -> Mandate:
    return rules.review(in_review(**told), True, "", "com", NOW)[0]


def active(**told: Any) -> Mandate:
    return rules.sign(passed(**told), signatures(), "ae", NOW)[0]


@pytest.mark.rule("CLI-054")
@pytest.mark.parametrize(
    "told",
    [{"authority": Authority.FULL}, {"services": "客户就全部保险事务全权委托经纪人"}],
    ids=["declared", "in words"],
)
def test_a_full_authority_mandate_is_refused(told: dict[str, Any]):
    with pytest.raises(rules.FullAuthorityRefused):
        rules.check_terms(mandate_terms(**told))


@pytest.mark.rule("CLI-055")
def test_all_faults_of_the_terms_are_told_at_once():
    terms = mandate_terms(line_families=(), services=" ", until_on=date(2025, 12, 31), fee=FeeTerms(basis=FeeBasis.FEE))
    with pytest.raises(rules.TermsFaulty) as refused:
        rules.check_terms(terms)
    assert [fault.pointer for fault in refused.value.faults] == [
        "/terms/line_families",
        "/terms/services",
        "/terms/until_on",
        "/terms/fee",
    ]


@pytest.mark.rule("CLI-055")
@pytest.mark.parametrize(
    ("fee", "accepted"),
    [
        (FeeTerms(basis=FeeBasis.COMMISSION), True),
        (FeeTerms(basis=FeeBasis.COMMISSION, fee=yuan("1.00")), False),
        (FeeTerms(basis=FeeBasis.FEE, fee=yuan("30000.00")), True),
        (FeeTerms(basis=FeeBasis.BOTH, text="按保费的 1% 收取"), True),
        (FeeTerms(basis=FeeBasis.BOTH), False),
        (FeeTerms(basis=FeeBasis.FEE, fee=yuan("0.00")), False),
    ],
)
def test_the_fee_fits_its_basis(fee: FeeTerms, accepted: bool):
    if accepted:
        rules.check_terms(mandate_terms(fee=fee))
    else:
        with pytest.raises(rules.TermsFaulty):
            rules.check_terms(mandate_terms(fee=fee))


@pytest.mark.rule("CLI-055")
def test_one_line_family_named_twice_is_a_fault():
    with pytest.raises(rules.TermsFaulty):
        rules.check_terms(mandate_terms(line_families=(LineFamily.MOTOR, LineFamily.MOTOR)))


@pytest.mark.rule("CLI-055")
def test_only_a_draft_is_edited_and_the_editor_becomes_an_author():
    edited, fact = rules.edit(a_mandate(), mandate_terms(services="协助索赔"), "am")
    assert (edited.terms.services, edited.authors, fact.status) == ("协助索赔", ("ae", "am"), "draft")
    with pytest.raises(rules.MandateFixed):
        rules.edit(in_review(), mandate_terms(), "am")


@pytest.mark.rule("CLI-056")
def test_what_is_before_compliance_is_not_submitted_again():
    with pytest.raises(rules.MandateFixed):
        rules.submit(in_review(), "ae", NOW)


@pytest.mark.rule("CLI-056")
@pytest.mark.parametrize("author", ["ae", "am"])
def test_no_author_reviews_his_own_mandate(author: str):
    mandate = in_review(authors=("ae", "am"))
    with pytest.raises(rules.ReviewedByAuthor):
        rules.review(mandate, True, "", author, NOW)


@pytest.mark.rule("CLI-056")
def test_a_mandate_that_compliance_did_not_pass_is_not_signed():
    with pytest.raises(rules.ReviewMissing):
        rules.sign(in_review(), signatures(), "ae", NOW)
    with pytest.raises(rules.NotInReview):
        rules.review(a_mandate(), True, "", "com", NOW)


@pytest.mark.rule("CLI-072")
def test_a_returned_mandate_is_a_draft_again_with_the_reason():
    with pytest.raises(rules.ReasonMissing):
        rules.review(in_review(), False, " ", "com", NOW)
    returned, fact = rules.review(passed(), False, "范围不清", "com", NOW)
    assert (returned.status, returned.passed, returned.steps[-1].reason) == (Status.DRAFT, False, "范围不清")
    assert fact.status == "draft"


@pytest.mark.rule("CLI-058")
@pytest.mark.parametrize(
    ("from_on", "status"),
    [(TODAY, Status.ACTIVE), (TODAY + timedelta(days=1), Status.SIGNED)],
    ids=["today", "tomorrow"],
)
def test_a_signed_mandate_is_in_force_from_its_first_day(from_on: date, status: Status):
    signed, *facts = rules.sign(passed(terms={"from_on": from_on}), signatures(), "ae", NOW)
    assert signed.status == status
    kinds = [MandateSigned, MandateActivated] if status == Status.ACTIVE else [MandateSigned]
    assert [type(fact) for fact in facts] == kinds


@pytest.mark.rule("CLI-057")
def test_the_mandate_is_signed_when_the_second_side_has_signed():
    earlier = NOW - timedelta(days=2)
    _, fact, *_ = rules.sign(passed(), signatures(client_signed_at=earlier), "ae", NOW)
    assert fact.signed_at == NOW


@pytest.mark.rule("CLI-056")
@pytest.mark.parametrize(("seconds", "accepted"), [(59, True), (-1, False), (-86_400 * 900, False)])
def test_both_sides_have_not_signed_before_compliance_passed_it(seconds: int, accepted: bool):
    signed_at = NOW.replace(second=0) + timedelta(seconds=seconds)
    told = signatures(client_signed_at=signed_at, broker_signed_at=signed_at)
    mandate = passed().but(reviewed_at=NOW.replace(second=59))
    if accepted:
        assert rules.sign(mandate, told, "ae", NOW.replace(second=59))[0].signatures == told
    else:
        with pytest.raises(rules.SignedOutOfTime):
            rules.sign(mandate, told, "ae", NOW.replace(second=59))


@pytest.mark.rule("CLI-057")
@pytest.mark.parametrize("side", ["client_signed_at", "broker_signed_at"])
def test_nobody_signs_in_the_future(side: str):
    with pytest.raises(rules.SignedOutOfTime) as refused:
        rules.sign(passed(), signatures(**{side: NOW + timedelta(minutes=1)}), "ae", NOW)
    assert [fault.pointer for fault in refused.value.faults] == [f"/{side}"]


@pytest.mark.rule("CLI-057")
@pytest.mark.parametrize(("days", "accepted"), [(0, True), (-1, False)])
def test_a_mandate_is_signed_on_its_last_day_but_not_after_it(days: int, accepted: bool):
    mandate = passed(terms={"until_on": TODAY + timedelta(days=days)})
    if accepted:
        assert rules.sign(mandate, signatures(), "ae", NOW)[0].status == Status.ACTIVE
    else:
        with pytest.raises(rules.SignedOutOfTime):
            rules.sign(mandate, signatures(client_signed_at=NOW - timedelta(days=9)), "ae", NOW)


@pytest.mark.rule("CLI-057")
def test_for_a_company_a_contact_signs_who_may():
    company = a_client()
    rules.check_signatory(company, "c-sign")
    with pytest.raises(rules.NotASignatory):
        rules.check_signatory(company, "c-other")
    with pytest.raises(ContactNotFound):
        rules.check_signatory(company, "stranger")
    with pytest.raises(rules.SignatoryMissing):
        rules.check_signatory(company, None)


@pytest.mark.rule("CLI-057")
def test_an_individual_may_sign_himself():
    person = a_client(kind=ClientKind.INDIVIDUAL, name=None, person_name=PersonName("孙三"), identity=None)
    rules.check_signatory(person, None)


@pytest.mark.rule("CLI-059")
@pytest.mark.parametrize(("days", "told"), [(31, False), (30, True), (0, True)])
def test_the_end_is_told_thirty_days_before_and_once(days: int, told: bool):
    mandate = active(terms={"until_on": TODAY + timedelta(days=days)})
    warned = rules.warn(mandate, TODAY)
    assert (warned is not None) is told
    if warned:
        assert rules.warn(warned[0], TODAY) is None


@pytest.mark.rule("CLI-059")
def test_a_mandate_runs_through_its_last_day():
    mandate = active(terms={"until_on": TODAY})
    assert rules.expire(mandate, "system", NOW) is None
    after = NOW + timedelta(days=1)
    expired = rules.expire(mandate, "system", after)
    assert expired is not None
    assert (expired[0].status, expired[1].ended_on, expired[1].reason) == (Status.EXPIRED, TODAY, "expired")


@pytest.mark.rule("CLI-059")
@pytest.mark.parametrize("from_on", [TODAY, TODAY + timedelta(days=9)], ids=["active", "signed"])
def test_one_side_can_end_it_before(from_on: date):
    signed, *_ = rules.sign(passed(terms={"from_on": from_on}), signatures(), "ae", NOW)
    ended, fact = rules.terminate(signed, "客户改换经纪人", "f2", "am", NOW)
    assert (ended.status, fact.ended_on, ended.steps[-1].evidence_id) == (Status.TERMINATED, business_date(NOW), "f2")


@pytest.mark.rule("CLI-060")
@pytest.mark.parametrize(
    ("other", "overlap"),
    [
        ({}, True),
        ({"line_families": (LineFamily.MOTOR,)}, True),
        ({"line_families": (LineFamily.CARGO,)}, False),
        ({"kind": Kind.LETTER}, False),
        ({"from_on": date(2026, 12, 31), "until_on": date(2027, 12, 30)}, True),
        ({"from_on": date(2027, 1, 1), "until_on": date(2027, 12, 31)}, False),
    ],
)
def test_contracts_overlap_in_line_family_and_time(other: dict[str, Any], overlap: bool):
    one, two = a_mandate(), a_mandate(id="m2", terms=other)
    assert rules.overlaps(one, two) is rules.overlaps(two, one) is overlap
    assert not rules.overlaps(one, one)


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)))
def test_a_mandate_moves_only_as_drawn(before: Status, after: Status):
    mandate = a_mandate(status=before)
    if after in MOVES[before]:
        assert move(mandate, MOVES, after).status == after
    else:
        with pytest.raises(IllegalMove):
            move(mandate, MOVES, after)


@pytest.mark.parametrize("status", [status for status in Status if status != Status.ACTIVE])
def test_the_clock_leaves_alone_what_is_not_in_force(status: Status):
    mandate = a_mandate(status=status, terms={"until_on": TODAY - timedelta(days=1)})
    assert rules.warn(mandate, TODAY) is None
    assert rules.expire(mandate, "system", NOW) is None
