"""What may be defined as a role."""

from collections.abc import Mapping, Set

from chassis.refusals import Conflict, Fault, Invalid, Missing
from contracts.identity import RoleDefined
from services.identity.roles.model import OWN_SCOPES, Role
from services.identity.roles.separation import broken


class RoleNotFound(Missing):
    rule = "IDN-008"
    zh = "没有角色 {id}"
    en = "There is no role {id}"
    todo_zh = "请用 GET /roles 查询角色"
    todo_en = "Look the roles up with GET /roles"


class RoleTaken(Conflict):
    rule = "IDN-008"
    zh = "角色代码已被使用"
    en = "Another role has this code"
    todo_zh = "请换一个角色代码"
    todo_en = "Choose another code"


class ScopeUnknown(Invalid):
    rule = "IDN-008"
    zh = "有不存在的权限"
    en = "There are scopes that no service asks for"
    todo_zh = "可用的权限见 GET /roles"
    todo_en = "GET /roles shows the scopes that exist"


class DefaultRoleStays(Conflict):
    rule = "IDN-008"
    zh = "预置角色 {code} 不能修改"
    en = "The default role {code} comes with the product and cannot be changed"
    todo_zh = "请另行定义角色"
    todo_en = "Define a role of your own"


class RoleWidened(Conflict):
    rule = "IDN-009"
    zh = "角色只能缩小权限,不能增加 {scopes}"
    en = "A role is narrowed, never widened; it cannot gain {scopes}"
    todo_zh = "请定义新角色并逐人授予,以便逐人检查不相容职责"
    todo_en = "Define another role and assign it, so that the separation of duties is checked for each person"


class DutiesMixed(Conflict):
    rule = "IDN-011"
    zh = "不相容职责不能由一人或一个角色兼任:{pairs}"
    en = "These duties cannot be in one hand: {pairs}"
    todo_zh = "请分别授予不同人员"
    todo_en = "Give them to different persons"


def define(role: Role, known: Set[str], roles: Mapping[str, Role]) -> tuple[Role, RoleDefined]:
    """A role of the company's own; it always carries what everybody may do with his own account.

    Raises:
        ScopeUnknown: naming every scope that does not exist.
        DutiesMixed: the role alone would bring separated duties together.

    Rule: IDN-008, IDN-011.
    """
    role = role.but(scopes=tuple(sorted({*role.scopes, *OWN_SCOPES})))
    unknown = [scope for scope in role.scopes if scope not in known]
    if unknown:
        raise ScopeUnknown([Fault("/scopes", f"没有权限 {scope}", f"there is no scope {scope}") for scope in unknown])
    check_separation([role.code], {**roles, role.code: role})
    return role, _told(role)


def edit(role: Role, name: str, scopes: tuple[str, ...]) -> tuple[Role, RoleDefined] | None:
    """Another name, or fewer scopes; None when nothing changes.

    Raises:
        DefaultRoleStays: it comes with the product.
        RoleWidened: a scope would be added.

    Rule: IDN-008, IDN-009.
    """
    if role.default:
        raise DefaultRoleStays(code=role.code)
    after = role.but(name=name, scopes=tuple(sorted({*scopes, *OWN_SCOPES})))
    if gained := set(after.scopes) - set(role.scopes):
        raise RoleWidened(scopes=", ".join(sorted(gained)))
    return None if after == role else (after, _told(after))


def follow_files(role: Role, name: str, scopes: tuple[str, ...]) -> tuple[Role, RoleDefined] | None:
    """A default role as its files have it now; None when it is so already. Rule: IDN-008."""
    after = role.but(name=name, scopes=scopes)
    return None if after == role else (after, _told(after))


def add_default(role: Role) -> tuple[Role, RoleDefined]:
    """A default role that is not kept yet. Rule: IDN-008."""
    return role, _told(role)


def check_separation(held: list[str], roles: Mapping[str, Role]) -> None:
    """Refuses with DutiesMixed roles that one person may not hold at one time. Rule: IDN-011."""
    if mixed := broken(held, roles):
        raise DutiesMixed(
            [
                Fault("/roles", f"{pair.one} 与 {pair.other}:{pair.zh}", f"{pair.one} and {pair.other}: {pair.en}")
                for pair in mixed
            ],
            pairs=", ".join(f"{pair.one}+{pair.other}" for pair in mixed),
        )


def _told(role: Role) -> RoleDefined:
    return RoleDefined(role_id=role.code, name=role.name, scopes=list(role.scopes))
