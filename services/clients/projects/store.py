"""Projects in MongoDB, what keeps two submissions apart, and the copy of the expense matrices."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from chassis.copies import Copy
from chassis.store import Store
from chassis.work import Work
from services.clients.clients.model import Client, Kind
from services.clients.clients.rules import name_of
from services.clients.clients.store import Clients
from services.clients.projects.budgets import Matrix
from services.clients.projects.clashes import keys_of
from services.clients.projects.model import LIVE, PROTECTED, Mark, Project, Prospect
from services.clients.projects.refusals import ProjectNotFound

BATCH = 200
"""How many lapsed projects a job takes in hand at a time."""
MOST_RIVALS = 100
CLAIMS = "project_claims"


class Projects(Store[Project]):
    """Registrations of the caller's branches."""

    collection = "projects"
    model = Project
    missing = ProjectNotFound
    indexes = [
        IndexModel([("client_id", 1), ("_id", -1)], name="client"),
        IndexModel([("branch", 1), ("status", 1), ("_id", -1)], name="branch"),
        IndexModel([("owner_id", 1), ("status", 1), ("_id", -1)], name="owner"),
        IndexModel([("status", 1), ("policy_id", 1), ("protected_until_on", 1)], name="protection"),
        IndexModel([("terms.line_family", 1), ("mark.name", 1)], name="mark_name"),
        IndexModel([("terms.line_family", 1), ("mark.number", 1)], name="mark_number"),
        IndexModel([("terms.line_family", 1), ("mark.client_id", 1)], name="mark_client"),
    ]

    async def possible_rivals(self, project: Project, mark: Mark) -> list[Project]:
        """Open registrations of all branches that share a mark and the line family: for rules, never for showing."""
        marks = [{f"mark.{name}": told} for name in ("name", "number", "client_id") if (told := getattr(mark, name))]
        condition = {
            "terms.line_family": project.terms.line_family,
            "status": {"$in": list(LIVE)},
            "_id": {"$ne": project.id},
            "$or": marks,
        }
        return await Projects(everywhere(self.work)).some(condition, MOST_RIVALS)

    async def to_lapse(self, on: date) -> list[Project]:
        """Protected ones whose last protected day is over."""
        over = {"status": {"$in": list(PROTECTED)}, "protected_until_on": {"$lt": on}, "policy_id": None}
        return await self.some(over, BATCH, [("protected_until_on", 1)])


class Claims:
    """One document for each mark of a client and line family: whoever submits writes it, so that of two at a time one
    waits for the other and then sees it."""

    def __init__(self, work: Work) -> None:
        self._claims, self._session = work.db[CLAIMS], work.session

    async def make(self, project: Project, mark: Mark) -> None:
        """Make the documents that are missing; outside the transaction, so that the transaction finds them."""
        for claim in self._ids(project, mark):
            with suppress(DuplicateKeyError):
                await self._claims.update_one({"_id": claim}, {"$setOnInsert": {"taken": 0}}, upsert=True)

    async def take(self, project: Project, mark: Mark) -> None:
        """Write them in the transaction, which is tried again when another one did so in the meantime."""
        ids = list(self._ids(project, mark))
        await self._claims.update_many({"_id": {"$in": ids}}, {"$inc": {"taken": 1}}, session=self._session)

    @staticmethod
    def _ids(project: Project, mark: Mark) -> Iterable[str]:
        return (f"{project.terms.line_family} {key}" for key in keys_of(mark))


class Matrices(Copy[Matrix]):
    """Expense matrices of the company."""

    collection = "copy_authority_matrices"
    model = Matrix
    company_wide = True

    async def of_expenses(self) -> list[Matrix]:
        """All that were activated, past and coming ones."""
        return await self.some({"kind": "expense", "activated_at": {"$ne": None}})


indexes = {"copy_authority_matrices": [IndexModel([("kind", 1), ("from_on", 1)], name="kind")]}


def everywhere(work: Work) -> Work:
    """The same work, seeing all branches: for the search of rivals, whose result is never shown."""
    return replace(work, reach=None)


def mark_of_client(client: Client, clients: Clients) -> Mark:
    """What a client on file is recognised by."""
    number = clients.number_mark(client.identity.number.reveal()) if client.identity else None
    name = clients.name_mark(name_of(client), client.kind)
    return Mark(kind=client.kind, name=clients.hashed(name), number=number, client_id=client.id)


def mark_of_prospect(prospect: Prospect, clients: Clients) -> Mark:
    """What a prospect who is not on file is recognised by: the same as if he were."""
    told = prospect.name if prospect.kind == Kind.COMPANY else prospect.person_name and prospect.person_name.reveal()
    number = clients.number_mark(prospect.identity.number.reveal()) if prospect.identity else None
    name = clients.name_mark(told or "", prospect.kind)
    return Mark(kind=prospect.kind, name=clients.hashed(name), number=number, client_id=None)
