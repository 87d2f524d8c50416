"""The HTTP door of roles."""

from typing import Annotated

from fastapi import APIRouter

from chassis.http import Listing, Page, Work, paged, refusals, requires
from services.identity.branches.rules import BranchOutOfReach
from services.identity.roles import actions, rules
from services.identity.roles.schemas import DefineRole, EditRole, RoleView
from services.identity.roles.store import Roles

router = APIRouter(prefix="/roles", tags=["roles"])


@router.post(
    "",
    status_code=201,
    dependencies=[requires("roles:write")],
    responses=refusals(rules.RoleTaken, rules.ScopeUnknown, rules.DutiesMixed, BranchOutOfReach),
)
async def define_role(body: DefineRole, work: Work) -> RoleView:
    """Define a role of the company's own as a set of scopes; for administrators of headquarters.

    Rule: IDN-008, IDN-011 (docs/rules/identity.md).
    """
    return RoleView.of(await actions.define_role(body.code, body.name, body.scopes, work))


@router.get("", dependencies=[requires("roles:read")])
async def list_roles(work: Work, paging: Annotated[Listing, paged("code", default="code")]) -> Page[RoleView]:
    """All roles with their scopes."""
    found = await Roles(work).page(paging)
    return Page(items=[RoleView.of(role) for role in found.items], next=found.next)


@router.get("/{role_id}", dependencies=[requires("roles:read")], responses=refusals(rules.RoleNotFound))
async def show_role(role_id: str, work: Work) -> RoleView:
    """One role."""
    return RoleView.of(await Roles(work).get(role_id))


@router.patch(
    "/{role_id}",
    dependencies=[requires("roles:write")],
    responses=refusals(rules.RoleNotFound, rules.DefaultRoleStays, rules.RoleWidened),
)
async def edit_role(role_id: str, body: EditRole, work: Work) -> RoleView:
    """Rename a role of the company's own or take scopes from it.

    Rule: IDN-008, IDN-009 (docs/rules/identity.md).
    """
    return RoleView.of(await actions.edit_role(role_id, body.name, body.scopes, work))
