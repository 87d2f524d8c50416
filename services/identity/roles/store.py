"""Roles in MongoDB. They belong to headquarters: everybody may read them, only its administrators change them."""

from pymongo import IndexModel

from chassis.store import Store
from services.identity.roles.model import Role
from services.identity.roles.rules import RoleNotFound, RoleTaken

MOST = 1_000


class Roles(Store[Role]):
    """The roles."""

    collection = "roles"
    model = Role
    missing = RoleNotFound
    indexes = [IndexModel([("code", 1)], name="code", unique=True)]
    duplicates = {"code": RoleTaken}
    company_wide = True

    async def by_code(self) -> dict[str, Role]:
        """All roles by code."""
        return {role.code: role for role in await self.some({}, MOST)}
