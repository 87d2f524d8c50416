"""The HTTP door of users and service accounts."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query

from chassis.http import Day, Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from services.identity.branches.rules import BranchNotFound, BranchOutOfReach, ClosedBranch
from services.identity.roles.rules import DutiesMixed
from services.identity.users import actions, rules
from services.identity.users.schemas import (
    AddUser,
    Assign,
    ChangePassword,
    EditUser,
    EmailView,
    EndAssignment,
    GrantsView,
    GrantView,
    SecretView,
    SetPassword,
    UserView,
)
from services.identity.users.store import Users

router = APIRouter(prefix="/users", tags=["users"])
PLACE = (BranchNotFound, BranchOutOfReach)
ACCOUNT = (rules.UserNotFound, rules.OwnAccount, rules.AccountBeyondReach)


@router.post(
    "",
    status_code=201,
    dependencies=[requires("users:write")],
    responses=refusals(*PLACE, rules.LoginTaken, rules.PasswordTooWeak, rules.WrongKind),
)
async def add_user(body: AddUser, work: Work) -> UserView:
    """Add a person or a service account, without rights yet.

    Rule: IDN-006, IDN-012, IDN-015, IDN-016 (docs/rules/identity.md).
    """
    password = body.password.get_secret_value() if body.password else None
    user = await actions.add_user(
        body.login, body.name, body.email, body.kind, body.language, body.branch, password, work
    )
    return UserView.of(user)


@router.get("", dependencies=[requires("users:read")])
async def list_users(
    work: Work,
    paging: Annotated[Listing, paged("name", "login", default="name")],
    branch: Annotated[str | None, Query(max_length=64)] = None,
    role: Annotated[str | None, Query(max_length=64)] = None,
    login: Annotated[str | None, Query(max_length=64)] = None,
) -> Page[UserView]:
    """Users whose accounts lie in the caller's branches."""
    found = await actions.list_users(paging, branch, role, login, work)
    return Page(items=[UserView.of(user) for user in found.items], next=found.next)


@router.get("/me", dependencies=[requires("me:read")])
async def show_me(work: Work) -> UserView:
    """The caller's own account."""
    return UserView.of(await Users(replace(work, reach=None)).get(work.actor.id))


@router.post(
    "/me/password",
    dependencies=[requires("me:write")],
    responses=refusals(rules.OldPasswordWrong, rules.PasswordTooWeak, rules.SignInLocked),
)
async def change_own_password(body: ChangePassword, work: Work) -> UserView:
    """Change one's own password; all sessions end, sign in again. Needs no If-Match.

    Rule: IDN-015, IDN-016, IDN-017 (docs/rules/identity.md).
    """
    old, new = body.old_password.get_secret_value(), body.new_password.get_secret_value()
    return UserView.of(await actions.change_own_password(old, new, work))


@router.get("/{user_id}", dependencies=[requires("users:read")], responses=refusals(rules.UserNotFound))
async def show_user(user_id: str, work: Work) -> UserView:
    """One user with all assignments."""
    return UserView.of(await Users(work).get(user_id))


@router.get("/{user_id}/email", dependencies=[requires("users:reveal")], responses=refusals(rules.UserNotFound))
async def reveal_email(user_id: str, work: Work) -> EmailView:
    """A user's address in clear; leaves a record of who read it.

    Rule: SYS-012 (docs/rules/chassis.md).
    """
    user = await actions.reveal_email(user_id, work)
    return EmailView(id=user.id, version=user.version, email=user.email.reveal())


@router.get("/{user_id}/grants", dependencies=[requires("users:read")], responses=refusals(rules.UserNotFound))
async def show_grants(user_id: str, work: Work, on: Day | None = None) -> GrantsView:
    """What a user may do on a date (today without one): scopes by branch, each with everything below it.

    Rule: IDN-014 (docs/rules/identity.md).
    """
    at = on or work.today
    user, grants = await actions.grants(user_id, at, work)
    shown = [GrantView(branch_id=branch, scopes=sorted(scopes)) for branch, scopes in sorted(grants.items())]
    return GrantsView(id=user.id, version=user.version, on=at, grants=shown)


