"""Makers for finance: bound policies, clients, users, accounts, with sensible defaults."""

from datetime import UTC, date, datetime
from typing import Any

from contracts.clients import ClientAdded, ClientCard, ContactCard
from contracts.identity import UserAdded
from contracts.money import Money, yuan
from contracts.personal import EmailAddress, PersonName
from contracts.placement import InstalmentPlan, Line, PolicyBound
from contracts.shared import LineFamily
from services.finance.debit_notes.model import DebitNote, Instalment, Status
from services.finance.policies.model import Collection, Policy
from tests.support.service import HQ, Caller, RunningService

ACCOUNT = {"branch": HQ, "holder": "保桥保险经纪有限公司", "bank": "中国银行广州天河支行", "number": "6543210012345678"}


def a_bound_policy(policy_id: str = "pol-1", **changes: Any) -> PolicyBound:
    """A property cover of 100.00 a year, two insurers, three equal parts, collected by the broker."""
    told: dict[str, Any] = {
        "policy_id": policy_id,
        "placing_id": "pla-1",
        "client_id": "cli-1",
        "project_id": None,
        "line_family": LineFamily.PROPERTY,
        "line": "财产一切险",
        "insured_name": "深圳市南山华宇精密电子制造有限公司",
        "lines": [
            Line(insurer_id="ins-1", insurer_name="安诚财产保险", share_bp=6000, lead=True, premium=yuan("60.00")),
            Line(insurer_id="ins-2", insurer_name="南海财产保险", share_bp=4000, lead=False, premium=yuan("40.00")),
        ],
        "premium": yuan("100.00"),
        "collection": "broker",
        "instalments": InstalmentPlan(due_on=[date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1)], weights=[]),
        "starts_on": date(2026, 4, 1),
        "ends_on": date(2027, 3, 31),
        "bound_at": datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
        "owner_id": "chen",
    }
    return PolicyBound(**told | changes)


def a_client(client_id: str = "cli-1", **changes: Any) -> ClientCard:
    """A company with a finance contact."""
    told: dict[str, Any] = {
        "client_id": client_id,
        "code": "GD-0001",
        "kind": "company",
        "status": "client",
        "name": "深圳市南山华宇精密电子制造有限公司",
        "person_name": None,
        "region": "44",
        "industry": "C39",
        "parent_id": None,
        "team": [],
        "contacts": [
            a_contact("con-1", "王芳", "wang.fang@huayu.example", ["finance"], may_sign=False),
            a_contact("con-2", "刘强", "liu.qiang@huayu.example", ["decision", "insurance"], may_sign=True),
        ],
    }
    return ClientCard(**told | changes)


def a_contact(contact_id: str, name: str, email: str, roles: list[str], *, may_sign: bool) -> ContactCard:
    """A contact of a client."""
    return ContactCard(
        contact_id=contact_id, name=PersonName(name), email=EmailAddress(email), roles=roles, may_sign=may_sign
    )


def a_policy(**changes: Any) -> Policy:
    """The same policy as finance keeps it."""
    bound = a_bound_policy().model_dump(include=set(Policy.model_fields))
    return Policy.model_validate({**bound, "id": "pol-1", "branch": HQ} | changes)


def a_note(**changes: Any) -> DebitNote:
    """A draft of 100.00 in two parts, made by `mary`."""
    told: dict[str, Any] = {
        "id": "note-1",
        "branch": HQ,
        "policy_id": "pol-1",
        "client_id": "cli-1",
        "line": "财产一切险",
        "insured_name": None,
        "lines": a_policy().lines,
        "collection": Collection.BROKER,
        "starts_on": date(2026, 4, 1),
        "ends_on": date(2027, 3, 31),
        "owner_id": "chen",
        "total": yuan("100.00"),
        "instalments": parts(("2026-04-01", "50.00"), ("2026-10-01", "50.00")),
        "makers": ("mary",),
        "status": Status.DRAFT,
    }
    return DebitNote(**told | changes)


def parts(*told: tuple[str, str]) -> tuple[Instalment, ...]:
    """Instalments in CNY from (date, amount)."""
    return tuple(
        Instalment(number=n, due_on=date.fromisoformat(due_on), amount=Money.model_validate({"amount": amount}))
        for n, (due_on, amount) in enumerate(told, 1)
    )


class Finance:
    """The finance service under test, spoken to as business does."""

    def __init__(self, service: RunningService) -> None:
        self.service = service
        self.mary = self.user("mary")
        self.frank = self.user("frank")

    def user(self, user: str, branch: str = HQ) -> Caller:
        """A user with all scopes of a branch."""
        return self.service.user(user, branch)

    async def knows_client(self, client_id: str = "cli-1", *, branch: str = HQ, version: int = 1, **card: Any) -> None:
        """Let it hear of a client."""
        await self.service.receives(ClientAdded(card=a_client(client_id, **card)), client_id, version, branch=branch)

    async def knows_user(self, user_id: str, name: str) -> None:
        """Let it hear of a member of the staff."""
        email = EmailAddress(f"{user_id}@baoqiao.example")
        await self.service.receives(
            UserAdded(user_id=user_id, name=name, email=email, language="zh", assignments=[]), user_id
        )

    async def binds(self, policy_id: str = "pol-1", *, branch: str = HQ, event_id: str = "", **policy: Any) -> str:
        """Let it hear of a bound policy; gives the event's id."""
        bound = a_bound_policy(policy_id, **policy)
        return await self.service.receives(bound, policy_id, branch=branch, event_id=event_id, actor="broker")

    async def has_account(self, branch: str = HQ, **account: Any) -> str:
        """A client money account in use; gives its id."""
        body = {**ACCOUNT, "branch": branch} | account
        made = (await self.user("cash", branch).post("/client_accounts", body)).json()
        confirmed = await self.user("frank", branch).post(f"/client_accounts/{made['id']}/confirmation", match=1)
        assert confirmed.status_code == 200, confirmed.text
        return made["id"]

    async def notes(self, **query: Any) -> list[dict[str, Any]]:
        """The debit notes that headquarters sees."""
        answer = await self.frank.get("/debit_notes", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    async def approved(self, note: dict[str, Any], branch: str = HQ) -> dict[str, Any]:
        """The note, approved by frank."""
        answer = await self.user("frank", branch).post(f"/debit_notes/{note['id']}/approval", match=note["version"])
        assert answer.status_code == 200, answer.text
        return answer.json()
