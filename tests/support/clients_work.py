"""Makers for notices, mandates and projects, and a clients service that knows its people, a matrix and its clients."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any

from stdnum.cn import uscc

from chassis.ids import new_id
from contracts.clients import ClientMerged
from contracts.hr import EmployeeHired
from contracts.identity import Assignment, UserAdded
from contracts.money import yuan
from contracts.personal import EmailAddress, IdentityNumber, PersonName
from contracts.placement.market import AuthorityMatrixActivated, AuthorityRow
from contracts.shared import LineFamily
from services.clients.clients import rules as client_rules
from services.clients.clients.actions import merge_client
from services.clients.clients.model import Client, Contact, Identity, Kind, NumberKind
from services.clients.clients.store import Clients
from services.clients.mandates.model import (
    Authority,
    FeeBasis,
    FeeTerms,
    Mandate,
    Signatures,
)
from services.clients.mandates.model import Kind as MandateKind
from services.clients.mandates.model import Terms as MandateTerms
from services.clients.notices.model import ARTICLE_50, HOUSE, Edition, Notice, Text
from services.clients.people.model import Tier
from services.clients.projects.budgets import Matrix, MatrixRow
from services.clients.projects.model import Mark, Project, Terms
from services.clients.service import service
from tests.support.service import HQ, Caller, RunningService, running

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
PDF = ("signed.pdf", b"%PDF-1.7 signed", "application/pdf")
TEXTS = {item: Text(zh=f"关于{item}") for item in (*ARTICLE_50, *HOUSE)}
TEXTS_BODY = {str(item): {"zh": text.zh} for item, text in TEXTS.items()}
NOTES = "老板喜欢钓鱼,底价 85 万"
"""An owner's notes: nobody outside his branch may ever read them."""


def a_number(seed: int = 1) -> str:
    """An invented USCC with the right check character."""
    body = f"91440300MA5{seed:06d}"
    return body + uscc.calc_check_digit(body)


def a_client(**told: Any) -> Client:
    """A company on file in Guangdong, with one contact who may sign and one who may not."""
    signer = Contact(id="c-sign", name=PersonName("赵一"), may_sign=True)
    other = Contact(id="c-other", name=PersonName("钱二"))
    number = Identity(kind=NumberKind.USCC, number=IdentityNumber(a_number()))
    defaults: dict[str, Any] = {
        "id": new_id(),
        "branch": "gd",
        "kind": Kind.COMPANY,
        "code": f"K{new_id()[-6:]}",
        "name": "广东启朗物流有限公司",
        "identity": number,
        "contacts": (signer, other),
        "on_file_since_on": TODAY,
    }
    return Client(**defaults | told)


def an_edition(**told: Any) -> Edition:
    """A complete draft of the template."""
    return Edition(**{"id": "e1", "branch": HQ, "name": "2026-1", "texts": TEXTS} | told)


def a_notice(**told: Any) -> Notice:
    """A complete draft on edition e1."""
    defaults = {"id": "n1", "branch": "gd", "client_id": "cl1", "edition_id": "e1", "edition": "2026-1", "texts": TEXTS}
    return Notice(**defaults | told)


def mandate_terms(**told: Any) -> MandateTerms:
    """A contract for property and motor in 2026, paid by commission."""
    defaults: dict[str, Any] = {
        "kind": MandateKind.CONTRACT,
        "authority": Authority.SPECIFIED,
        "line_families": (LineFamily.PROPERTY, LineFamily.MOTOR),
        "services": "拟订投保方案、选择保险公司、协助索赔",
        "from_on": date(2026, 1, 1),
        "until_on": date(2026, 12, 31),
        "fee": FeeTerms(basis=FeeBasis.COMMISSION),
    }
    return MandateTerms(**defaults | told)


def a_mandate(terms: dict[str, Any] | None = None, **told: Any) -> Mandate:
    """A draft written by "ae"."""
    defaults: dict[str, Any] = {"id": "m1", "branch": "gd", "client_id": "cl1", "authors": ("ae",)}
    defaults["terms"] = mandate_terms(**terms or {})
    return Mandate(**defaults | told)


def signatures(**told: Any) -> Signatures:
    """Both sides signed now."""
    defaults: dict[str, Any] = {
        "client_contact_id": "c-sign",
        "client_signed_at": NOW,
        "broker_user_id": "bm",
        "broker_signed_at": NOW,
        "evidence_id": "f1",
    }
    return Signatures(**defaults | told)


def a_mark(**told: Any) -> Mark:
    """What a company is recognised by."""
    return Mark(**{"kind": Kind.COMPANY, "name": "name-1", "number": "number-1", "client_id": None} | told)


