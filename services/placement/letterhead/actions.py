"""Numbers, heads and issue of placement's papers."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from chassis.branches import Branch, BranchTree
from chassis.documents import Documents, Frozen, freeze
from chassis.numbering import next_number
from chassis.papers import Correspondent, Head, data
from chassis.work import Work
from contracts.placement import PlacementDocumentIssued
from contracts.shared import Recipient
from services.placement.gates.actions import the_user
from services.placement.gates.model import ClientCopy
from services.placement.papers.model import PlacementPaper

Language = Literal["zh", "en"]


async def paper_number(kind: str, branch: str, work: Work) -> str:
    """The next number of a kind of paper in a branch and year, such as "BP-GD-2026-00012". Needs a transaction."""
    known = await BranchTree(work.db).known()
    code = known[branch].code if branch in known else branch
    series = f"{kind} {branch} {work.today.year}"
    return f"{kind}-{code}-{work.today.year}-{await next_number(work, series):05d}"


async def paper_head(
    work: Work,
    *,
    language: Language,
    number: str,
    branch: str,
    client: ClientCopy,
    contact_id: str,
    edition: int | None = None,
) -> Head:
    """The head of a paper that is issued today; `contact_id` is the user who answers for it."""
    known = await BranchTree(work.db).known()
    contact = await the_user(contact_id, work)
    return Head(
        broker=headquarters(known, work.today).name,
        branch=known[branch].name,
        language=language,
        number=number,
        edition=edition,
        dated_on=work.today,
        client=client.called(),
        contact=Correspondent(name=contact.name, email=contact.email.reveal()),
    )


def headquarters(known: dict[str, Branch], on: date) -> Branch:
    """The branch that has no parent on a business date: its name is the company's."""
    return next(branch for branch in known.values() if branch.parent(on) is None)


async def freeze_paper(
    paper: PlacementPaper,
    template: Path,
    kind: str,
    about: tuple[str, str],
    title: str,
    branch: str,
    client_id: str,
    work: Work,
) -> Frozen:
    """Render and keep a paper that is about (kind of thing, its id); harmless when nothing comes of it."""
    return await freeze(
        work,
        template=template,
        data=data(paper),
        kind=kind,
        about_kind=about[0],
        about_id=about[1],
        title=f"{title} {paper.head.number}",
        branch=branch,
        language=paper.head.language,
        client_id=client_id,
    )


async def issue_papers(papers: Sequence[Frozen], recipients: Sequence[Recipient], work: Work) -> None:
    """Make frozen papers known and have them sent, within the transaction that changes what they are about."""
    documents = Documents(work)
    if await documents.already(papers[0].id) is None:
        for paper in papers:
            await documents.issue(paper, recipients, PlacementDocumentIssued)
