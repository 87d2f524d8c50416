"""Expense budgets: who may approve how much."""

from collections.abc import Iterable
from datetime import date, datetime

from chassis.model import Value
from chassis.refusals import Fault
from contracts.clients import ProjectChanged, ProjectExpenseApproved
from contracts.money import Money
from contracts.shared import LineFamily
from services.clients.people.model import Tier
from services.clients.projects.model import OPEN, Budget, Project, Status
from services.clients.projects.refusals import (
    BudgetInvalid,
    NoExpenseMatrix,
    NothingAsked,
    ProjectFixed,
    SubordinateDecides,
    TierTooLow,
)
from services.clients.projects.rules import Moved, check_other_hands, check_reason

WITH_BUDGET = OPEN - {Status.DRAFT, Status.WON}
CURRENCY = "CNY"


class MatrixRow(Value):
    """Amounts above `above` (exclusive; null: from zero on) up to `up_to` (inclusive; null: without end) are for this
    tier.
    """

    line_family: str
    """A line family, or "*" for all that have no rows of their own."""
    above: Money | None
    up_to: Money | None
    tier: Tier

    def holds(self, amount: Money) -> bool:
        """Whether the amount lies in the row."""
        return (self.above is None or self.above < amount) and (self.up_to is None or amount <= self.up_to)


class Matrix(Value):
    """An expense matrix, and the business date from which it decides."""

    id: str
    branch: str
    kind: str
    from_on: date | None = None
    activated_at: datetime | None = None
    rows: tuple[MatrixRow, ...] = ()


def in_force(matrices: Iterable[Matrix], on: date) -> Matrix:
    """The matrix that decides on a business date: the one that began last. Raises NoExpenseMatrix. Rule: CLI-067."""
    begun = [
        (matrix.from_on, matrix.activated_at, matrix) for matrix in matrices if matrix.from_on and matrix.activated_at
    ]
    begun = [entry for entry in begun if entry[0] <= on]
    if not begun:
        raise NoExpenseMatrix
    return max(begun, key=lambda entry: entry[:2])[2]


def tier_for(matrix: Matrix, line_family: LineFamily, amount: Money) -> Tier:
    """The tier that approves an amount (minor units of CNY); the general manager for a line that has no rows. Rule:
    CLI-067.
    """
    rows = [row for row in matrix.rows if row.line_family == line_family]
    rows = rows or [row for row in matrix.rows if row.line_family == "*"]
    return next((row.tier for row in rows if row.holds(amount)), Tier.GENERAL_MANAGER)


def ask_budget(project: Project, amount: Money, purpose: str, matrix: Matrix, by: str, at: datetime) -> Moved:
    """Ask for an expense budget; the tier is looked up and frozen into the request, which replaces an earlier one.

    Raises ProjectFixed (before submission, or once won), BudgetInvalid. Rule: CLI-067 (docs/rules/clients.md).
    """
    if project.status not in WITH_BUDGET:
        raise ProjectFixed(state=str(project.status), field="budget")
    if amount.currency != CURRENCY or amount.amount_minor < 0:
        raise BudgetInvalid([Fault("/amount", "须为不小于零的人民币金额", "must be CNY, zero or more")])
    tier = tier_for(matrix, project.terms.line_family, amount)
    budget = Budget(amount=amount, purpose=purpose, tier=tier, matrix_id=matrix.id, asked_by=by, asked_at=at)
    return project.but(budget=budget), ProjectChanged(project_id=project.id)


def decide_budget(
    project: Project, approve: bool, reason: str, held: Tier | None, subordinate: bool, by: str, at: datetime
) -> Moved:
    """Approve the open request, or refuse it with a reason. `held` is the decider's tier over the project's branch by
    the server's own data, `subordinate` whether he reports to the requester.

    Raises NothingAsked, SameHands, SubordinateDecides, TierTooLow, ReasonMissing. Rule: CLI-067, CLI-068, SYS-011.
    """
    asked = project.budget
    if project.status not in WITH_BUDGET or asked is None or asked.decided_at is not None:
        raise NothingAsked
    check_other_hands(by, asked.asked_by)
    if subordinate:
        raise SubordinateDecides
    if held is None or held.rank < asked.tier.rank:
        raise TierTooLow(tier=str(asked.tier))
    if not approve:
        check_reason(reason)
    decided = project.but(budget=asked.but(decided_by=by, decided_at=at, approved=approve, reason=reason))
    if not approve:
        return decided, ProjectChanged(project_id=project.id)
    return decided, ProjectExpenseApproved(project_id=project.id, amount=asked.amount, approver_id=by)
