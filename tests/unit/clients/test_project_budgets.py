"""Who may approve an expense budget, and who reports to whom."""

from datetime import date, timedelta

import pytest

from contracts.money import Money, yuan
from contracts.shared import LineFamily
from services.clients.people.model import Post, Tier, User
from services.clients.people.rules import highest_tier, posts_on
from services.clients.projects import budgets
from services.clients.projects import refusals as no
from services.clients.projects.budgets import MatrixRow
from services.clients.projects.model import Project, Status
from tests.support.clients_work import NOW, TODAY, a_matrix, a_project


def asked(amount: str = "20000.00") -> Project:
    project = a_project(status=Status.REGISTERED)
    return budgets.ask_budget(project, yuan(amount), "方案制作", a_matrix(), "am", NOW)[0]


@pytest.mark.rule("CLI-067")
@pytest.mark.parametrize(
    ("amount", "tier"),
    [
        ("0.00", Tier.STAFF),
        ("2000.00", Tier.STAFF),
        ("2000.01", Tier.SUPERVISOR),
        ("20000.00", Tier.SUPERVISOR),
        ("20000.01", Tier.BRANCH_HEAD),
        ("50000.01", Tier.GENERAL_MANAGER),
    ],
)
def test_the_matrix_names_the_tier_and_limits_belong_to_the_lower_one(amount: str, tier: Tier):
    assert budgets.tier_for(a_matrix(), LineFamily.PROPERTY, yuan(amount)) == tier


@pytest.mark.rule("CLI-067")
def test_a_line_with_rows_of_its_own_is_judged_by_them_and_one_without_any_by_the_general_manager():
    own = MatrixRow(line_family="cargo", above=None, up_to=None, tier=Tier.SUPERVISOR)
    matrix = a_matrix(rows=(own,))
    assert budgets.tier_for(matrix, LineFamily.CARGO, yuan("1.00")) == Tier.SUPERVISOR
    assert budgets.tier_for(matrix, LineFamily.MOTOR, yuan("1.00")) == Tier.GENERAL_MANAGER


@pytest.mark.rule("CLI-067")
def test_the_matrix_that_began_last_decides():
    old, new = a_matrix(id="old", from_on=date(2025, 1, 1)), a_matrix(id="new")
    corrected = a_matrix(id="corrected", activated_at=NOW + timedelta(minutes=1))
    coming = a_matrix(id="coming", from_on=TODAY + timedelta(days=1))
    assert budgets.in_force([coming, new, old], TODAY).id == "new"
    assert budgets.in_force([corrected, new], TODAY).id == "corrected"
    with pytest.raises(no.NoExpenseMatrix):
        budgets.in_force([coming, a_matrix(activated_at=None)], TODAY)


@pytest.mark.rule("CLI-067")
@pytest.mark.parametrize("amount", [Money(amount_minor=-1), Money(amount_minor=100, currency="USD")])
def test_a_budget_is_in_cny_and_not_below_zero(amount: Money):
    with pytest.raises(no.BudgetInvalid):
        budgets.ask_budget(a_project(status=Status.REGISTERED), amount, "x", a_matrix(), "am", NOW)


@pytest.mark.rule("CLI-067")
@pytest.mark.parametrize("status", list(Status))
def test_a_budget_is_asked_for_from_submission_until_it_is_won(status: Status):
    project = a_project(status=status)
    if status in (Status.SUBMITTED, Status.CONFLICTED, Status.REGISTERED, Status.ACTIVE):
        budget = budgets.ask_budget(project, yuan("1.00"), "x", a_matrix(), "am", NOW)[0].budget
        assert budget is not None
        assert (budget.tier, budget.matrix_id) == (Tier.STAFF, "mx1")
    else:
        with pytest.raises(no.ProjectFixed):
            budgets.ask_budget(project, yuan("1.00"), "x", a_matrix(), "am", NOW)


@pytest.mark.rule("CLI-067")
@pytest.mark.parametrize(
    ("held", "accepted"),
    [
        (None, False),
        (Tier.STAFF, False),
        (Tier.SUPERVISOR, True),
        (Tier.BRANCH_HEAD, True),
        (Tier.GENERAL_MANAGER, True),
    ],
)
def test_the_tier_or_a_higher_one_approves(held: Tier | None, accepted: bool):
    if accepted:
        approved, fact = budgets.decide_budget(asked(), True, "", held, False, "sup", NOW)
        assert approved.budget is not None
        assert (approved.budget.approved, fact.model_dump()["approver_id"]) == (True, "sup")
    else:
        with pytest.raises(no.TierTooLow):
            budgets.decide_budget(asked(), True, "", held, False, "sup", NOW)


@pytest.mark.rule("SYS-011")
def test_nobody_approves_the_budget_that_he_asked_for():
    with pytest.raises(no.SameHands):
        budgets.decide_budget(asked(), True, "", Tier.GENERAL_MANAGER, False, "am", NOW)


@pytest.mark.rule("CLI-068")
def test_somebody_who_reports_to_the_requester_does_not_approve():
    with pytest.raises(no.SubordinateDecides):
        budgets.decide_budget(asked(), True, "", Tier.GENERAL_MANAGER, True, "sup", NOW)


@pytest.mark.rule("CLI-072")
def test_a_budget_is_refused_with_a_reason_and_decided_once():
    with pytest.raises(no.ReasonMissing):
        budgets.decide_budget(asked(), False, "", Tier.SUPERVISOR, False, "sup", NOW)
    refused, _ = budgets.decide_budget(asked(), False, "过高", Tier.SUPERVISOR, False, "sup", NOW)
    assert refused.budget is not None
    assert not refused.budget.approved
    with pytest.raises(no.NothingAsked):
        budgets.decide_budget(refused, True, "", Tier.SUPERVISOR, False, "sup", NOW)
    with pytest.raises(no.NothingAsked):
        budgets.decide_budget(a_project(), True, "", Tier.SUPERVISOR, False, "sup", NOW)


@pytest.mark.rule("CLI-061")
def test_a_post_counts_from_its_first_to_its_last_day_and_only_for_who_can_sign_in():
    post = Post(branch_id="gd", roles=("SUP",), from_on=TODAY, until_on=TODAY + timedelta(days=9))
    user = User(id="sup", branch="gd", name="sup", posts=(post,))
    held = [bool(posts_on(user, TODAY + timedelta(days=days))) for days in (-1, 0, 9, 10)]
    assert held == [False, True, True, False]
    assert posts_on(user.but(enabled=False), TODAY) == []


@pytest.mark.rule("CLI-067")
@pytest.mark.parametrize(
    ("roles", "tier"),
    [((), None), (("HR", "CSH"), None), (("AE",), Tier.STAFF), (("AM", "BM", "SUP"), Tier.BRANCH_HEAD)],
)
def test_the_highest_role_counts(roles: tuple[str, ...], tier: Tier | None):
    assert highest_tier([Post(branch_id="gd", roles=roles, from_on=TODAY)]) == tier
