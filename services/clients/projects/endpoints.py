"""The HTTP door of project registrations."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.files import BranchMissing, FileMissing
from chassis.http import Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from contracts.shared import LineFamily
from services.clients.clients.refusals import ClientNotFound, NumberInvalid, RecordMerged
from services.clients.people.actions import UserNotInBranch
from services.clients.people.store import UserUnknown
from services.clients.projects import actions, schemas
from services.clients.projects import refusals as no
from services.clients.projects.model import Status
from services.clients.projects.refusals import ProjectNotFound
from services.clients.projects.schemas import ConflictView, ProjectView
from services.clients.projects.store import Projects

router = APIRouter(prefix="/projects", tags=["projects"])


@router.post(
    "",
    status_code=201,
    dependencies=[requires("projects:write")],
    responses=refusals(no.ProjectIncomplete, ClientNotFound, RecordMerged, NumberInvalid, BranchMissing),
)
async def draft_project(body: schemas.DraftProject, work: Work) -> ProjectView:
    """Draft a registration (项目报备) of a client on file, or of a prospect named by name and identity number.

    Rule: CLI-062 (docs/rules/clients.md).
    """
    prospect = body.prospect.prospect(work.today) if body.prospect else None
    return ProjectView.of(await actions.draft_project(body.client_id, prospect, body.branch, body.terms(), work))


@router.patch(
    "/{project_id}",
    dependencies=[requires("projects:write")],
    responses=refusals(
        ProjectNotFound, no.ProjectOver, no.ProjectFixed, no.ProjectIncomplete, UserUnknown, UserNotInBranch
    ),
)
async def change_project(project_id: str, body: schemas.ChangeProject, work: Work) -> ProjectView:
    """Change premium and present cover of a draft; notes, team and timetable while the project is open.

    Rule: CLI-062 (docs/rules/clients.md).
    """
    return ProjectView.of(await actions.edit_project(project_id, body.told(), work))


@router.post(
    "/{project_id}/submission",
    dependencies=[requires("projects:write")],
    responses=refusals(ProjectNotFound, IllegalMove, no.ProjectIncomplete),
)
async def submit_project(project_id: str, work: Work) -> ProjectView:
    """Hand in a complete registration. All branches are searched; `conflicted` says that a clash exists, and nothing
    of whom with.

    Rule: CLI-062, CLI-063 (docs/rules/clients.md).
    """
    return ProjectView.of(await actions.submit_project(project_id, work))


@router.get(
    "/{project_id}/conflict",
    dependencies=[requires("projects:arbitrate")],
    responses=refusals(ProjectNotFound),
)
async def show_project_conflict(project_id: str, work: Work) -> ConflictView:
    """What stands against a conflicted registration, as far as the arbiter's own branches reach.

    Rule: CLI-063 (docs/rules/clients.md).
    """
    return ConflictView.of(*await actions.conflict_of(project_id, work))


@router.post(
    "/{project_id}/registration",
    dependencies=[requires("projects:register")],
    responses=refusals(ProjectNotFound, IllegalMove, no.ArbitrationNeeded, no.SameHands),
)
async def register_project(project_id: str, work: Work) -> ProjectView:
    """Register what has no conflict: protected for 90 days.

    Rule: CLI-065, SYS-011 (docs/rules/clients.md).
    """
    return ProjectView.of(await actions.register_project(project_id, work))


@router.post(
    "/{project_id}/arbitration",
    dependencies=[requires("projects:arbitrate")],
    responses=refusals(ProjectNotFound, no.NothingToArbitrate, no.ConflictElsewhere, no.ReasonMissing, no.SameHands),
)
async def arbitrate_project(project_id: str, body: schemas.Arbitrate, work: Work) -> ProjectView:
    """Decide a conflict within one branch.

    Rule: CLI-064 (docs/rules/clients.md).
    """
    return ProjectView.of(await actions.arbitrate_project(project_id, body.award, body.reason, False, work))


@router.post(
    "/{project_id}/cross_branch_arbitration",
    dependencies=[requires("projects:arbitrate-cross")],
    responses=refusals(ProjectNotFound, no.NothingToArbitrate, no.ConflictElsewhere, no.ReasonMissing, no.SameHands),
)
async def arbitrate_project_across(project_id: str, body: schemas.Arbitrate, work: Work) -> ProjectView:
    """Decide a conflict between branches, all of which lie in the arbiter's reach.

    Rule: CLI-064 (docs/rules/clients.md).
    """
    return ProjectView.of(await actions.arbitrate_project(project_id, body.award, body.reason, True, work))


@router.post(
    "/{project_id}/budget",
    dependencies=[requires("projects:write")],
    responses=refusals(ProjectNotFound, no.ProjectFixed, no.BudgetInvalid, no.NoExpenseMatrix),
)
async def ask_project_budget(project_id: str, body: schemas.AskBudget, work: Work) -> ProjectView:
    """Ask for an expense budget (费用支持); the answer names the tier that decides.

    Rule: CLI-067 (docs/rules/clients.md).
    """
    return ProjectView.of(await actions.ask_budget(project_id, body.amount, body.purpose, work))


@router.post(
    "/{project_id}/budget_decision",
    dependencies=[requires("projects:approve-budget")],
    responses=refusals(
        ProjectNotFound, no.NothingAsked, no.SameHands, no.SubordinateDecides, no.TierTooLow, no.ReasonMissing
    ),
)
async def decide_project_budget(project_id: str, body: schemas.DecideRequest, work: Work) -> ProjectView:
    """Approve or refuse the budget that was asked for, as the tier that the expense matrix names.

    Rule: CLI-067, CLI-068, SYS-011 (docs/rules/clients.md).
    """
    return ProjectView.of(await actions.decide_budget(project_id, body.approve, body.reason, work))


@router.post(
    "/{project_id}/activation",
    dependencies=[requires("projects:write")],
    responses=refusals(ProjectNotFound, IllegalMove, no.ProtectionOver, no.NotReady),
)
async def activate_project(project_id: str, work: Work) -> ProjectView:
    """Start work: team named, timetable made, budget approved.

    Rule: CLI-069 (docs/rules/clients.md).
    """
    return ProjectView.of(await actions.activate_project(project_id, work))


@router.post(
    "/{project_id}/extension",
    dependencies=[requires("projects:write")],
    responses=refusals(ProjectNotFound, no.ProtectionOver, no.ExtendedAlready, FileMissing),
)
async def ask_project_extension(project_id: str, body: schemas.AskExtension, work: Work) -> ProjectView:
    """Ask for another 90 days, with evidence of activity, while the project is protected.

    Rule: CLI-066 (docs/rules/clients.md).
    """
    return ProjectView.of(await actions.ask_extension(project_id, body.activity, body.evidence_id, work))


@router.post(
    "/{project_id}/extension_decision",
    dependencies=[requires("projects:extend")],
    responses=refusals(
        ProjectNotFound, no.NothingAsked, no.ProtectionOver, no.ExtendedAlready, no.SameHands, no.ReasonMissing
    ),
)
async def decide_project_extension(project_id: str, body: schemas.DecideRequest, work: Work) -> ProjectView:
    """Grant or refuse the extension that was asked for; granted once.

    Rule: CLI-066, SYS-011 (docs/rules/clients.md).
    """
    return ProjectView.of(await actions.decide_extension(project_id, body.approve, body.reason, work))


@router.post(
    "/{project_id}/loss",
    dependencies=[requires("projects:write")],
    responses=refusals(ProjectNotFound, IllegalMove, no.ReasonMissing),
)
async def lose_project(project_id: str, body: schemas.LoseProject, work: Work) -> ProjectView:
    """Record that an active project was lost, with a reason code.

    Rule: CLI-070 (docs/rules/clients.md).
    """
    return ProjectView.of(await actions.lose_project(project_id, body.reason, body.note, work))


@router.post(
    "/{project_id}/costs",
    dependencies=[requires("projects:post-costs")],
    responses=refusals(ProjectNotFound, no.NotWon),
)
async def post_project_costs(project_id: str, body: schemas.PostCosts, work: Work) -> ProjectView:
    """Finance posts what a won project cost; until it is closed, a later posting replaces it.

    Rule: CLI-070 (docs/rules/clients.md).
    """
    return ProjectView.of(await actions.post_costs(project_id, body.amount, body.reference, work))


@router.post(
    "/{project_id}/closure",
    dependencies=[requires("projects:write")],
    responses=refusals(ProjectNotFound, IllegalMove, no.CostsMissing),
)
async def close_project(project_id: str, body: schemas.CloseProject, work: Work) -> ProjectView:
    """Close a won project with its review, once its costs are posted.

    Rule: CLI-070 (docs/rules/clients.md).
    """
    return ProjectView.of(await actions.close_project(project_id, body.review, work))


@router.post(
    "/{project_id}/transfer",
    dependencies=[requires("projects:transfer")],
    responses=refusals(
        ProjectNotFound, no.ProjectOver, no.OwnerAlready, no.ReasonMissing, UserUnknown, UserNotInBranch
    ),
)
async def transfer_project(project_id: str, body: schemas.TransferProject, work: Work) -> ProjectView:
    """Give an open project to another user who works for its branch.

    Rule: CLI-071 (docs/rules/clients.md).
    """
    return ProjectView.of(await actions.transfer_project(project_id, body.owner_id, body.reason, work))


@router.post(
    "/{project_id}/client",
    dependencies=[requires("projects:write")],
    responses=refusals(ProjectNotFound, ClientNotFound, RecordMerged, no.ProjectOver, no.NotTheSameClient),
)
async def link_project_client(project_id: str, body: schemas.LinkClient, work: Work) -> ProjectView:
    """Name the record of the prospect that was registered, now that he is on file.

    Rule: CLI-063 (docs/rules/clients.md).
    """
    return ProjectView.of(await actions.link_client(project_id, body.client_id, work))


@router.get("/{project_id}", dependencies=[requires("projects:read")], responses=refusals(ProjectNotFound))
async def show_project(project_id: str, work: Work) -> ProjectView:
    """One registration of the caller's branches."""
    return ProjectView.of(await Projects(work).get(project_id))


@router.get("", dependencies=[requires("projects:read")])
async def list_projects(
    work: Work,
    paging: Annotated[Listing, paged("protected_until_on")],
    client_id: Annotated[str | None, Query(max_length=64)] = None,
    owner_id: Annotated[str | None, Query(max_length=64)] = None,
    status: Annotated[Status | None, Query()] = None,
    line_family: Annotated[LineFamily | None, Query()] = None,
) -> Page[ProjectView]:
    """Registrations by page, newest first; of one client or owner, in one status, of one line family."""
    told = {"client_id": client_id, "owner_id": owner_id, "status": status, "terms.line_family": line_family}
    found = await Projects(work).page(paging, {name: value for name, value in told.items() if value is not None})
    return Page(items=[ProjectView.of(project) for project in found.items], next=found.next)
