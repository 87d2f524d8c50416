"""Who answers to whom, and when a mail may reach him."""

from datetime import date

import pytest

from contracts.personal import EmailAddress
from services.clients.clients.model import TeamRole
from services.notifications.people.model import Post, User
from services.notifications.people.rules import nearest_holder
from services.notifications.preferences.model import Preferences
from services.notifications.preferences.rules import next_digest, not_before
from services.notifications.subjects.model import Client, Member
from tests.support.notifications import shanghai

TODAY = date(2026, 3, 2)
DEFAULTS = Preferences(id="ann", branch="hq")


def a_user(user_id: str, role: str, branch: str = "gd", **changes: object) -> User:
    post = Post(branch_id=branch, roles=(role,), from_on=date(2020, 1, 1))
    told = {"id": user_id, "name": user_id, "email": EmailAddress("a@b.example"), "assignments": (post,)}
    return User(**told | changes)  # type: ignore[arg-type]


@pytest.mark.rule("NTF-008")
def test_the_supervisor_of_the_nearest_branch_is_found_first():
    users = [a_user("far", "SUP", "hq"), a_user("near", "SUP", "gd"), a_user("other", "BM", "gd")]
    found = nearest_holder("SUP", users, ["gd", "hq"], TODAY)
    assert found is not None
    assert found.id == "near"


@pytest.mark.rule("NTF-008")
def test_nobody_is_his_own_superior_and_the_disabled_are_passed_over():
    users = [a_user("ann", "SUP"), a_user("bob", "SUP", enabled=False), a_user("sue", "SUP", "hq")]
    found = nearest_holder("SUP", users, ["gd", "hq"], TODAY, but="ann")
    assert found is not None
    assert found.id == "sue"


@pytest.mark.rule("NTF-008")
def test_a_post_counts_only_while_it_lasts():
    post = Post(branch_id="gd", roles=("SUP",), from_on=date(2026, 3, 3), until_on=date(2026, 3, 4))
    users = [a_user("ann", "SUP", assignments=(post,))]
    held = [nearest_holder("SUP", users, ["gd"], date(2026, 3, day)) is not None for day in (2, 3, 4, 5)]
    assert held == [False, True, True, False]


def test_a_client_is_served_by_the_account_manager_before_others():
    seats = [("bo", "broker"), ("al", "broker"), ("di", "director"), ("ed", "executive"), ("mia", "manager")]
    assert {role for _, role in seats} == set(TeamRole)
    team = tuple(Member(user_id=user, role=role) for user, role in (*seats, ("last", "executive")))
    served = [Client(id="c", code="C", team=team[:seated]).served_by() for seated in range(len(team) + 1)]
    assert served == [None, "bo", "bo", "di", "ed", "mia", "mia"]


@pytest.mark.rule("NTF-032")
@pytest.mark.parametrize(
    ("now", "sent"),
    [
        ("2026-03-02 19:59", "2026-03-02 19:59"),
        ("2026-03-02 20:00", "2026-03-03 08:00"),
        ("2026-03-03 00:00", "2026-03-03 08:00"),
        ("2026-03-03 07:59", "2026-03-03 08:00"),
        ("2026-03-03 08:00", "2026-03-03 08:00"),
    ],
)
def test_a_mail_waits_for_the_end_of_the_quiet_hours(now: str, sent: str):
    assert not_before(DEFAULTS, shanghai(now)) == shanghai(sent)


@pytest.mark.rule("NTF-032")
def test_quiet_hours_may_lie_within_a_day_or_not_be_at_all():
    noon = DEFAULTS.but(quiet_from="12:00", quiet_until="14:00")
    assert not_before(noon, shanghai("2026-03-02 13:00")) == shanghai("2026-03-02 14:00")
    assert not_before(noon, shanghai("2026-03-02 23:00")) == shanghai("2026-03-02 23:00")
    never = DEFAULTS.but(quiet_from="08:00", quiet_until="08:00")
    assert not_before(never, shanghai("2026-03-02 23:00")) == shanghai("2026-03-02 23:00")


@pytest.mark.rule("NTF-033")
def test_the_next_digest_is_the_coming_half_past_eight():
    assert next_digest(DEFAULTS, shanghai("2026-03-02 07:00")) == shanghai("2026-03-02 08:30")
    assert next_digest(DEFAULTS, shanghai("2026-03-02 08:30")) == shanghai("2026-03-03 08:30")
