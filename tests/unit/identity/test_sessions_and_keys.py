"""What a refresh token is worth, and which key signs when."""

from datetime import UTC, datetime, timedelta

import pytest

from services.identity.keys import rules as keys
from services.identity.keys.model import SigningKey
from services.identity.sessions.model import Session
from services.identity.sessions.rules import Refresh, judge
from services.identity.users.model import Status
from tests.support.identity import a_user

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def a_session(**more) -> Session:
    told = {
        "id": "s1",
        "user_id": "u1",
        "session_epoch": 0,
        "current": "new",
        "used": ("old",),
        "began_at": NOW,
        "ends_at": NOW + DAY,
    }
    return Session(**(told | more))


def a_key(number: int, signs_from: datetime) -> SigningKey:
    return SigningKey(number=number, kid=str(number), public={}, sealed_private="", signs_from=signs_from)


@pytest.mark.rule("IDN-020")
@pytest.mark.parametrize(
    ("token", "session", "user", "worth"),
    [
        ("new", {}, {}, Refresh.GOOD),
        ("old", {}, {}, Refresh.STOLEN),
        ("guess", {}, {}, Refresh.WORTHLESS),
        ("new", {"ends_at": NOW}, {}, Refresh.WORTHLESS),
        ("new", {}, {"status": Status.DISABLED}, Refresh.WORTHLESS),
        ("new", {}, {"session_epoch": 1}, Refresh.WORTHLESS),
    ],
)
def test_a_refresh_token_is_good_once_for_a_user_who_may_sign_in(token: str, session: dict, user: dict, worth: Refresh):
    assert judge(a_session(**session), token, a_user(**user), NOW) is worth


@pytest.mark.rule("IDN-020")
def test_the_token_of_a_user_who_is_gone_is_worthless():
    assert judge(a_session(), "new", None, NOW) is Refresh.WORTHLESS


@pytest.mark.rule("IDN-021")
def test_the_next_key_is_published_an_hour_before_it_signs():
    only = [a_key(1, NOW)]
    ends = NOW + keys.SIGNS_FOR
    assert keys.next_signs_from([], NOW) == NOW
    assert keys.next_signs_from(only, ends - timedelta(hours=1, seconds=1)) is None
    assert keys.next_signs_from(only, ends - timedelta(hours=1)) == ends
    assert keys.next_signs_from(only, ends + DAY) == ends + DAY + timedelta(hours=1)
    both = [*only, a_key(2, ends)]
    assert keys.next_signs_from(both, ends) is None
    assert (keys.signing(both, ends - timedelta(seconds=1)).number, keys.signing(both, ends).number) == (1, 2)


@pytest.mark.rule("IDN-021")
def test_an_old_key_stays_until_its_last_token_is_dead():
    both = [a_key(1, NOW), a_key(2, NOW + DAY)]
    assert keys.dead(both, NOW + DAY + timedelta(minutes=59)) == []
    assert [key.number for key in keys.dead(both, NOW + DAY + timedelta(hours=1))] == [1]


@pytest.mark.rule("IDN-021")
def test_a_process_whose_clock_is_behind_signs_with_the_first_key():
    assert keys.signing([a_key(1, NOW)], NOW - timedelta(milliseconds=3)).number == 1
