"""What HTTP sends and receives about sessions."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from chassis.http import Body, View
from services.identity.sessions.actions import SignedIn

Login = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]
Secret = Annotated[SecretStr, Field(max_length=200)]


class SignIn(Body):
    """Login and password. `new_password` changes it in the same call; needed when somebody else has set it."""

    login: Login
    password: Secret
    new_password: Secret | None = None


class SignInService(Body):
    """What POST /users/{user_id}/secret has given."""

    client_id: Login
    client_secret: Secret


class RefreshSession(Body):
    """The refresh token of the last answer; it is good once."""

    refresh_token: Secret


class SessionView(View):
    """Tokens. `access_token` goes into `Authorization: Bearer …` until `expires_at`."""

    id: str
    version: int = Field(description="How many times tokens were given in this session")
    user_id: str
    login: str
    name: str
    branch: str
    language: str
    access_token: str
    expires_at: datetime
    refresh_token: str | None = Field(description="Null for service accounts")
    ends_at: datetime | None = Field(description="When signing in again is needed")

    @classmethod
    def of(cls, state: SignedIn) -> "SessionView":
        """The view of a signing-in."""
        user = state.user
        return cls(
            id=state.session_id,
            version=state.rotation,
            user_id=user.id,
            login=user.login,
            name=user.name,
            branch=user.branch,
            language=user.language,
            access_token=state.access_token,
            expires_at=state.expires_at,
            refresh_token=state.refresh_token,
            ends_at=state.ends_at,
        )
