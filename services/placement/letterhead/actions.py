"""Numbers and heads of placement's papers."""

from datetime import date
from typing import Literal

from chassis.branches import Branch, BranchTree
from chassis.numbering import next_number
from chassis.papers import Correspondent, Head
from chassis.work import Work
from services.placement.gates.actions import the_user
from services.placement.gates.model import ClientCopy


async def paper_number(kind: str, branch: str, work: Work) -> str:
    """The next number of a kind of paper in a branch and year, such as "BP-GD-2026-00012". Needs a transaction."""
    known = await BranchTree(work.db).known()
    code = known[branch].code if branch in known else branch
    series = f"{kind} {branch} {work.today.year}"
    return f"{kind}-{code}-{work.today.year}-{await next_number(work, series):05d}"


async def paper_head(
    work: Work,
    *,
    language: Literal["zh", "en"],
    number: str,
    edition: int | None,
    branch: str,
    client: ClientCopy,
    contact_id: str,
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