@router.patch(
    "/{user_id}",
    dependencies=[requires("users:write")],
    responses=refusals(rules.UserNotFound, rules.AccountBeyondReach, *PLACE),
)
async def edit_user(user_id: str, body: EditUser, work: Work) -> UserView:
    """Correct name, address or language, or have the account administered by another branch.

    Rule: IDN-006, IDN-013 (docs/rules/identity.md).
    """
    return UserView.of(await actions.edit_user(user_id, body.model_dump(exclude_none=True), work))


@router.post(
    "/{user_id}/assignments",
    dependencies=[requires("users:assign")],
    responses=refusals(
        rules.UserNotFound,
        rules.OwnAccount,
        rules.RolesUnknown,
        rules.AssignmentInThePast,
        rules.PeriodReversed,
        DutiesMixed,
        ClosedBranch,
        *PLACE,
    ),
)
async def assign_roles(user_id: str, body: Assign, work: Work) -> UserView:
    """Give roles in a branch and all below it; never to oneself, never beyond one's own branches.

    Rule: IDN-003, IDN-006, IDN-008, IDN-010, IDN-011 (docs/rules/identity.md).
    """
    return UserView.of(await actions.assign(user_id, body.branch_id, body.roles, body.from_on, body.until_on, work))


@router.post(
    "/{user_id}/assignments/{assignment_id}/end",
    dependencies=[requires("users:assign")],
    responses=refusals(
        rules.UserNotFound, rules.OwnAccount, rules.AssignmentNotFound, rules.AssignmentInThePast, *PLACE
    ),
)
async def end_assignment(user_id: str, assignment_id: str, body: EndAssignment, work: Work) -> UserView:
    """Let an assignment end after a day.

    Rule: IDN-003, IDN-006, IDN-010 (docs/rules/identity.md).
    """
    return UserView.of(await actions.end_assignment(user_id, assignment_id, body.until_on, work))


@router.post("/{user_id}/disabling", dependencies=[requires("users:write")], responses=refusals(*ACCOUNT, IllegalMove))
async def disable_user(user_id: str, work: Work) -> UserView:
    """Keep a user from signing in; his sessions end.

    Rule: IDN-010, IDN-013, IDN-016 (docs/rules/identity.md).
    """
    return UserView.of(await actions.disable_user(user_id, work))


@router.post("/{user_id}/enabling", dependencies=[requires("users:write")], responses=refusals(*ACCOUNT, IllegalMove))
async def enable_user(user_id: str, work: Work) -> UserView:
    """Let a disabled user sign in again.

    Rule: IDN-010, IDN-013 (docs/rules/identity.md).
    """
    return UserView.of(await actions.enable_user(user_id, work))


@router.post(
    "/{user_id}/password",
    dependencies=[requires("users:secret")],
    responses=refusals(*ACCOUNT, rules.PasswordTooWeak, rules.WrongKind),
)
async def reset_password(user_id: str, body: SetPassword, work: Work) -> UserView:
    """Set somebody's password; it must be changed at the next sign-in, and a lock-out ends.

    Rule: IDN-010, IDN-013, IDN-015, IDN-016 (docs/rules/identity.md).
    """
    return UserView.of(await actions.reset_password(user_id, body.password.get_secret_value(), work))


@router.post(
    "/{user_id}/secret", dependencies=[requires("users:secret")], responses=refusals(*ACCOUNT, rules.WrongKind)
)
async def make_secret(user_id: str, work: Work) -> SecretView:
    """Make a new secret for a service account; the one before is void.

    Rule: IDN-013, IDN-018 (docs/rules/identity.md).
    """
    user, secret = await actions.make_secret(user_id, work)
    return SecretView(id=user.id, version=user.version, client_id=user.login, client_secret=secret)
