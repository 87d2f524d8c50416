"""Signing in and out, staying signed in."""

from dataclasses import dataclass, replace
from datetime import datetime

from chassis.ids import new_id
from chassis.logs import log
from chassis.work import Actor, Work
from services.identity.keys.actions import signing_key
from services.identity.roles.store import Roles
from services.identity.sessions.model import Session
from services.identity.sessions.rules import (
    ACCESS_LIVES,
    SESSION_LIVES,
    PasswordChangeNeeded,
    Refresh,
    SessionOver,
    WrongCredentials,
    judge,
)
from services.identity.sessions.store import Sessions
from services.identity.sessions.tokens import Issuing, access_token, hash_of, refresh_token, session_of
from services.identity.users.actions import recognise, set_password
from services.identity.users.model import Kind, User
from services.identity.users.rules import UserNotFound, check_password, grants
from services.identity.users.store import Failures, Users


@dataclass(frozen=True)
class SignedIn:
    """What somebody gets who signed in. A service account has no refresh token: it shows its secret again."""

    session_id: str
    rotation: int
    user: User
    access_token: str
    expires_at: datetime
    refresh_token: str | None
    ends_at: datetime | None


async def sign_in(login: str, password: str, new_password: str | None, issuing: Issuing, work: Work) -> SignedIn:
    """Sign a person in; with `new_password` the password changes at the same time.

    Raises:
        WrongCredentials, SignInLocked.
        PasswordChangeNeeded: the password was set by somebody else and no new one is sent.
        PasswordTooWeak: the new one.

    Rule: IDN-014, IDN-016, IDN-017, IDN-019, IDN-020.
    """
    user = await recognise(login, password, Kind.PERSON, work)
    if user is None:
        log.info("sign-in refused", request=work.correlation)
        raise WrongCredentials
    if new_password is not None:
        check_password(new_password, user.login, password)
        user = await set_password(user, new_password, replace(work, actor=Actor(user.id, user.name, user.branch)))
    elif user.must_change_secret:
        raise PasswordChangeNeeded
    session_id = new_id()
    token = refresh_token(session_id)
    session = Session(
        id=session_id,
        user_id=user.id,
        session_epoch=user.session_epoch,
        current=hash_of(token),
        began_at=work.now,
        ends_at=work.now + SESSION_LIVES,
    )
    await Sessions(work).add(session)
    log.info("signed in", user=user.id, session=session_id, request=work.correlation)
    return await _issued(user, session, token, issuing, work)


async def sign_in_service(client_id: str, client_secret: str, issuing: Issuing, work: Work) -> SignedIn:
    """An access token for a service account. Raises WrongCredentials, SignInLocked. Rule: IDN-017, IDN-018, IDN-019."""
    user = await recognise(client_id, client_secret, Kind.SERVICE, work)
    if user is None:
        raise WrongCredentials
    token, expires_at = await _access(user, new_id(), None, issuing, work)
    return SignedIn(new_id(), 1, user, token, expires_at, None, None)


async def refresh(token: str, issuing: Issuing, work: Work) -> SignedIn:
    """Exchange a refresh token for new tokens, with the rights of today.

    Raises SessionOver; when the token was exchanged before, the session ends for whoever else has its tokens too.

    Rule: IDN-014, IDN-020.
    """
    sessions = Sessions(work)
    session = await sessions.get(session_of(token))
    if session is None:
        raise SessionOver
    user = await _user_of(session, work)
    worth = judge(session, hash_of(token), user, work.now)
    following = refresh_token(session.id)
    rotated = await sessions.rotate(session, hash_of(following)) if worth is Refresh.GOOD else None
    if worth is Refresh.STOLEN or (worth is Refresh.GOOD and rotated is None):
        log.warning("refresh token used twice; session ended", session=session.id, user=session.user_id)
        await sessions.end(session.id)
    if rotated is None or user is None:
        raise SessionOver
    return await _issued(user, rotated, following, issuing, work)


async def sign_out(session_id: str, work: Work) -> None:
    """End a session; nothing happens when it is over. Rule: IDN-020."""
    await Sessions(work).end(session_id)


async def forget_old(work: Work) -> None:
    """Drop sessions that are over and failures that count no longer."""
    await Sessions(work).forget_ended(work.now)
    await Failures(work).forget_old(work.now)


async def _user_of(session: Session, work: Work) -> User | None:
    try:
        return await Users(work).get(session.user_id)
    except UserNotFound:
        return None


async def _issued(user: User, session: Session, token: str, issuing: Issuing, work: Work) -> SignedIn:
    access, expires_at = await _access(user, session.id, session.ends_at, issuing, work)
    return SignedIn(session.id, len(session.used) + 1, user, access, expires_at, token, session.ends_at)


async def _access(
    user: User, session_id: str, ends_at: datetime | None, issuing: Issuing, work: Work
) -> tuple[str, datetime]:
    expires_at = work.now + ACCESS_LIVES if ends_at is None else min(work.now + ACCESS_LIVES, ends_at)
    allowed = grants(user, await Roles(work).by_code(), work.today)
    return access_token(user, allowed, session_id, issuing, work.now, expires_at, await signing_key(work)), expires_at
