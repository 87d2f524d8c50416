"""The rules of users, roles and the separation of duties."""

from datetime import date

import pytest

from chassis.moves import IllegalMove, move
from services.identity.roles.defaults import default_names, default_scopes, known_scopes
from services.identity.roles.model import Role
from services.identity.roles.rules import DutiesMixed, check_separation
from services.identity.roles.separation import pairs
from services.identity.users import rules
from services.identity.users.model import MOVES, Status
from tests.support.identity import a_branch, a_user, an_assignment

TODAY = date(2026, 3, 2)
BRANCHES = {name: a_branch(name) for name in ("hq", "gd", "zj")}


def a_role(code: str, *scopes: str, default: bool = True) -> Role:
    return Role(id=code, branch="hq", code=code, name=code, scopes=scopes, default=default)


ROLES = {
    "CSH": a_role("CSH", "receipts:write", "receipts:read", "notes:read"),
    "FIN": a_role("FIN", "receipts:approve", "receipts:read", "books:read"),
    "HR": a_role("HR", "employees:write"),
    "VIEW": a_role("VIEW", "notes:read", "books:read", default=False),
    "PAYER": a_role("PAYER", "receipts:write", default=False),
    "BOTH": a_role("BOTH", "receipts:write", "receipts:approve", default=False),
}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("target", list(Status))
def test_a_user_is_disabled_and_enabled_in_turns(status: Status, target: Status):
    user = a_user(status=status)
    if status is not target:
        assert move(user, MOVES, target).status is target
    else:
        with pytest.raises(IllegalMove):
            move(user, MOVES, target)


@pytest.mark.rule("IDN-011")
@pytest.mark.parametrize(
    ("held", "mixed"),
    [
        (["CSH", "HR"], False),
        (["CSH", "FIN"], True),
        (["VIEW", "CSH"], False),
        (["VIEW", "FIN"], False),
        (["PAYER", "FIN"], True),
        (["PAYER", "CSH"], False),
        (["BOTH"], True),
    ],
)
def test_a_role_of_our_own_counts_as_the_duty_that_it_carries(held: list[str], mixed: bool):
    if not mixed:
        check_separation(held, ROLES)
        return
    with pytest.raises(DutiesMixed):
        check_separation(held, ROLES)


@pytest.mark.rule("IDN-011")
@pytest.mark.parametrize(
    ("from_on", "until_on", "mixed"),
    [
        (date(2026, 3, 2), date(2026, 3, 31), False),
        (date(2026, 3, 2), date(2026, 4, 1), True),
        (date(2026, 6, 30), None, True),
        (date(2026, 7, 1), None, False),
    ],
)
def test_duties_are_mixed_only_where_the_periods_meet(from_on: date, until_on: date | None, mixed: bool):
    held = an_assignment("CSH", from_on=date(2026, 4, 1), until_on=date(2026, 6, 30))
    new = an_assignment("FIN", branch_id="zj", from_on=from_on, until_on=until_on)
    if not mixed:
        after, _ = rules.assign(a_user(held), new, "boss", None, TODAY, BRANCHES, ROLES)
        assert len(after.assignments) == 2
        return
    with pytest.raises(DutiesMixed):
        rules.assign(a_user(held), new, "boss", None, TODAY, BRANCHES, ROLES)


@pytest.mark.rule("IDN-014")
def test_the_grants_of_a_day_are_those_of_the_assignments_in_force_on_it():
    user = a_user(
        an_assignment("CSH", until_on=date(2026, 3, 2)),
        an_assignment("HR"),
        an_assignment("HR", branch_id="zj", from_on=date(2026, 3, 3)),
    )
    assert rules.grants(user, ROLES, date(2026, 3, 2)) == {
        "gd": {"receipts:write", "receipts:read", "notes:read", "employees:write"}
    }
    assert rules.grants(user, ROLES, date(2026, 3, 3)) == {"gd": {"employees:write"}, "zj": {"employees:write"}}


@pytest.mark.rule("IDN-013")
def test_past_rights_elsewhere_do_not_protect_an_account_and_future_ones_do():
    past = an_assignment("HR", branch_id="hq", until_on=date(2026, 3, 1))
    future = an_assignment("HR", branch_id="hq", from_on=date(2026, 9, 1))
    rules.disable(a_user(past), "boss", frozenset({"gd"}), TODAY)
    with pytest.raises(rules.AccountBeyondReach):
        rules.disable(a_user(past, future), "boss", frozenset({"gd"}), TODAY)


@pytest.mark.rule("IDN-015")
@pytest.mark.parametrize("password", ["elevenchars", "my name is U1 indeed", "the old password", "x" * 201])
def test_these_passwords_are_too_weak(password: str):
    with pytest.raises(rules.PasswordTooWeak) as refused:
        rules.check_password(password, "u1", "the old password")
    assert {fault.pointer for fault in refused.value.faults} == {"/new_password"}


def test_separated_roles_exist_and_the_administrator_approves_nothing():
    assert {code for pair in pairs() for code in (pair.one, pair.other)} <= set(default_names())
    verbs = {scope.partition(":")[2] for scope in default_scopes()["ADMIN"]}
    assert not any(word in verb for verb in verbs for word in ("approve", "review", "arbitrate", "confirm"))
    assert all(":" in scope for scope in known_scopes())


@pytest.mark.rule("IDN-011")
@pytest.mark.parametrize("business", ["AB", "AE", "AM", "AD"])
@pytest.mark.parametrize("control", ["CSH", "COM"])
def test_whoever_does_business_neither_handles_money_nor_is_compliance(business: str, control: str):
    roles = {name: a_role(name, *scopes) for name, scopes in default_scopes().items()}
    with pytest.raises(DutiesMixed):
        check_separation([business, control], roles)


@pytest.mark.rule("IDN-011")
@pytest.mark.parametrize("code", list(default_names()))
def test_no_default_role_mixes_duties_by_itself(code: str):
    roles = {name: a_role(name, *scopes) for name, scopes in default_scopes().items()}
    check_separation([code], roles)
