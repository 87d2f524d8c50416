"""How a registered project starts, is won or lost, and is closed."""

from collections.abc import Iterable
from datetime import datetime

from chassis.clock import business_date
from chassis.moves import move
from chassis.refusals import Fault
from contracts.clients import (
    ProjectActivated,
    ProjectChanged,
    ProjectClosed,
    ProjectLost,
    ProjectWon,
    TeamMember,
)
from services.clients.projects.clashes import protection_over
from services.clients.projects.model import MOVES, Costs, LostReason, Project, Status
from services.clients.projects.refusals import CostsMissing, NotReady, NotWon, ProtectionOver
from services.clients.projects.rules import Moved, check_reason
from services.clients.trail import Step


def activate(project: Project, by: str, at: datetime) -> Moved:
    """Start work: the client is on file, the team is named, the timetable stands, the budget is approved. Won at once
    when cover was confirmed before.

    Raises IllegalMove, ProtectionOver, NotReady (all gaps). Rule: CLI-069 (docs/rules/clients.md).
    """
    step = Step(status=Status.ACTIVE, at=at, by=by)
    active = move(project, MOVES, Status.ACTIVE, steps=(*project.steps, step))
    if protection_over(project, business_date(at)) and project.policy_id is None:
        raise ProtectionOver(until=project.protected_until_on)
    faults = list(_unready(project))
    if faults:
        raise NotReady(faults, count=len(faults))
    fact = ProjectActivated(
        project_id=project.id,
        client_id=project.told_client_id,
        line_family=project.terms.line_family,
        team=[TeamMember(user_id=seat.user_id, role=seat.role) for seat in project.team],
    )
    if project.policy_id is None:
        return active, fact
    won, told = _won(active, project.policy_id, by, at)
    return won, fact, told


def _unready(project: Project) -> Iterable[Fault]:
    if project.client_id is None:
        yield Fault("/client_id", "潜在客户须先建档", "the prospect is not on file")
    if not project.team:
        yield Fault("/team", "须指定项目小组", "the team is not named")
    if not project.timetable:
        yield Fault("/timetable", "须制定时间表", "there is no timetable")
    if project.budget is None or not project.budget.approved:
        yield Fault("/budget", "费用预算须先获批准", "the expense budget is not approved")


def cover(project: Project, policy_id: str, by: str, at: datetime) -> Moved | None:
    """The first cover was confirmed: an active project is won; a registered one keeps the policy and is won when it
    starts.

    None for what was won before or has ended. Rule: CLI-070 (docs/rules/clients.md).
    """
    if project.policy_id is not None:
        return None
    if project.status == Status.REGISTERED:
        return project.but(policy_id=policy_id), ProjectChanged(project_id=project.id)
    if project.status == Status.ACTIVE:
        return _won(project, policy_id, by, at)
    return None


def _won(project: Project, policy_id: str, by: str, at: datetime) -> tuple[Project, ProjectWon]:
    step = Step(status=Status.WON, at=at, by=by)
    won = move(project, MOVES, Status.WON, policy_id=policy_id, steps=(*project.steps, step))
    return won, ProjectWon(project_id=project.id, client_id=project.told_client_id, policy_id=policy_id)


def lose(project: Project, reason: LostReason, note: str, by: str, at: datetime) -> Moved:
    """Record that an active project was lost, with a reason code. Raises IllegalMove, ReasonMissing. Rule: CLI-070."""
    step = Step(status=Status.LOST, at=at, by=by, reason=note or reason)
    lost = move(project, MOVES, Status.LOST, lost_reason=reason, steps=(*project.steps, step))
    if reason == LostReason.OTHER:
        check_reason(note)
    return lost, ProjectLost(project_id=project.id, client_id=project.told_client_id, reason=reason)


def post_costs(project: Project, costs: Costs) -> Moved:
    """Finance posts what a won project cost; until it is closed, a later posting replaces it. Raises NotWon. Rule:
    CLI-070.
    """
    if project.status != Status.WON:
        raise NotWon(state=str(project.status))
    return project.but(costs=costs), ProjectChanged(project_id=project.id)


def close(project: Project, review: str, by: str, at: datetime) -> Moved:
    """Close a won project with its review, after its costs. Raises IllegalMove, CostsMissing. Rule: CLI-070."""
    step = Step(status=Status.CLOSED, at=at, by=by)
    closed = move(project, MOVES, Status.CLOSED, review=review, steps=(*project.steps, step))
    if project.costs is None:
        raise CostsMissing
    return closed, ProjectClosed(project_id=project.id, client_id=project.told_client_id)