def a_project(terms: dict[str, Any] | None = None, **told: Any) -> Project:
    """A complete draft for property, owned by "ae"."""
    told_terms: dict[str, Any] = {
        "line_family": LineFamily.PROPERTY,
        "expected_premium": yuan("850000.00"),
        "present_cover_ends_on": date(2026, 6, 30),
        "notes": NOTES,
    }
    defaults: dict[str, Any] = {"id": "p1", "branch": "gd", "client_id": "cl1", "owner_id": "ae", "drafted_by": "ae"}
    defaults |= {"mark": a_mark(), "terms": Terms(**told_terms | (terms or {}))}
    return Project(**defaults | told)


def a_matrix(**told: Any) -> Matrix:
    """Expenses: to 2,000 staff, to 20,000 supervisor, to 50,000 branch head, above that the general manager."""
    limits = [("2000.00", Tier.STAFF), ("20000.00", Tier.SUPERVISOR), ("50000.00", Tier.BRANCH_HEAD)]
    rows, above = [], None
    for limit, tier in limits:
        rows.append(MatrixRow(line_family="*", above=above, up_to=yuan(limit), tier=tier))
        above = yuan(limit)
    rows.append(MatrixRow(line_family="*", above=above, up_to=None, tier=Tier.GENERAL_MANAGER))
    defaults: dict[str, Any] = {"id": "mx1", "branch": HQ, "kind": "expense", "from_on": date(2026, 1, 1)}
    return Matrix(**defaults | {"activated_at": NOW, "rows": tuple(rows)} | told)


class ClientsService:
    """The clients service with three branches (gd, its sz, and zj) and people in them; every caller may do
    everything his branch allows."""

    def __init__(self, running_service: RunningService) -> None:
        self.service = running_service

    def user(self, user: str, branch: str = "gd", *scopes: str) -> Caller:
        """A caller in a branch."""
        return self.service.user(user, branch, *scopes)

    async def has_client(self, **told: Any) -> Client:
        """Put a client on file."""
        client, fact = client_rules.add(a_client(**told), TODAY)
        return await Clients(self.service.host.system_work()).add(client, fact)

    async def has_file(self, branch: str = "gd") -> str:
        """Upload an evidence file; gives its id."""
        answer = await self.user("ae", branch).post("/files", files={"file": PDF}, data={"branch": branch})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def knows_user(self, user_id: str, branch: str, *roles: str, superior: str | None = None) -> None:
        """Let identity and hr tell of a colleague."""
        post = Assignment(branch_id=branch, roles=list(roles), from_on=date(2020, 1, 1))
        mail = EmailAddress(f"{user_id}@example.com")
        added = UserAdded(user_id=user_id, name=user_id, email=mail, language="zh", assignments=[post])
        await self.service.receives(added, user_id)
        hired = EmployeeHired(
            employee_id=f"e-{user_id}",
            number=user_id,
            name=user_id,
            branch_id=branch,
            user_id=user_id,
            supervisor_id=f"e-{superior}" if superior else None,
            position="",
            from_on=date(2020, 1, 1),
        )
        await self.service.receives(hired, f"e-{user_id}")

    async def knows_matrix(self, **told: Any) -> None:
        """Let placement tell of an expense matrix."""
        matrix = a_matrix(**told)
        rows = [AuthorityRow(**row.model_dump(exclude={"tier"}), tier=row.tier) for row in matrix.rows]
        assert matrix.from_on is not None
        fact = AuthorityMatrixActivated(matrix_id=matrix.id, kind=matrix.kind, from_on=matrix.from_on, rows=rows)
        await self.service.receives(fact, matrix.id)

    async def merged(self, gone: Client, kept: Client) -> None:
        """Merge a record into another one, and let the bus tell."""
        work = self.service.host.system_work()
        await merge_client(gone.id, kept.id, work)
        await self.service.receives(ClientMerged(client_id=gone.id, into_id=kept.id), gone.id)

    async def told(self, collection: str, subject: str) -> list[str]:
        """The names of a thing's events, in order."""
        events = await self.service.events(collection, subject)
        return [event["type"].split(".")[-2] for event in events]


@asynccontextmanager
async def clients_service(mongo_url: str) -> AsyncIterator[ClientsService]:
    """The service on a database of its own, with branches, people and an expense matrix known."""
    async with running(service, mongo_url) as running_service:
        known = ClientsService(running_service)
        for branch, parent in (("gd", HQ), ("sz", "gd"), ("zj", HQ)):
            await running_service.knows_branch(branch, parent)
        await asyncio.gather(
            known.knows_user("gm", HQ, "GM"),
            known.knows_user("bm", "gd", "BM", superior="gm"),
            known.knows_user("sup", "gd", "SUP", superior="bm"),
            known.knows_user("am", "gd", "AM", superior="sup"),
            known.knows_user("ae", "gd", "AE", superior="am"),
            known.knows_user("zj-ae", "zj", "AE"),
            known.knows_matrix(),
        )
        yield known
