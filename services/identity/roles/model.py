"""Roles: named sets of scopes, the same in every branch."""

from chassis.model import Aggregate

OWN_SCOPES = ("me:read", "me:write")
"""What everybody has who holds any role: to see and keep up his own account."""


class Role(Aggregate):
    """A role. `code` is what assignments name; default roles come with the product and follow its files."""

    code: str
    name: str
    scopes: tuple[str, ...]
    default: bool = False
