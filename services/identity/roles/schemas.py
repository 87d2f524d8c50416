"""What HTTP sends and receives about roles."""

from typing import Annotated

from pydantic import Field, StringConstraints

from chassis.http import Body, View
from services.identity.branches.schemas import Name

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,23}$")]
Scope = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]*:[a-z][a-z-]*$", max_length=60)]


class DefineRole(Body):
    """A role of the company's own. The scopes that exist are those of the default roles."""

    code: Code
    name: Name
    scopes: list[Scope] = Field(min_length=1, max_length=500)


class EditRole(Body):
    """What is left out stays as it is; scopes can only become fewer."""

    name: Name | None = None
    scopes: list[Scope] | None = Field(default=None, min_length=1, max_length=500)


class RoleView(View):
    """A role. Default roles come with the product and change only with it."""

    id: str
    version: int
    code: str
    name: str
    scopes: tuple[str, ...]
    default: bool
