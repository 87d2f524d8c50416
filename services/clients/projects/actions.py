"""Load, decide, save: registration, conflict, protection and the life of a project."""

from typing import Any

from chassis.files import BranchMissing, Files
from chassis.store import together
from chassis.work import Work
from contracts.clients import ProjectDrafted
from contracts.money import Money
from services.clients.clients import rules as client_rules
from services.clients.clients.actions import stayed
from services.clients.clients.model import Client
from services.clients.clients.store import Clients
from services.clients.people.actions import is_subordinate, the_colleague, tier_of
from services.clients.projects import budgets, progress, rules
from services.clients.projects.clashes import rivals_of
from services.clients.projects.model import Costs, LostReason, Mark, Project, Prospect, Status, Terms
from services.clients.projects.refusals import ConflictElsewhere
from services.clients.projects.store import (
    BATCH,
    Claims,
    Matrices,
    Projects,
    mark_of_client,
    mark_of_prospect,
)
from services.clients.trail import Step


async def draft_project(
    client_id: str | None, prospect: Prospect | None, branch: str | None, terms: Terms, work: Work
) -> Project:
    """A registration of a client on file, or of a prospect by a branch.

    A prospect whose number the branch has on file is taken from there; of a record in another branch nothing is told.
    Raises ProjectIncomplete, ClientNotFound, RecordMerged, BranchMissing.
    """
    rules.check_party(client_id, prospect, branch)
    clients = Clients(work)
    if prospect is None or branch is None:
        client = client_rules.live(await clients.get(client_id or ""))
        return await _draft(client.branch, client, None, mark_of_client(client, clients), terms, work)
    if not work.sees(branch):
        raise BranchMissing(id=branch)
    known = await clients.with_number(prospect.identity.number.reveal()) if prospect.identity else None
    if known is not None and known.branch == branch:
        return await _draft(branch, known, None, mark_of_client(known, clients), terms, work)
    return await _draft(branch, None, prospect, mark_of_prospect(prospect, clients), terms, work)


async def _draft(
    branch: str, client: Client | None, prospect: Prospect | None, mark: Mark, terms: Terms, work: Work
) -> Project:
    project = Project(
        id=work.new_id("projects"),
        branch=branch,
        client_id=client.id if client else None,
        prospect=prospect,
        mark=mark,
        terms=terms,
        owner_id=work.actor.id,
        drafted_by=work.actor.id,
        steps=(Step(status=Status.DRAFT, at=work.now, by=work.actor.id),),
    )
    fact = ProjectDrafted(project_id=project.id, client_id=project.told_client_id, line_family=terms.line_family)
    return await Projects(work).add(project, fact)


async def edit_project(project_id: str, told: dict[str, Any], work: Work) -> Project:
    """Set the fields told. Raises ProjectNotFound, ProjectOver, ProjectFixed, UserUnknown, UserNotInBranch,
    ProjectIncomplete.
    """
    project = await Projects(work).get(project_id)
    for seat in told.get("team", ()):
        await the_colleague(seat.user_id, project.branch, work)
    changes = {name: told[name] for name in ("team", "timetable") if name in told}
    terms = {name: value for name, value in told.items() if name not in changes}
    return await Projects(work).change(
        project_id, lambda project: rules.edit(project, project.terms.but(**terms), changes)
    )


async def submit_project(project_id: str, work: Work) -> Project:
    """Hand it in; with a live rival in any branch it is conflicted. Of two at the same time, exactly one has no rival.

    Raises ProjectNotFound, IllegalMove, ProjectIncomplete.
    """
    project = await Projects(work).get(project_id)
    mark = await _mark_now(project, work)
    await Claims(work).make(project, mark)

    async def act(inside: Work) -> Project:
        rivals = await _rivals(project.but(mark=mark), inside)
        return await Projects(inside).change(
            project_id, lambda project: rules.submit(project, mark, rivals, inside.actor.id, inside.now)
        )

    return await together(work, act)


async def _rivals(project: Project, work: Work) -> list[Project]:
    await Claims(work).take(project, project.mark)
    return rivals_of(project, await Projects(work).possible_rivals(project, project.mark), work.today)


async def _mark_now(project: Project, work: Work) -> Mark:
    if project.client_id is None:
        return project.mark
    return mark_of_client(await stayed(project.client_id, work), Clients(work))


async def conflict_of(project_id: str, work: Work) -> tuple[Project, list[Project], bool]:
    """The project, its live rivals in the caller's reach, and whether there are others elsewhere. Raises
    ProjectNotFound.
    """
    project = await Projects(work).get(project_id)
    if project.status != Status.CONFLICTED:
        return project, [], False
    found = rivals_of(project, await Projects(work).possible_rivals(project, project.mark), work.today)
    seen = [rival for rival in found if work.sees(rival.branch)]
    return project, seen, len(seen) < len(found)


async def register_project(project_id: str, work: Work) -> Project:
    """Register what has no conflict. Raises ProjectNotFound, IllegalMove, ArbitrationNeeded, SameHands."""
    return await Projects(work).change(project_id, lambda project: rules.register(project, work.actor.id, work.now))


