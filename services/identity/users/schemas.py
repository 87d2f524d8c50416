"""What HTTP sends and receives about users."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints

from chassis.http import Body, View
from contracts.personal import EmailAddress
from services.identity.branches.schemas import Name
from services.identity.users.model import HeldAssignment, Kind, Status
from services.identity.users.rules import LONGEST_PASSWORD

Login = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{2,63}$")]
Language = Literal["zh", "en"]
Password = Annotated[SecretStr, Field(max_length=LONGEST_PASSWORD)]


class AddUser(Body):
    """A new user in a branch. Rights come with assignments.

    A person gets a first `password`, to be changed at the first sign-in; a service account gets none, but a secret.
    """

    login: Login = Field(description="Case does not matter")
    name: Name = Field(description="As shown on documents and reminders")
    email: EmailAddress = Field(description="Of a service account: of who answers for it")
    branch: str = Field(max_length=64, description="The branch that administers the account")
    kind: Kind = Kind.PERSON
    language: Language = "zh"
    password: Password | None = None


class EditUser(Body):
    """What is left out stays as it is."""

    name: Name | None = None
    email: EmailAddress | None = None
    language: Language | None = None
    branch: str | None = Field(default=None, max_length=64)


class Assign(Body):
    """Roles in a branch and all below it, from `from_on` (or today) until `until_on` (inclusive) or for good."""

    branch_id: str = Field(max_length=64)
    roles: list[Annotated[str, Field(max_length=64)]] = Field(min_length=1, max_length=20)
    from_on: date | None = None
    until_on: date | None = None


class EndAssignment(Body):
    """The last day on which the assignment holds; yesterday ends it at once."""

    until_on: date


class SetPassword(Body):
    """A password for somebody else, to be changed when he signs in."""

    password: Password


class ChangePassword(Body):
    """One's own password; all sessions end."""

    old_password: Password
    new_password: Password


class UserView(View):
    """A user; the address is masked."""

    id: str
    version: int
    login: str
    name: str
    email: EmailAddress
    kind: Kind
    language: str
    branch: str
    status: Status
    must_change_secret: bool
    assignments: tuple[HeldAssignment, ...] = Field(description="All: past, present and future")


class EmailView(View):
    """A user's address in clear."""

    id: str
    version: int
    email: str


class SecretView(View):
    """The secret of a service account; shown now, kept only as a hash."""

    id: str
    version: int
    client_id: str
    client_secret: str


class GrantView(View):
    """Scopes in a branch and everything below it."""

    branch_id: str
    scopes: list[str]


class GrantsView(View):
    """What a user may do on a date."""

    id: str
    version: int
    on: date
    grants: list[GrantView]
