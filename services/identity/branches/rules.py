"""What may happen to the branch tree."""

from collections.abc import Mapping
from datetime import date, timedelta

from chassis.moves import move as moved
from chassis.refusals import Conflict, Fault, Forbidden, Invalid, Missing
from chassis.work import Reach
from contracts.identity import BranchChanged, BranchClosed, BranchMoved, BranchOpened
from services.identity.branches.model import MOVES, REGIONS, Branch, Kind, Place, Status

Tree = Mapping[str, Branch]


class BranchNotFound(Missing):
    rule = "IDN-006"
    zh = "没有机构 {id}"
    en = "There is no branch {id}"
    todo_zh = "请用 GET /branches 查询机构"
    todo_en = "Look the branches up with GET /branches"


class BranchOutOfReach(Forbidden):
    """The change touches a branch in which the caller has no such right."""

    rule = "IDN-006"
    zh = "您在机构 {name} 没有此项权限"
    en = "You do not hold this right in branch {name}"
    todo_zh = "请由对两端机构都有权限的管理员办理"
    todo_en = "Ask an administrator whose branches include both places"


class BranchCodeTaken(Conflict):
    rule = "IDN-004"
    zh = "机构代码已被使用"
    en = "Another branch has this code"
    todo_zh = "请换一个机构代码"
    todo_en = "Choose another code"


class RegionUnknown(Invalid):
    rule = "IDN-005"
    zh = "地区代码 {region} 不是 GB/T 2260 的省级代码"
    en = "{region} is not a province of GB/T 2260"
    todo_zh = "请填写两位省级代码,如 44(广东)"
    todo_en = "Send the two digits of a province, such as 44 for Guangdong"


class KindTooHigh(Conflict):
    """A branch lies below one of a higher kind, on every date."""

    rule = "IDN-001"
    zh = "{kind} 机构不能设在 {parent_kind} 机构之下"
    en = "A branch of kind {kind} cannot lie below one of kind {parent_kind}"
    todo_zh = "层级由高到低:headquarters、provincial、branch、sub_branch、office"
    todo_en = "From high to low: headquarters, provincial, branch, sub_branch, office"


class MoveInThePast(Invalid):
    rule = "IDN-003"
    zh = "隶属变更须自今日({today})起,且晚于上一次变更({last})"
    en = "A move takes effect today ({today}) or later, and after the last one ({last})"
    todo_zh = "请填写更晚的生效日期"
    todo_en = "Send a later date"


class ClosedInThePast(Invalid):
    rule = "IDN-003"
    zh = "关闭自今日或以后生效,最后营业日不得早于 {earliest}"
    en = "A closure takes effect today or later: the last day is not before {earliest}"
    todo_zh = "请填写更晚的最后营业日"
    todo_en = "Send a later last day"


class ClosedBranch(Conflict):
    rule = "IDN-007"
    zh = "机构 {name} 已关闭"
    en = "Branch {name} is closed, or will be"
    todo_zh = "请选择营业中的机构"
    todo_en = "Choose a branch that is open"


class BranchesBelow(Conflict):
    rule = "IDN-007"
    zh = "其下仍有未关闭的机构:{names}"
    en = "Open branches lie below it: {names}"
    todo_zh = "请先关闭或调整其下级机构"
    todo_en = "Close or move them first"


class HeadquartersStays(Conflict):
    rule = "IDN-002"
    zh = "总公司不能新设、调整隶属或关闭"
    en = "Headquarters is made by the first administrator's command only; it is never moved or closed"
    todo_zh = "请选择其他机构类型"
    todo_en = "Choose another kind of branch"


def found(branch_id: str, code: str, name: str, region: str, on: date) -> tuple[Branch, BranchOpened]:
    """Headquarters, the root of the tree.

    Raises:
        RegionUnknown: not a province of GB/T 2260.

    Rule: IDN-002, IDN-005.
    """
    _check_region(region)
    place = Place(parent=None, from_on=on)
    return _opened(
        Branch(
            id=branch_id,
            branch=branch_id,
            code=code,
            name=name,
            kind=Kind.HEADQUARTERS,
            region=region,
            parents=(place,),
        )
    )


