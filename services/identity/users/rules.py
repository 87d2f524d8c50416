"""What may happen to users, and who may do it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from chassis.moves import move
from chassis.refusals import Conflict, Fault, Forbidden, Invalid, Missing
from chassis.work import Reach
from contracts.identity import (
    Assignment,
    UserAdded,
    UserAssigned,
    UserChanged,
    UserDisabled,
    UserEnabled,
    UserSecretChanged,
)
from services.identity.branches.model import Branch
from services.identity.branches.rules import BranchNotFound, BranchOutOfReach, ClosedBranch
from services.identity.roles.model import Role
from services.identity.roles.rules import check_separation
from services.identity.users.model import MOVES, HeldAssignment, Status, User

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200


class UserNotFound(Missing):
    rule = "IDN-006"
    zh = "没有用户 {id}"
    en = "There is no user {id}"
    todo_zh = "请用 GET /users 查询您机构内的用户"
    todo_en = "Look the users of your branches up with GET /users"


class LoginTaken(Conflict):
    rule = "IDN-012"
    zh = "登录名已被使用"
    en = "Somebody else has this login"
    todo_zh = "请换一个登录名"
    todo_en = "Choose another login"


class OwnAccount(Forbidden):
    """Nobody decides on his own rights."""

    rule = "IDN-010"
    zh = "不能变更本人的账户权限"
    en = "Nobody changes the rights or the state of his own account"
    todo_zh = "请由另一位管理员办理"
    todo_en = "Ask another administrator"


class AccountBeyondReach(Forbidden):
    """The account has rights where the caller has none, so that he could gain them by taking it over."""

    rule = "IDN-013"
    zh = "该用户在您无权管理的机构持有角色"
    en = "This user holds roles in branches beyond your reach"
    todo_zh = "请由上级机构的管理员办理"
    todo_en = "Ask an administrator of a higher branch"


class RolesUnknown(Invalid):
    rule = "IDN-008"
    zh = "有不存在的角色"
    en = "There are roles that do not exist"
    todo_zh = "请用 GET /roles 查询角色"
    todo_en = "Look the roles up with GET /roles"


class AssignmentNotFound(Missing):
    rule = "IDN-006"
    zh = "该用户没有授权 {id}"
    en = "The user has no assignment {id}"
    todo_zh = "请重新读取该用户"
    todo_en = "Read the user again"


class AssignmentInThePast(Invalid):
    rule = "IDN-003"
    zh = "授权不能追溯:最早 {earliest}"
    en = "Rights are not given or taken with effect on the past; {earliest} at the earliest"
    todo_zh = "请填写不早于该日的日期"
    todo_en = "Send that date or a later one"


class PeriodReversed(Invalid):
    rule = "IDN-003"
    zh = "截止日期早于开始日期"
    en = "It would end before it begins"
    todo_zh = "请更正日期"
    todo_en = "Correct the dates"


class PasswordTooWeak(Invalid):
    rule = "IDN-015"
    zh = "密码不符合要求"
    en = "The password does not meet the rules"
    todo_zh = "请使用至少 12 个字符、不含登录名、与原密码不同的密码"
    todo_en = "Use at least 12 characters, not containing the login, and not the old password"


class SignInLocked(Forbidden):
    """Too many failures for this login, whether anybody has it or not."""

    rule = "IDN-017"
    zh = "连续失败次数过多,该登录名暂时锁定至 {until}"
    en = "Too many failures; this login is locked until {until}"
    todo_zh = "请在 15 分钟后重试,或请管理员重置密码"
    todo_en = "Try again after a quarter of an hour, or have the password reset"


class OldPasswordWrong(Forbidden):
    rule = "IDN-016"
    zh = "原密码不正确"
    en = "The old password is not right"
    todo_zh = "请重新输入原密码"
    todo_en = "Type the old password again"


class WrongKind(Invalid):
    """Passwords are for persons, generated secrets for service accounts."""

    rule = "IDN-018"
    zh = "密码仅用于人员,密钥仅用于服务账户"
    en = "Persons have passwords, service accounts have generated secrets"
    todo_zh = "人员请用 /password,服务账户请用 /secret"
    todo_en = "Use /password for persons, /secret for service accounts"


def add(user: User, reach: Reach, branches: Mapping[str, Branch]) -> tuple[User, UserAdded]:
    """A new user, without rights until some are assigned.

    Raises:
        BranchNotFound, BranchOutOfReach: the account's branch.

    Rule: IDN-006, IDN-012.
    """
    _check_branch(user.branch, reach, branches)
    return user, UserAdded(
        user_id=user.id, name=user.name, email=user.email, language=user.language, assignments=_told(user.assignments)
    )


def edit(
    user: User, changes: Mapping[str, Any], reach: Reach, today: date, branches: Mapping[str, Branch]
) -> tuple[User, UserChanged] | None:
    """Another name, address, language or branch of the account; None when nothing changes.

    Raises:
        AccountBeyondReach: the user holds rights that the caller does not administer.
        BranchNotFound, BranchOutOfReach: the new branch.

    Rule: IDN-006, IDN-013.
    """
    _check_account(user, reach, today)
    after = user.but(**changes)
    if after.branch != user.branch:
        _check_branch(after.branch, reach, branches)
    if after == user:
        return None
    return after, UserChanged(user_id=user.id, name=after.name, email=after.email, language=after.language)


def assign(
    user: User,
    new: HeldAssignment,
    actor_id: str,
    reach: Reach,
    today: date,
    branches: Mapping[str, Branch],
    roles: Mapping[str, Role],
) -> tuple[User, UserAssigned]:
    """Roles in a branch and everything below it.

    Raises:
        OwnAccount: the caller's own account.
        BranchNotFound, BranchOutOfReach, ClosedBranch: where the roles would hold.
        RolesUnknown: naming each.
        AssignmentInThePast, PeriodReversed: the dates.
        DutiesMixed: on some date one person would hold what is kept apart.

    Rule: IDN-003, IDN-006, IDN-008, IDN-010, IDN-011.
    """
    if user.id == actor_id:
        raise OwnAccount
    _check_branch(new.branch_id, reach, branches)
    if branches[new.branch_id].closed_on is not None:
        raise ClosedBranch(name=branches[new.branch_id].name)
    if unknown := [code for code in new.roles if code not in roles]:
        raise RolesUnknown([Fault("/roles", f"没有角色 {code}", f"there is no role {code}") for code in unknown])
    if new.from_on < today:
        raise AssignmentInThePast(earliest=today)
    if new.until_on is not None and new.until_on < new.from_on:
        raise PeriodReversed
    after = user.but(assignments=(*user.assignments, new))
    for starts_on in sorted({held.from_on for held in after.assignments if held.meets(new)} | {new.from_on}):
        held = [code for one in after.assignments if one.holds(starts_on) for code in one.roles]
        check_separation(held, roles)
    return after, UserAssigned(user_id=user.id, assignments=_told(after.assignments))


def end_assignment(
    user: User,
    assignment_id: str,
    until_on: date,
    actor_id: str,
    reach: Reach,
    today: date,
    branches: Mapping[str, Branch],
) -> tuple[User, UserAssigned] | None:
    """The assignment holds until a date, inclusive; yesterday ends it at once. None when it ends earlier already.

    Raises:
        OwnAccount, AssignmentNotFound, BranchOutOfReach, AssignmentInThePast.

    Rule: IDN-003, IDN-006, IDN-010.
    """
    if user.id == actor_id:
        raise OwnAccount
    held = next((held for held in user.assignments if held.id == assignment_id), None)
    if held is None:
        raise AssignmentNotFound(id=assignment_id)
    _check_branch(held.branch_id, reach, branches)
    if until_on < today - timedelta(days=1):
        raise AssignmentInThePast(earliest=today - timedelta(days=1))
    if held.until_on is not None and held.until_on <= until_on:
        return None
    kept = tuple(one.but(until_on=until_on) if one is held else one for one in user.assignments)
    after = user.but(assignments=tuple(one for one in kept if one.until_on is None or one.from_on <= one.until_on))
    return after, UserAssigned(user_id=user.id, assignments=_told(after.assignments))


def disable(user: User, actor_id: str, reach: Reach, today: date) -> tuple[User, UserDisabled]:
    """No sign-in any more; sessions end, access tokens that are out live for their quarter of an hour.

    Raises:
        OwnAccount, AccountBeyondReach, IllegalMove (disabled before).

    Rule: IDN-010, IDN-013, IDN-016.
    """
    if user.id == actor_id:
        raise OwnAccount
    _check_account(user, reach, today)
    after = move(user, MOVES, Status.DISABLED, session_epoch=user.session_epoch + 1)
    return after, UserDisabled(user_id=user.id)


def enable(user: User, actor_id: str, reach: Reach, today: date) -> tuple[User, UserEnabled]:
    """Sign-in is possible again. Refuses as `disable` does. Rule: IDN-010, IDN-013, IDN-016."""
    if user.id == actor_id:
        raise OwnAccount
    _check_account(user, reach, today)
    return move(user, MOVES, Status.ACTIVE), UserEnabled(user_id=user.id)


def reset_secret(
    user: User, secret_hash: str, must_change: bool, actor_id: str, reach: Reach, today: date
) -> tuple[User, UserSecretChanged]:
    """A secret set by an administrator; it ends all sessions.

    Raises:
        OwnAccount: his own is changed by telling the old one.
        AccountBeyondReach.

    Rule: IDN-010, IDN-013, IDN-016.
    """
    if user.id == actor_id:
        raise OwnAccount
    _check_account(user, reach, today)
    return change_secret(user, secret_hash, must_change)


def change_secret(user: User, secret_hash: str, must_change: bool = False) -> tuple[User, UserSecretChanged]:
    """Another secret; all sessions end. Rule: IDN-016."""
    after = user.but(secret_hash=secret_hash, must_change_secret=must_change, session_epoch=user.session_epoch + 1)
    return after, UserSecretChanged(user_id=user.id)


def check_password(password: str, login: str, old: str | None = None) -> None:
    """Refuses with PasswordTooWeak, naming all faults; `old` where a new one takes its place. Rule: IDN-015."""
    faults: list[Fault] = []
    pointer = "/password" if old is None else "/new_password"
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        faults.append(Fault(pointer, "须为 12 至 200 个字符", "must have 12 to 200 characters"))
    if login.casefold() in password.casefold():
        faults.append(Fault(pointer, "不能包含登录名", "must not contain the login"))
    if password == old:
        faults.append(Fault(pointer, "不能与原密码相同", "must differ from the old one"))
    if faults:
        raise PasswordTooWeak(faults)


def grants(user: User, roles: Mapping[str, Role], on: date) -> dict[str, frozenset[str]]:
    """What the user may do on a date: scopes by the branch in which, and below which, he has them. Rule: IDN-014."""
    scopes: dict[str, frozenset[str]] = {}
    for held in user.assignments:
        if held.holds(on):
            carried = frozenset(scope for code in held.roles if code in roles for scope in roles[code].scopes)
            scopes[held.branch_id] = scopes.get(held.branch_id, frozenset()) | carried
    return scopes


def _check_branch(branch_id: str, reach: Reach, branches: Mapping[str, Branch]) -> None:
    if branch_id not in branches:
        raise BranchNotFound(id=branch_id)
    if reach is not None and branch_id not in reach:
        raise BranchOutOfReach(name=branches[branch_id].name)


def _check_account(user: User, reach: Reach, today: date) -> None:
    """Whoever could sign in as the user must not gain what he does not administer."""
    live = (held.branch_id for held in user.assignments if held.until_on is None or held.until_on >= today)
    if reach is not None and any(branch_id not in reach for branch_id in live):
        raise AccountBeyondReach


def _told(held: tuple[HeldAssignment, ...]) -> list[Assignment]:
    return [
        Assignment(branch_id=one.branch_id, roles=list(one.roles), from_on=one.from_on, until_on=one.until_on)
        for one in held
    ]
