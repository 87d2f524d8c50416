"""The lifecycle of an enquiry, move by move."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from chassis.moves import IllegalMove, move
from contracts.money import Money, yuan
from contracts.shared import LineFamily
from services.placement.authority.model import Tier
from services.placement.enquiries import rules
from services.placement.enquiries.completeness import EnquiryIncomplete, TooFewInsurers, incomplete, notices
from services.placement.enquiries.model import (
    MOVES,
    Amendment,
    CloseReason,
    Consent,
    Content,
    Counted,
    Deductible,
    Enquiry,
    Fiscal,
    Information,
    Limit,
    Remuneration,
    Review,
    Risk,
    Security,
    Status,
    Subscription,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CLOSES_AT = NOW + timedelta(days=7)
PANEL = ["ins-1", "ins-2", "ins-3"]
DRAWN = {
    (Status.DRAFTING, Status.DRAFTING),
    (Status.DRAFTING, Status.INTERNAL_REVIEW),
    (Status.INTERNAL_REVIEW, Status.DRAFTING),
    (Status.INTERNAL_REVIEW, Status.CLIENT_CONSENT),
    (Status.CLIENT_CONSENT, Status.READY),
    (Status.READY, Status.ISSUED),
    (Status.ISSUED, Status.ISSUED),
    (Status.ISSUED, Status.CLOSED),
    (Status.CLOSED, Status.CONVERTED),
    (Status.CLOSED, Status.FAILED),
} | {
    (before, Status.WITHDRAWN) for before in Status if before not in (Status.CONVERTED, Status.FAILED, Status.WITHDRAWN)
}


def some_content(**changes: Any) -> Content:
    """Everything that insurers need."""
    told: dict[str, Any] = {
        "risk": Risk(
            insured=["云泽嘉垣"],
            situation=["深圳市澜桥大道1号"],
            starts_on=date(2026, 5, 1),
            ends_on=date(2027, 4, 30),
            limits=[Limit(subject="建筑物", amount=yuan("1000000.00"))],
        ),
        "information": Information(notes="近五年无赔款"),
        "security": Security(minimum_solvency_bp=15000),
        "subscription": Subscription(valid_days=30),
        "fiscal": Fiscal(payment="一次付清"),
        "remuneration": Remuneration(statement="由承保公司支付佣金"),
    }
    return Content(**(told | changes))


def a_consent(at: datetime = NOW) -> Consent:
    return Consent(contact_id="con-1", consented_at=at, file_id="f", recorded_by="ann")


def an_enquiry(status: Status = Status.DRAFTING, **changes: Any) -> Enquiry:
    told: dict[str, Any] = {
        "id": "e",
        "branch": "hq",
        "number": "EQ-HQ-2026-00001",
        "client_id": "c",
        "project_id": "p",
        "questionnaire_id": "q",
        "line": "property_all_risks",
        "line_family": LineFamily.PROPERTY,
        "line_zh": "财产一切险",
        "line_en": "Property all risks",
        "handler_id": "ann",
        "makers": ["ann"],
        "content": some_content(),
        "premium_estimate": yuan("30000.00"),
        "status": status,
    }
    return Enquiry(**(told | changes))


def an_approved(at: datetime = NOW) -> Enquiry:
    review = Review(reviewer_id="sue", tier=Tier.SUPERVISOR, decided_at=at, approved=True)
    return an_enquiry(Status.CLIENT_CONSENT, reviews=[review])


def an_issued(panel: list[str] | None = None) -> Enquiry:
    ready = an_enquiry(Status.READY, consent=a_consent())
    return rules.issue(ready, panel or PANEL, CLOSES_AT, "doc-1", "ann", NOW)[0]


def an_amendment(**changes: Any) -> Amendment:
    return Amendment(**({"content": some_content(), "changes": ["改"]} | changes))


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)))
def test_an_enquiry_moves_only_as_it_is_drawn(before: Status, after: Status):
    if (before, after) in DRAWN:
        assert move(an_enquiry(before), MOVES, after).status is after
    else:
        with pytest.raises(IllegalMove):
            move(an_enquiry(before), MOVES, after)


@pytest.mark.rule("SYS-011")
def test_everybody_who_writes_in_a_draft_is_one_of_its_makers():
    changed, fact = rules.change(an_enquiry(), {"premium_estimate": yuan("1.00")}, "bob")
    again, _ = rules.change(changed, {}, "ann")
    assert (again.makers, again.premium_estimate, fact.enquiry_id) == (["ann", "bob"], yuan("1.00"), "e")


def test_of_a_section_only_the_fields_that_were_sent_change():
    before = some_content(clauses=[])
    after = rules.revise(before, {"risk": Risk(notes="新"), "schedule_ids": ["s"], "fiscal": Fiscal(payment="分期")})
    assert (after.risk, after.fiscal.payment) == (before.risk.but(notes="新"), "分期")
    assert (after.schedule_ids, after.security) == (["s"], before.security)


@pytest.mark.rule("PLC-026")
@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"risk": some_content().risk.but(insured=[])}, "/risk/insured"),
        ({"risk": some_content().risk.but(situation=[])}, "/risk/situation"),
        ({"risk": some_content().risk.but(starts_on=None)}, "/risk/starts_on"),
        ({"risk": some_content().risk.but(ends_on=None)}, "/risk/ends_on"),
        ({"risk": some_content().risk.but(ends_on=date(2026, 4, 30))}, "/risk/ends_on"),
        ({"risk": some_content().risk.but(limits=[])}, "/risk/limits"),
        ({"fiscal": Fiscal(currency="USD", payment="一次")}, "/risk/limits"),
        ({"information": Information()}, "/information"),
        ({"security": Security()}, "/security"),
        ({"subscription": Subscription()}, "/subscription/valid_days"),
        ({"fiscal": Fiscal()}, "/fiscal/payment"),
        ({"remuneration": Remuneration()}, "/remuneration/statement"),
    ],
)
def test_what_insurers_need_is_there_before_the_review(changes: dict[str, Any], pointer: str):
    lacking = an_enquiry(content=some_content(**changes))
    assert [fault.pointer for fault in incomplete(lacking)] == [pointer]
    with pytest.raises(EnquiryIncomplete):
        rules.submit(lacking, Tier.STAFF, Counted(amount=yuan("1.00")), "ann")
    assert [notice["pointer"] for notice in notices(lacking)] == [pointer]


@pytest.mark.rule("PLC-026")
def test_a_schedule_stands_for_situation_and_sums():
    bare = some_content().risk.but(situation=[], limits=[])
    assert incomplete(an_enquiry(content=some_content(risk=bare, schedule_ids=["s"]))) == []


@pytest.mark.rule("PLC-026")
def test_a_draft_without_premium_estimate_is_not_submitted():
    with pytest.raises(EnquiryIncomplete):
        rules.submit(an_enquiry(premium_estimate=None), Tier.STAFF, None, "ann")


@pytest.mark.rule("PLC-012")
def test_a_submitted_draft_waits_for_its_tier():
    submitted, fact = rules.submit(an_enquiry(), Tier.SUPERVISOR, Counted(amount=yuan("30000.00")), "bob")
    assert (submitted.status, submitted.tier, submitted.makers) == (
        Status.INTERNAL_REVIEW,
        Tier.SUPERVISOR,
        ["ann", "bob"],
    )
    assert (fact.tier, fact.premium_estimate) == ("supervisor", yuan("30000.00"))


def test_a_review_is_kept_whichever_way_it_goes():
    in_review = an_enquiry(Status.INTERNAL_REVIEW, tier=Tier.STAFF)
    back, returned = rules.send_back(in_review, Tier.SUPERVISOR, "sue", "补充", NOW)
    assert (back.status, back.tier, back.reviews[0].reason, returned.reviewer_id) == (
        Status.DRAFTING,
        None,
        "补充",
        "sue",
    )
    good, approved = rules.approve(in_review, Tier.SUPERVISOR, "sue", NOW)
    assert (good.status, good.tier, good.reviews[0].approved) == (Status.CLIENT_CONSENT, Tier.SUPERVISOR, True)
    assert approved.reviewer_id == "sue"


@pytest.mark.rule("PLC-028")
def test_consent_makes_it_ready():
    ready, fact = rules.consent(an_approved(), a_consent(), NOW)
    assert (ready.status, ready.consent, fact.consented_at) == (Status.READY, a_consent(), NOW)


@pytest.mark.rule("PLC-027")
@pytest.mark.parametrize("at", [NOW - timedelta(seconds=1), NOW + timedelta(hours=2)])
def test_consent_is_not_older_than_the_review_nor_in_the_future(at: datetime):
    with pytest.raises(rules.ConfirmationOutOfTime):
        rules.consent(an_approved(), a_consent(at), NOW + timedelta(hours=1))


@pytest.mark.rule("PLC-029")
def test_an_enquiry_goes_to_two_insurers_at_least():
    ready = an_enquiry(Status.READY, consent=a_consent())
    with pytest.raises(TooFewInsurers):
        rules.issue(ready, ["ins-1", "ins-1"], CLOSES_AT, "doc", "ann", NOW)
    assert [notice["rule"] for notice in notices(an_issued(PANEL[:2]))] == ["PLC-029"]
    assert notices(an_issued()) == []


@pytest.mark.rule("PLC-031")
def test_the_closing_instant_lies_ahead_of_the_issue():
    ready = an_enquiry(Status.READY, consent=a_consent())
    with pytest.raises(rules.ClosingPassed):
        rules.issue(ready, PANEL, NOW, "doc", "ann", NOW)


def test_the_first_edition_is_kept_as_it_was_issued():
    issued = an_issued()
    assert (issued.status, issued.edition, issued.editions[0].content) == (Status.ISSUED, 1, some_content())
    with pytest.raises(IllegalMove):
        rules.issue(issued, PANEL, CLOSES_AT, "doc", "ann", NOW)
    with pytest.raises(IllegalMove):
        rules.amend(an_enquiry(Status.READY), an_amendment(), "doc", "ann", NOW)


@pytest.mark.rule("PLC-032")
def test_a_later_closing_time_needs_no_consent():
    later = CLOSES_AT + timedelta(days=2)
    amended, fact = rules.amend(an_issued(), an_amendment(closes_at=later), "doc-2", "ann", NOW)
    assert (amended.edition, amended.closes_at, fact.insurer_ids) == (2, later, PANEL)
    assert [(edition.number, edition.document_id) for edition in amended.editions] == [(1, "doc-1"), (2, "doc-2")]


@pytest.mark.rule("PLC-032")
def test_changed_content_needs_the_clients_consent_to_the_change():
    changed = some_content(information=Information(notes="近五年一次赔款"))
    with pytest.raises(rules.ConsentMissing):
        rules.amend(an_issued(), an_amendment(content=changed), "doc-2", "ann", NOW)
    old = an_amendment(content=changed, consent=a_consent(NOW - timedelta(days=1)))
    with pytest.raises(rules.ConfirmationOutOfTime):
        rules.amend(an_issued(), old, "doc-2", "ann", NOW)
    given = a_consent(NOW + timedelta(hours=1))
    amended, _ = rules.amend(
        an_issued(), an_amendment(content=changed, consent=given), "doc-2", "ann", NOW + timedelta(hours=2)
    )
    assert (amended.content, amended.editions[0].content, amended.editions[1].consent) == (
        changed,
        some_content(),
        given,
    )


@pytest.mark.rule("PLC-032")
def test_an_amendment_changes_something():
    with pytest.raises(rules.NothingAmended):
        rules.amend(an_issued(), an_amendment(closes_at=CLOSES_AT), "doc-2", "ann", NOW)


@pytest.mark.rule("PLC-026")
def test_an_amendment_leaves_it_complete():
    lacking = an_amendment(content=some_content(fiscal=Fiscal()), consent=a_consent())
    with pytest.raises(EnquiryIncomplete):
        rules.amend(an_issued(), lacking, "doc-2", "ann", NOW)


@pytest.mark.rule("PLC-031")
def test_an_enquiry_is_amended_until_its_closing_instant_to_one_that_lies_ahead():
    later = an_amendment(closes_at=CLOSES_AT + timedelta(days=2))
    assert rules.amend(an_issued(), later, "doc-2", "ann", CLOSES_AT)[0].edition == 2
    with pytest.raises(rules.EnquiryOver):
        rules.amend(an_issued(), later, "doc-2", "ann", CLOSES_AT + timedelta(seconds=1))
    with pytest.raises(rules.ClosingPassed):
        rules.amend(an_issued(), an_amendment(closes_at=NOW), "doc-2", "ann", NOW + timedelta(hours=1))


@pytest.mark.rule("PLC-033")
def test_it_closes_after_its_closing_instant_or_when_all_have_answered():
    assert rules.close(an_issued(), PANEL[:2], CLOSES_AT) is None
    timely = rules.close(an_issued(), PANEL, NOW)
    late = rules.close(an_issued(), [], CLOSES_AT + timedelta(milliseconds=1))
    assert timely is not None
    assert late is not None
    assert (timely[0].close_reason, late[0].close_reason) == (CloseReason.ALL_ANSWERED, CloseReason.CLOSING_TIME)
    assert rules.close(timely[0], PANEL, CLOSES_AT) is None


@pytest.mark.rule("PLC-033")
def test_nobody_closes_it_early_by_hand():
    with pytest.raises(rules.StillOpen) as refused:
        rules.close_by_hand(an_issued(), PANEL[:1], CLOSES_AT)
    assert "2 insurer" in refused.value.say("en")
    assert rules.close_by_hand(an_issued(), PANEL, NOW)[0].status is Status.CLOSED
    with pytest.raises(IllegalMove):
        rules.close_by_hand(an_enquiry(), [], NOW)


def test_the_first_proposal_converts_it_and_later_ones_do_not():
    converted = rules.convert(an_enquiry(Status.CLOSED), "pro-1")
    assert converted is not None
    assert (converted[0].status, converted[0].proposal_id) == (Status.CONVERTED, "pro-1")
    assert rules.convert(converted[0], "pro-2") is None
    assert rules.convert(an_enquiry(Status.WITHDRAWN), "pro-1") is None


def test_it_is_given_up_with_a_reason():
    gone, withdrawn = rules.withdraw(an_issued(), "客户取消")
    assert (gone.status, gone.given_up_for, withdrawn.reason) == (Status.WITHDRAWN, "客户取消", "客户取消")
    failed, _ = rules.fail(an_enquiry(Status.CLOSED), "无可用报价")
    assert (failed.status, failed.given_up_for) == (Status.FAILED, "无可用报价")


@pytest.mark.rule("PLC-026")
def test_one_currency_runs_through_an_enquiry():
    dollars = Limit(subject="设备", amount=Money(amount_minor=100, currency="USD"))
    risk = some_content().risk.but(limits=[dollars])
    content = some_content(risk=risk, fiscal=Fiscal(currency="USD", payment="一次"))
    assert incomplete(an_enquiry(content=content)) == []
    bears = content.but(risk=risk.but(deductible=Deductible(amount=yuan("1000.00"))))
    assert [fault.pointer for fault in incomplete(an_enquiry(content=bears))] == ["/risk/deductible"]


@pytest.mark.rule("PLC-025")
def test_a_draft_tells_which_of_its_fields_take_no_more():
    risk = some_content().risk.but(insured=[f"第{n}有限公司" for n in range(50)])
    draft = an_enquiry(content=some_content(risk=risk))
    assert [(notice["rule"], notice["pointer"]) for notice in notices(draft)] == [("PLC-025", "/risk/insured")]
    assert incomplete(draft) == []
