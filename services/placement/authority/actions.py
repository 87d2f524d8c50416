"""Authority matrices, and the two questions that other slices ask: which tier, and may this user decide."""

from collections.abc import Collection
from datetime import date

from chassis.branches import BranchTree
from chassis.work import Work
from contracts.money import Money
from contracts.placement import AuthorityMatrixDrafted
from contracts.shared import LineFamily
from services.placement.authority import rules
from services.placement.authority.model import Kind, Matrix, Row, Tier
from services.placement.authority.store import Matrices
from services.placement.delegations.actions import lent_to
from services.placement.exchange_rates.actions import to_yuan
from services.placement.gates.actions import is_subordinate, the_user
from services.placement.gates.model import UserCopy


async def draft_matrix(kind: Kind, rows: list[Row], note: str, work: Work) -> Matrix:
    """Begin a matrix; it may have holes until it is activated. Rule: PLC-009."""
    matrix = Matrix(
        id=work.new_id("authority_matrices"),
        branch=work.actor.branch,
        kind=kind,
        rows=rows,
        note=note,
        maker_id=work.actor.id,
    )
    return await Matrices(work).add(matrix, AuthorityMatrixDrafted(matrix_id=matrix.id, kind=kind))


async def redraft_matrix(matrix_id: str, rows: list[Row] | None, note: str | None, work: Work) -> Matrix:
    """Change a draft; None leaves rows or note as they are. Raises IllegalMove once it is active."""

    def decide(matrix: Matrix) -> tuple[Matrix, AuthorityMatrixDrafted]:
        return rules.redraft(matrix, matrix.rows if rows is None else rows, matrix.note if note is None else note)

    return await Matrices(work).change(matrix_id, decide)


async def activate_matrix(matrix_id: str, from_on: date, work: Work) -> Matrix:
    """Let a matrix decide from a business date on (past or future), by somebody other than its maker.

    Raises:
        MatrixNotFound, IllegalMove, OwnWork, MatrixFaulty, MatrixDateTaken.

    Rule: PLC-009, PLC-010, SYS-011.
    """
    return await Matrices(work).change(
        matrix_id, lambda matrix: rules.activate(matrix, from_on, work.actor.id, work.now)
    )


async def the_matrix(kind: str, on: date, work: Work) -> Matrix:
    """The matrix in force on a business date; raises MatrixMissing. Rule: PLC-010."""
    matrix = await Matrices(work).in_force(Kind(kind), on)
    if matrix is None:
        raise rules.MatrixMissing(kind=kind, kind_zh=Kind(kind).zh, on=on)
    return matrix


async def tier_for(kind: str, line_family: LineFamily, amount: Money, work: Work) -> Tier:
    """The tier for an amount by today's matrix; `kind` is premium, claim or expense.

    Foreign amounts count in yuan at the day's recorded rate. The caller adds up amounts of one client and project.

    Raises:
        MatrixMissing, RateMissing.

    Rule: PLC-009, PLC-010, PLC-011, PLC-014.
    """
    matrix = await the_matrix(kind, work.today, work)
    in_yuan, _ = await to_yuan(amount, work)
    return rules.tier_of(matrix.rows, line_family, in_yuan)


async def held_tier(user: UserCopy, branch: str, work: Work) -> Tier | None:
    """The highest tier of a user's own roles today in a branch or above it; None when he decides nothing there."""
    if user.disabled:
        return None
    tree, roles = BranchTree(work.db), list[str]()
    for assignment in user.assignments:
        begun = assignment.from_on <= work.today
        over = assignment.until_on is not None and assignment.until_on < work.today
        if begun and not over and branch in await tree.below([assignment.branch_id], work.today):
            roles += assignment.roles
    return rules.highest(roles)


async def check_may_decide(
    user_id: str, branch: str, tier: Tier, work: Work, *, requesters: Collection[str] = ()
) -> None:
    """Refuse a user who may not decide at a tier for a branch today; a higher tier decides for a lower one.

    His roles come from what identity told, never from the request. Authority that was lent to him counts, unless he
    reports to one of the `requesters` (the users whose work is decided); they themselves never decide.

    Raises:
        UserUnknown, OwnWork, TierTooLow, DelegateBelowRequester.

    Rule: PLC-012, PLC-015, SYS-011.
    """
    if user_id in requesters:
        raise rules.OwnWork
    user = await the_user(user_id, work)
    own = await held_tier(user, branch, work)
    if own is not None and own >= tier:
        return
    if not await _lent_enough(user_id, branch, tier, work):
        raise rules.TierTooLow(tier=tier, own=own or "-", tier_zh=tier.zh, own_zh=own.zh if own else "无审批权")
    for requester in requesters:
        if await is_subordinate(user_id, requester, work):
            raise rules.DelegateBelowRequester


async def _lent_enough(user_id: str, branch: str, tier: Tier, work: Work) -> bool:
    tree = BranchTree(work.db)
    for lent in await lent_to(user_id, work):
        if branch not in await tree.below([lent.branch], work.today):
            continue
        given = await held_tier(await the_user(lent.giver_id, work), branch, work)
        if given is not None and given >= tier:
            return True
    return False
