"""How a registered project starts, is won or lost, and is closed."""

from datetime import timedelta

import pytest

from contracts.clients import ProjectActivated, ProjectWon
from contracts.money import yuan
from services.clients.projects import progress
from services.clients.projects import refusals as no
from services.clients.projects.model import PROTECTED, Costs, LostReason, Status
from tests.support.clients_projects import BUDGET, in_status, ready
from tests.support.clients_work import NOW


@pytest.mark.rule("CLI-069")
def test_a_project_starts_when_team_timetable_and_budget_stand():
    active, fact = progress.activate(ready(), "am", NOW)
    assert active.status == Status.ACTIVE
    assert isinstance(fact, ProjectActivated)
    assert [member.user_id for member in fact.team] == ["am"]


@pytest.mark.rule("CLI-069")
def test_everything_that_is_missing_for_the_start_is_told_at_once():
    with pytest.raises(no.NotReady) as refused:
        progress.activate(in_status(Status.REGISTERED, budget=BUDGET.but(approved=False)), "am", NOW)
    assert [fault.pointer for fault in refused.value.faults] == ["/team", "/timetable", "/budget"]


@pytest.mark.rule("CLI-065")
def test_an_unprotected_project_does_not_start():
    with pytest.raises(no.ProtectionOver):
        progress.activate(ready(), "am", NOW + timedelta(days=91))


@pytest.mark.rule("CLI-070")
def test_the_first_cover_wins_an_active_project():
    won = progress.cover(in_status(Status.ACTIVE), "pol-1", "system", NOW)
    assert won is not None
    assert (won[0].status, won[0].policy_id, type(won[1])) == (Status.WON, "pol-1", ProjectWon)
    assert progress.cover(won[0], "pol-2", "system", NOW) is None


@pytest.mark.rule("CLI-070")
def test_cover_before_the_start_wins_the_project_when_it_starts():
    covered = progress.cover(ready(), "pol-1", "system", NOW)
    assert covered is not None
    assert covered[0].status == Status.REGISTERED
    won, *facts = progress.activate(covered[0], "am", NOW + timedelta(days=100))
    assert (won.status, [type(fact) for fact in facts]) == (Status.WON, [ProjectActivated, ProjectWon])


@pytest.mark.rule("CLI-070")
@pytest.mark.parametrize("status", sorted(set(Status) - PROTECTED))
def test_cover_changes_nothing_that_is_not_under_way(status: Status):
    assert progress.cover(in_status(status), "pol-1", "system", NOW) is None


@pytest.mark.rule("CLI-070")
def test_a_lost_project_has_a_reason_code_and_other_needs_words():
    lost, fact = progress.lose(in_status(Status.ACTIVE), LostReason.PRICE, "", "am", NOW)
    assert (lost.status, lost.lost_reason, lost.steps[-1].reason) == (Status.LOST, LostReason.PRICE, "price")
    assert fact.model_dump()["reason"] == "price"
    with pytest.raises(no.ReasonMissing):
        progress.lose(in_status(Status.ACTIVE), LostReason.OTHER, "", "am", NOW)


@pytest.mark.rule("CLI-070")
def test_a_won_project_is_closed_with_costs_and_review():
    won = in_status(Status.WON)
    with pytest.raises(no.CostsMissing):
        progress.close(won, "客户看重理赔服务", "am", NOW)
    costs = Costs(amount=yuan("480.00"), reference="记-12", posted_by="fin", posted_at=NOW)
    posted, _ = progress.post_costs(won, costs)
    closed, _ = progress.close(posted, "客户看重理赔服务", "am", NOW)
    assert (closed.status, closed.review) == (Status.CLOSED, "客户看重理赔服务")


@pytest.mark.rule("CLI-070")
@pytest.mark.parametrize("status", [status for status in Status if status != Status.WON])
def test_costs_are_posted_for_what_was_won(status: Status):
    with pytest.raises(no.NotWon):
        progress.post_costs(
            in_status(status), Costs(amount=yuan("1.00"), reference="x", posted_by="fin", posted_at=NOW)
        )
