"""The HTTP door of sessions. No Idempotency-Key: a repeated sign-in is another session, a repeated refresh a theft."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from joserfc import jws

from chassis.http import Doorstep, open_to_all, refusals
from chassis.tokens import NotSignedIn
from services.identity.sessions import actions
from services.identity.sessions.rules import PasswordChangeNeeded, SessionOver, WrongCredentials
from services.identity.sessions.schemas import RefreshSession, SessionView, SignIn, SignInService
from services.identity.sessions.tokens import Issuing
from services.identity.users.rules import PasswordTooWeak, SignInLocked

router = APIRouter(tags=["sessions"])


async def _issuing(request: Request) -> Issuing:
    settings = request.app.state.host.settings
    return Issuing(settings.issuer, settings.audience)


async def _session_in_hand(request: Request) -> str:
    """The session of the caller's own access token, which must be valid; no scope is needed to leave."""
    host = request.app.state.host
    authorization = request.headers.get("authorization", "")
    caller = await host.tokens.caller(authorization, host.clock())
    request.scope["state"]["actor"] = caller.id
    claims = json.loads(jws.extract_compact(authorization.partition(" ")[2].encode()).payload)
    return claims.get("sid", "")


Ours = Annotated[Issuing, Depends(_issuing)]
SessionInHand = Annotated[str, Depends(_session_in_hand)]


@router.post(
    "/sessions",
    status_code=201,
    dependencies=[open_to_all("nobody is signed in before")],
    responses=refusals(WrongCredentials, SignInLocked, PasswordChangeNeeded, PasswordTooWeak),
)
async def sign_in(body: SignIn, work: Doorstep, issuing: Ours) -> SessionView:
    """Sign in with login and password.

    Rule: IDN-014, IDN-015, IDN-016, IDN-017, IDN-019, IDN-020 (docs/rules/identity.md).
    """
    new = body.new_password.get_secret_value() if body.new_password else None
    return SessionView.of(await actions.sign_in(body.login, body.password.get_secret_value(), new, issuing, work))


@router.post(
    "/service_sessions",
    status_code=201,
    dependencies=[open_to_all("a service account shows its secret here")],
    responses=refusals(WrongCredentials, SignInLocked),
)
async def sign_in_service(body: SignInService, work: Doorstep, issuing: Ours) -> SessionView:
    """An access token for a service account; ask again when it expires.

    Rule: IDN-014, IDN-017, IDN-018, IDN-019 (docs/rules/identity.md).
    """
    return SessionView.of(
        await actions.sign_in_service(body.client_id, body.client_secret.get_secret_value(), issuing, work)
    )


@router.post(
    "/sessions/refresh",
    dependencies=[open_to_all("the refresh token is the proof")],
    responses=refusals(SessionOver),
)
async def refresh_session(body: RefreshSession, work: Doorstep, issuing: Ours) -> SessionView:
    """Exchange the refresh token for new tokens, with the rights of today. It is good once; used again, all ends.

    Rule: IDN-014, IDN-020 (docs/rules/identity.md).
    """
    return SessionView.of(await actions.refresh(body.refresh_token.get_secret_value(), issuing, work))


@router.delete(
    "/sessions/current",
    status_code=204,
    dependencies=[open_to_all("whoever holds a valid token may end its session")],
    responses=refusals(NotSignedIn),
)
async def sign_out(session_id: SessionInHand, work: Doorstep) -> None:
    """Sign out: the session's refresh token is worthless; the access token runs out by itself.

    Rule: IDN-020 (docs/rules/identity.md).
    """
    await actions.sign_out(session_id, work)