def open_branch(tree: Tree, new: Branch, reach: Reach) -> tuple[Branch, BranchOpened]:
    """A branch below its first place's parent.

    Raises:
        HeadquartersStays: there is one headquarters only.
        BranchNotFound: no such parent.
        BranchOutOfReach: the caller may not open branches there.
        KindTooHigh, ClosedBranch, RegionUnknown.

    Rule: IDN-001, IDN-002, IDN-005, IDN-006, IDN-007.
    """
    place = new.parents[0]
    if new.kind is Kind.HEADQUARTERS or place.parent is None:
        raise HeadquartersStays
    _check_region(new.region)
    _check_reach(tree, reach, place.parent)
    _check_parent(tree[place.parent], new, place.from_on)
    return _opened(new)


def move(
    tree: Tree, branch: Branch, parent_id: str, from_on: date, today: date, reach: Reach
) -> tuple[Branch, BranchMoved]:
    """The branch below another parent from a date on; earlier places stay as they were.

    Raises:
        BranchOutOfReach: the caller lacks the right over the old parent or the new one.
        MoveInThePast: before today, or not after the last move.
        KindTooHigh: which also keeps a branch from ever lying below itself.
        ClosedBranch, HeadquartersStays.

    Rule: IDN-001, IDN-002, IDN-003, IDN-006, IDN-007.
    """
    last = branch.parents[-1]
    if branch.kind is Kind.HEADQUARTERS or last.parent is None:
        raise HeadquartersStays
    _check_reach(tree, reach, last.parent, parent_id)
    if branch.status is Status.CLOSED:
        raise ClosedBranch(name=branch.name)
    if from_on < today or from_on <= last.from_on:
        raise MoveInThePast(today=today, last=last.from_on)
    _check_parent(tree[parent_id], branch, from_on)
    after = branch.but(parents=(*branch.parents, Place(parent=parent_id, from_on=from_on)))
    return after, BranchMoved(branch_id=branch.id, parent_id=parent_id, from_on=from_on)


def edit(branch: Branch, name: str, region: str) -> tuple[Branch, BranchChanged] | None:
    """Another name or region; None when nothing changes. Refuses RegionUnknown. Rule: IDN-005."""
    _check_region(region)
    if (name, region) == (branch.name, branch.region):
        return None
    return branch.but(name=name, region=region), BranchChanged(branch_id=branch.id, name=name, region=region)


def close(tree: Tree, branch: Branch, closed_on: date, today: date) -> tuple[Branch, BranchClosed]:
    """No new business after a date; the records stay.

    Raises:
        HeadquartersStays, IllegalMove (closed before).
        ClosedInThePast: the day after `closed_on` is past.
        BranchesBelow: open branches lie below it then, or will.

    Rule: IDN-002, IDN-003, IDN-007.
    """
    if branch.kind is Kind.HEADQUARTERS:
        raise HeadquartersStays
    after = moved(branch, MOVES, Status.CLOSED, closed_on=closed_on)
    if closed_on < today - timedelta(days=1):
        raise ClosedInThePast(earliest=today - timedelta(days=1))
    below = [
        child.name
        for child in tree.values()
        if _open_after(child, closed_on) and _ever_below(child, branch.id, closed_on)
    ]
    if below:
        raise BranchesBelow(names="、".join(sorted(below)[:10]))
    return after, BranchClosed(branch_id=branch.id, closed_on=closed_on)


def _opened(new: Branch) -> tuple[Branch, BranchOpened]:
    place = new.parents[0]
    told = BranchOpened(
        branch_id=new.id,
        code=new.code,
        name=new.name,
        kind=new.kind,
        region=new.region,
        parent_id=place.parent,
        from_on=place.from_on,
    )
    return new, told


def _check_region(region: str) -> None:
    if region not in REGIONS:
        raise RegionUnknown([Fault("/region", "不是省级代码", "not the code of a province")], region=region)


def _check_reach(tree: Tree, reach: Reach, *branch_ids: str) -> None:
    for branch_id in branch_ids:
        if branch_id not in tree:
            raise BranchNotFound(id=branch_id)
        if reach is not None and branch_id not in reach:
            raise BranchOutOfReach(name=tree[branch_id].name)


def _check_parent(parent: Branch, child: Branch, on: date) -> None:
    if parent.kind.rank >= child.kind.rank:
        raise KindTooHigh(kind=child.kind, parent_kind=parent.kind)
    if parent.closed_on is not None:
        raise ClosedBranch(name=parent.name)


def _open_after(child: Branch, on: date) -> bool:
    return child.closed_on is None or child.closed_on > on


def _ever_below(child: Branch, branch_id: str, since: date) -> bool:
    later = [place.parent for place in child.parents if place.from_on > since]
    return branch_id in [child.parent(since), *later]