async def arbitrate_project(project_id: str, award: bool, reason: str, across: bool, work: Work) -> Project:
    """Decide a conflict: reject it, or register it and let the rivals give way. Every rival must lie in the caller's
    reach, and in the project's own branch unless the caller decides `across` branches.

    Raises ProjectNotFound, NothingToArbitrate, ConflictElsewhere, ReasonMissing, SameHands.
    """
    project = await Projects(work).get(project_id)
    await Claims(work).make(project, project.mark)

    async def act(inside: Work) -> Project:
        rivals = await _rivals(project, inside)
        if any(not inside.sees(rival.branch) or not (across or rival.branch == project.branch) for rival in rivals):
            raise ConflictElsewhere
        by, at = inside.actor.id, inside.now
        decided = await Projects(inside).change(
            project_id, lambda project: rules.arbitrate(project, award, reason, rivals, by, at)
        )
        for rival in rivals if award else ():
            await Projects(inside).change(
                rival.id, lambda rival: rules.give_way(rival, project_id, reason, by, at), subject=False
            )
        return decided

    return await together(work, act)


async def ask_budget(project_id: str, amount: Money, purpose: str, work: Work) -> Project:
    """Ask for an expense budget. Raises ProjectNotFound, ProjectFixed, BudgetInvalid, NoExpenseMatrix."""
    matrix = budgets.in_force(await Matrices(work).of_expenses(), work.today)
    return await Projects(work).change(
        project_id, lambda project: budgets.ask_budget(project, amount, purpose, matrix, work.actor.id, work.now)
    )


async def decide_budget(project_id: str, approve: bool, reason: str, work: Work) -> Project:
    """Decide on the open request, as the tier that the caller holds over the project's branch.

    Raises ProjectNotFound, NothingAsked, SameHands, SubordinateDecides, TierTooLow, ReasonMissing.
    """
    project, by = await Projects(work).get(project_id), work.actor.id
    requester = project.budget.asked_by if project.budget else ""
    held = await tier_of(by, project.branch, requester, work)
    subordinate = await is_subordinate(by, requester, work)
    return await Projects(work).change(
        project_id,
        lambda project: budgets.decide_budget(project, approve, reason, held, subordinate, by, work.now),
    )


async def activate_project(project_id: str, work: Work) -> Project:
    """Start work. Raises ProjectNotFound, IllegalMove, ProtectionOver, NotReady."""
    return await Projects(work).change(project_id, lambda project: progress.activate(project, work.actor.id, work.now))


async def ask_extension(project_id: str, activity: str, evidence_id: str, work: Work) -> Project:
    """Ask for more time. Raises ProjectNotFound, ProtectionOver, ExtendedAlready, FileMissing."""
    await Files(work).get(evidence_id)
    return await Projects(work).change(
        project_id, lambda project: rules.ask_extension(project, activity, evidence_id, work.actor.id, work.now)
    )


async def decide_extension(project_id: str, grant: bool, reason: str, work: Work) -> Project:
    """Grant or refuse it. Raises ProjectNotFound, NothingAsked, ProtectionOver, ExtendedAlready, SameHands,
    ReasonMissing.
    """
    return await Projects(work).change(
        project_id, lambda project: rules.decide_extension(project, grant, reason, work.actor.id, work.now)
    )


async def lose_project(project_id: str, reason: LostReason, note: str, work: Work) -> Project:
    """Record the loss. Raises ProjectNotFound, IllegalMove, ReasonMissing."""
    return await Projects(work).change(
        project_id, lambda project: progress.lose(project, reason, note, work.actor.id, work.now)
    )


async def post_costs(project_id: str, amount: Money, reference: str, work: Work) -> Project:
    """Post what it cost. Raises ProjectNotFound, NotWon."""
    costs = Costs(amount=amount, reference=reference, posted_by=work.actor.id, posted_at=work.now)
    return await Projects(work).change(project_id, lambda project: progress.post_costs(project, costs))


async def close_project(project_id: str, review: str, work: Work) -> Project:
    """Close it with its review. Raises ProjectNotFound, IllegalMove, CostsMissing."""
    return await Projects(work).change(
        project_id, lambda project: progress.close(project, review, work.actor.id, work.now)
    )


async def transfer_project(project_id: str, owner_id: str, reason: str, work: Work) -> Project:
    """Give it to another user of the branch. Raises ProjectNotFound, ProjectOver, OwnerAlready, UserUnknown,
    UserNotInBranch.
    """
    project = await Projects(work).get(project_id)
    await the_colleague(owner_id, project.branch, work)
    return await Projects(work).change(
        project_id, lambda project: rules.transfer(project, owner_id, reason, work.actor.id, work.now)
    )


async def link_client(project_id: str, client_id: str, work: Work) -> Project:
    """Name the record of the prospect that was registered. Raises ProjectNotFound, ClientNotFound, RecordMerged,
    NotTheSameClient.
    """
    client = client_rules.live(await Clients(work).get(client_id))
    mark = mark_of_client(client, Clients(work))
    return await Projects(work).change(project_id, lambda project: rules.link(project, mark))


async def cover_project(project_id: str, policy_id: str, work: Work) -> None:
    """The first cover was confirmed. Raises ProjectNotFound."""
    await Projects(work).change(project_id, lambda project: progress.cover(project, policy_id, work.actor.id, work.now))


async def follow_merge(client_id: str, into_id: str, work: Work) -> None:
    """Projects of a merged record are those of the record that stayed."""
    projects = Projects(work)
    mark = mark_of_client(await stayed(into_id, work), Clients(work))
    while found := await projects.some({"client_id": client_id}, BATCH):
        for project in found:
            await projects.change(project.id, lambda project: rules.follow(project, mark), subject=False)


async def lapse_due(work: Work) -> None:
    """Projects whose protection is over."""
    projects = Projects(work)
    for due in await projects.to_lapse(work.today):
        await projects.change(due.id, lambda project: rules.lapse(project, work.actor.id, work.now))
