"""Load, decide, save."""

from dataclasses import replace
from datetime import date
from typing import Any

from chassis import audit
from chassis.ids import new_id
from chassis.lists import Listing, Slice
from chassis.work import Work
from contracts.personal import EmailAddress
from services.identity.branches.store import Branches
from services.identity.roles.store import Roles
from services.identity.users import passwords, rules
from services.identity.users.model import HeldAssignment, Kind, Status, User
from services.identity.users.store import Failures, Users


async def add_user(
    login: str, name: str, email: EmailAddress, kind: Kind, language: str, branch: str, password: str | None, work: Work
) -> User:
    """A user without rights; a person changes the password at the first sign-in. Rule: IDN-012, IDN-015, IDN-016."""
    if (password is None) is (kind is Kind.PERSON):
        raise rules.WrongKind
    if password is not None:
        rules.check_password(password, login)
    new = User(
        id=work.new_id("users"),
        branch=branch,
        login=login.casefold(),
        name=name,
        email=email,
        kind=kind,
        language=language,
        secret_hash=await passwords.hashed(password) if password is not None else "",
        must_change_secret=kind is Kind.PERSON,
    )
    return await Users(work).add(*rules.add(new, work.reach, await Branches(work).tree()))


async def add_administrator(
    login: str, name: str, email: EmailAddress, password: str, headquarters_id: str, work: Work
) -> tuple[User, bool]:
    """An administrator, for the command line only, and whether he was made now. Rule: IDN-012, IDN-015."""
    users = Users(work)
    if (existing := await users.by_login(login)) is not None:
        return existing, False
    rules.check_password(password, login)
    role = HeldAssignment(id=new_id(), branch_id=headquarters_id, roles=("ADMIN",), from_on=work.today)
    new = User(
        id=work.new_id("users"),
        branch=headquarters_id,
        login=login.casefold(),
        name=name,
        email=email,
        kind=Kind.PERSON,
        language="zh",
        assignments=(role,),
        secret_hash=await passwords.hashed(password),
    )
    return await users.add(*rules.add(new, work.reach, await Branches(work).tree())), True


async def edit_user(user_id: str, changes: dict[str, Any], work: Work) -> User:
    """Another name, address, language or branch of the account. Rule: IDN-006, IDN-013."""
    branches = await Branches(work).tree()
    return await Users(work).change(user_id, lambda user: rules.edit(user, changes, work.reach, work.today, branches))


async def assign(
    user_id: str, branch_id: str, roles: list[str], from_on: date | None, until_on: date | None, work: Work
) -> User:
    """Roles in a branch from a date on (today without one). Rule: IDN-010, IDN-011."""
    branches, known = await Branches(work).tree(), await Roles(work).by_code()
    new = HeldAssignment(
        id=work.new_id("assignments"),
        branch_id=branch_id,
        roles=tuple(dict.fromkeys(roles)),
        from_on=from_on or work.today,
        until_on=until_on,
    )
    return await Users(work).change(
        user_id, lambda user: rules.assign(user, new, work.actor.id, work.reach, work.today, branches, known)
    )


async def end_assignment(user_id: str, assignment_id: str, until_on: date, work: Work) -> User:
    """Let an assignment end. Rule: IDN-003, IDN-010."""
    branches = await Branches(work).tree()
    return await Users(work).change(
        user_id,
        lambda user: rules.end_assignment(
            user, assignment_id, until_on, work.actor.id, work.reach, work.today, branches
        ),
    )


async def disable_user(user_id: str, work: Work) -> User:
    """Keep somebody from signing in. Rule: IDN-010, IDN-013."""
    return await Users(work).change(user_id, lambda user: rules.disable(user, work.actor.id, work.reach, work.today))


async def enable_user(user_id: str, work: Work) -> User:
    """Let somebody sign in again. Rule: IDN-010, IDN-013."""
    return await Users(work).change(user_id, lambda user: rules.enable(user, work.actor.id, work.reach, work.today))


async def reset_password(user_id: str, password: str, work: Work) -> User:
    """A password set by an administrator; the user must change it when he signs in. Rule: IDN-010, IDN-013, IDN-016."""
    user = await Users(work).get(user_id)
    if user.kind is not Kind.PERSON:
        raise rules.WrongKind
    rules.check_password(password, user.login)
    kept = await passwords.hashed(password)
    after = await Users(work).change(
        user_id, lambda now: rules.reset_secret(now, kept, True, work.actor.id, work.reach, work.today)
    )
    await Failures(work).forget(user.login)
    return after


async def make_secret(user_id: str, work: Work) -> tuple[User, str]:
    """A new secret of a service account: 256 bits, the same for the same Idempotency-Key. Rule: IDN-013, IDN-018."""
    if (await Users(work).get(user_id)).kind is not Kind.SERVICE:
        raise rules.WrongKind
    secret = work.db.keyring.fingerprint(f"service secret {work.key}")
    kept = await passwords.hashed(secret)
    after = await Users(work).change(
        user_id, lambda user: rules.reset_secret(user, kept, False, work.actor.id, work.reach, work.today)
    )
    return after, secret


async def change_own_password(old: str, new: str, work: Work) -> User:
    """The caller's own password, shown by the old one. Rule: IDN-015, IDN-016, IDN-017."""
    own = replace(work, reach=None)
    user = await Users(own).get(work.actor.id)
    if await Users(own).has_done(user.id):
        return await Users(own).already(user.id) or user
    rules.check_password(new, user.login, old)
    if await recognise(user.login, old, Kind.PERSON, own) is None:
        raise rules.OldPasswordWrong
    return await set_password(user, new, own)


async def set_password(user: User, password: str, work: Work) -> User:
    """A password that the user chose himself; checked before. Rule: IDN-016."""
    kept = await passwords.hashed(password)
    return await Users(work).change(user.id, lambda now: rules.change_secret(now, kept), subject=False)


async def recognise(login: str, secret: str, kind: Kind, work: Work) -> User | None:
    """The active user with this login and secret, or None; every answer takes the same work.

    Raises:
        SignInLocked: after five failures, for a quarter of an hour, also for a login that nobody has.

    Rule: IDN-017, IDN-019.
    """
    failures = Failures(work)
    async with passwords.slots:
        if (until := await failures.locked_until(login, work.now)) is not None:
            raise rules.SignInLocked(until=until.isoformat(timespec="minutes"))
        user = await Users(work).by_login(login)
        known = user is not None and user.kind is kind
        right = await passwords.verified(secret, user.secret_hash if user is not None and known else "")
        if user is None or not right or user.status is not Status.ACTIVE:
            await failures.count(login, work.now)
            return None
    await failures.forget(login)
    return user


async def list_users(
    listing: Listing, branch: str | None, role: str | None, login: str | None, work: Work
) -> Slice[User]:
    """Users of the caller's branches, by page; `branch` is the account's, `role` one held now or ever."""
    told = {"branch": branch, "assignments.roles": role, "login": login.casefold() if login else login}
    return await Users(work).page(listing, {name: value for name, value in told.items() if value is not None})


async def reveal_email(user_id: str, work: Work) -> User:
    """The user, for his address in clear; leaves a record. Rule: SYS-012."""
    user = await Users(work).get(user_id)
    await audit.record(work, "users.email", user_id)
    return user


async def grants(user_id: str, on: date, work: Work) -> tuple[User, dict[str, frozenset[str]]]:
    """What a user may do on a date: scopes by branch, each with everything below it. Rule: IDN-014."""
    user = await Users(work).get(user_id)
    return user, rules.grants(user, await Roles(work).by_code(), on)
