"""The event door of projects: covers that win them, merged clients, and the expense matrices of placement."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.clients import ClientMerged
from contracts.placement import AuthorityMatrixActivated, AuthorityMatrixDrafted, CoverConfirmed
from services.clients.projects import actions
from services.clients.projects.store import Matrices

consumers = Consumers()


@consumers.on(CoverConfirmed)
async def win_project(confirmed: CoverConfirmed, work: Work) -> None:
    """The first cover that names a project wins it. Rule: CLI-070."""
    if confirmed.project_id:
        await actions.cover_project(confirmed.project_id, confirmed.policy_id, work)


@consumers.on(ClientMerged)
async def move_projects(merged: ClientMerged, work: Work) -> None:
    """Projects of a merged record follow it to the one that stayed. Rule: CLI-007."""
    await actions.follow_merge(merged.client_id, merged.into_id, work)


@consumers.on(AuthorityMatrixDrafted)
async def copy_matrix_draft(drafted: AuthorityMatrixDrafted, work: Work) -> None:
    """Follow a matrix that does not decide yet."""
    await Matrices(work).put(drafted.matrix_id, kind=drafted.kind)


@consumers.on(AuthorityMatrixActivated)
async def copy_matrix(activated: AuthorityMatrixActivated, work: Work) -> None:
    """Keep a matrix with the date from which it decides. Rule: CLI-067."""
    assert work.event is not None
    rows = [row.model_dump() for row in activated.rows]
    told = {"kind": activated.kind, "from_on": activated.from_on, "rows": rows, "activated_at": work.event.time}
    await Matrices(work).put(activated.matrix_id, **told)
