"""Which tier decides an amount, and who has that tier. Pure."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from chassis.moves import move
from chassis.refusals import Conflict, Fault, Forbidden, Invalid
from contracts.money import Money
from contracts.placement import AuthorityMatrixActivated, AuthorityMatrixDrafted, AuthorityRow
from contracts.shared import LineFamily
from services.placement.authority.model import ANY_LINE, MOVES, TIER_OF_ROLE, Matrix, Row, Status, Tier


class MatrixFaulty(Invalid):
    """The rows leave a hole or overlap."""

    rule = "PLC-009"
    zh = "授权表的金额区间有 {count} 处空档、重叠或错误"
    en = "The matrix has {count} hole(s), overlap(s) or other fault(s)"
    todo_zh = "每个险种的区间必须从零开始、首尾相接、最后一档不设上限"
    todo_en = "For each line the rows must begin at zero, meet end to start, and end without a limit"


class MatrixMissing(Conflict):
    """No matrix of the kind is in force on the day."""

    rule = "PLC-010"
    zh = "{on} 没有生效的{kind_zh}授权表"
    en = "No {kind} authority matrix is in force on {on}"
    todo_zh = "请由管理员建立授权表并经第二人启用"
    todo_en = "Have the administrator draft a matrix and a second person activate it"


class OwnWork(Forbidden):
    """Somebody would decide what he made himself."""

    rule = "SYS-011"
    zh = "不能审核自己经办的事项"
    en = "Nobody decides what he made himself"
    todo_zh = "请由有相应权限的其他人员审核"
    todo_en = "Have somebody else of the tier decide"


class TierTooLow(Forbidden):
    """The user's roles in this branch do not reach the tier."""

    rule = "PLC-012"
    zh = "此事项需由{tier_zh}审批,您当前的级别为{own_zh}"
    en = "This is for tier {tier} to decide; yours is {own}"
    todo_zh = "请提交给该级别的审批人"
    todo_en = "Hand it to somebody of that tier"


class DelegateBelowRequester(Forbidden):
    """Lent authority is not used by a subordinate of the one who asks."""

    rule = "PLC-015"
    zh = "代理授权不得由申请人的下属行使"
    en = "Lent authority may not be used by somebody who reports to the requester"
    todo_zh = "请由其他有权限的人员审核"
    todo_en = "Have somebody else with authority decide"


def faults(rows: Iterable[Row]) -> list[Fault]:
    """Everything that keeps rows from covering every amount from zero on exactly once, for each line.

    Pointers lead to the row at which it shows.

    Rule: PLC-009.
    """
    by_line: dict[str, list[tuple[int, Row]]] = {}
    for number, row in enumerate(rows):
        by_line.setdefault(row.line_family, []).append((number, row))
    if not by_line:
        return [Fault("/rows", "没有任何区间", "there are no rows")]
    found: list[Fault] = []
    for line, numbered in by_line.items():
        wrong = [fault for number, row in numbered for fault in _row_faults(number, row)]
        found += wrong or _line_faults(line, numbered)
    return found


def _row_faults(number: int, row: Row) -> list[Fault]:
    found: list[Fault] = []
    for name, limit in (("above", row.above), ("up_to", row.up_to)):
        if limit is not None and limit.currency != "CNY":
            found.append(Fault(f"/rows/{number}/{name}", "金额以人民币计", "limits are in CNY"))
        elif limit is not None and limit.amount_minor < 0:
            found.append(Fault(f"/rows/{number}/{name}", "金额不能为负", "limits are not negative"))
    if not found and row.up_to is not None and row.up_to.amount_minor <= _start(row) and row.above is not None:
        found.append(Fault(f"/rows/{number}", "上限不高于下限", "the row is empty: its end is not above its beginning"))
    return found


def _start(row: Row) -> int:
    return -1 if row.above is None else row.above.amount_minor


def _line_faults(line: str, numbered: list[tuple[int, Row]]) -> list[Fault]:
    found: list[Fault] = []
    end: int | None = -1
    for number, row in sorted(numbered, key=lambda pair: _start(pair[1])):
        start = _start(row)
        if end is None or start < end:
            found.append(Fault(f"/rows/{number}", f"{line}:与前一区间重叠", f"{line}: overlaps the row before"))
        elif start > end:
            low, high = _yuan(max(end, 0)), _yuan(start)
            zh, en = f"{line}:{low} 至 {high} 之间没有规定", f"{line}: nothing is said of {low} to {high}"
            found.append(Fault(f"/rows/{number}", zh, en))
        reach = None if row.up_to is None else row.up_to.amount_minor
        end = None if end is None or reach is None else max(end, reach)
    if end is not None:
        text = _yuan(end)
        found.append(Fault("/rows", f"{line}:{text} 以上没有规定", f"{line}: nothing is said of amounts above {text}"))
    return found


def _yuan(fen: int) -> str:
    return Money(amount_minor=fen).amount


def redraft(matrix: Matrix, rows: list[Row], note: str) -> tuple[Matrix, AuthorityMatrixDrafted]:
    """Change a draft; raises IllegalMove once it is active. Rule: PLC-009."""
    return move(matrix, MOVES, Status.DRAFTED, rows=rows, note=note), AuthorityMatrixDrafted(
        matrix_id=matrix.id, kind=matrix.kind
    )


def activate(matrix: Matrix, from_on: date, by: str, at: datetime) -> tuple[Matrix, AuthorityMatrixActivated]:
    """Let a matrix decide from a business date on, by a second person.

    Raises:
        IllegalMove: it is active already.
        OwnWork: `by` drafted it.
        MatrixFaulty: a hole, an overlap; all of them are told.

    Rule: PLC-009, PLC-010, SYS-011.
    """
    active = move(matrix, MOVES, Status.ACTIVE, checker_id=by, from_on=from_on, activated_at=at)
    if by == matrix.maker_id:
        raise OwnWork
    if found := faults(matrix.rows):
        raise MatrixFaulty(found, count=len(found))
    rows = [AuthorityRow(**row.model_dump()) for row in matrix.rows]
    return active, AuthorityMatrixActivated(matrix_id=matrix.id, kind=matrix.kind, from_on=from_on, rows=rows)


def tier_of(rows: Collection[Row], line_family: LineFamily, amount: Money) -> Tier:
    """The tier for an amount in CNY: by the line's own rows, else by those for all lines, else the general manager.

    Rule: PLC-009, PLC-011.
    """
    own = [row for row in rows if row.line_family == line_family]
    for row in own or [row for row in rows if row.line_family == ANY_LINE]:
        if (row.above is None or row.above < amount) and (row.up_to is None or amount <= row.up_to):
            return row.tier
    return Tier.GENERAL_MANAGER


def highest(roles: Iterable[str]) -> Tier | None:
    """The highest tier that any of the roles has; None for roles that decide nothing. Rule: PLC-012."""
    tiers = [TIER_OF_ROLE[role] for role in roles if role in TIER_OF_ROLE]
    return max(tiers, key=lambda tier: tier.rank, default=None)
