"""Load, decide, save."""

from chassis.ids import derived_id
from chassis.work import Work
from services.identity.branches.model import HEADQUARTERS_ID
from services.identity.branches.rules import BranchOutOfReach
from services.identity.branches.store import Branches
from services.identity.roles import rules
from services.identity.roles.defaults import default_names, default_scopes, known_scopes
from services.identity.roles.model import Role
from services.identity.roles.store import Roles


async def define_role(code: str, name: str, scopes: list[str], work: Work) -> Role:
    """Define a role of the company's own; for administrators of headquarters. Rule: IDN-008, IDN-011."""
    if not work.sees(HEADQUARTERS_ID):
        raise BranchOutOfReach(name=(await Branches(work).get(HEADQUARTERS_ID)).name)
    roles = Roles(work)
    new = Role(id=work.new_id("roles"), branch=HEADQUARTERS_ID, code=code, name=name, scopes=tuple(scopes))
    return await roles.add(*rules.define(new, known_scopes(), await roles.by_code()))


async def edit_role(role_id: str, name: str | None, scopes: list[str] | None, work: Work) -> Role:
    """Another name, or fewer scopes; None leaves it. Rule: IDN-009."""
    return await Roles(work).change(
        role_id, lambda role: rules.edit(role, name or role.name, role.scopes if scopes is None else tuple(scopes))
    )


async def renew_default_roles(work: Work) -> int:
    """Make the default roles what the files say, once headquarters exists; gives how many changed. Rule: IDN-008."""
    if await Branches(work).first({"_id": HEADQUARTERS_ID}) is None:
        return 0
    roles = Roles(work)
    kept, changed = await roles.by_code(), 0
    for code, name in default_names().items():
        scopes = default_scopes()[code]
        if code not in kept:
            new = Role(
                id=derived_id("roles", code), branch=HEADQUARTERS_ID, code=code, name=name, scopes=scopes, default=True
            )
            await roles.add(*rules.add_default(new))
            changed += 1
        elif rules.follow_files(kept[code], name, scopes) is not None:
            await roles.change(kept[code].id, lambda role, told=(name, scopes): rules.follow_files(role, *told))
            changed += 1
    return changed
