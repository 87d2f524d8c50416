"""Makers for clients and their imports, and a clients service that knows two branches and a user."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from stdnum.cn import ric, uscc

from contracts.identity import Assignment, UserAdded
from contracts.personal import EmailAddress, IdentityNumber, PersonName, PhoneNumber
from services.clients.clients.model import Client, Contact, Identity, Kind, NumberKind
from services.clients.service import service
from tests.support.service import HQ, Caller, RunningService, running

TODAY = date(2026, 3, 2)


def a_uscc(seed: int = 1) -> str:
    """An invented USCC with the right check character."""
    body = f"91310000MAX{seed:06d}"
    return body + uscc.calc_check_digit(body)


def a_resident_id(seed: int = 1, born: str = "19800229") -> str:
    """An invented resident identity number with the right check digit."""
    body = f"310100{born}{seed:03d}"
    return body + ric.calc_check_digit(body + "0")


def a_company(**told: Any) -> Client:
    """A prospect: a company in Shanghai with a contact who may sign."""
    contact = Contact(id="c1", name=PersonName("赵一"), phone=PhoneNumber("13800001234"), may_sign=True)
    defaults: dict[str, Any] = {
        "id": "cli-1",
        "branch": "sh",
        "kind": Kind.COMPANY,
        "code": "SH-00001",
        "name": "雾汀启朗电子科技有限责任公司",
        "identity": Identity(kind=NumberKind.USCC, number=IdentityNumber(a_uscc())),
        "region": "31",
        "contacts": (contact,),
        "on_file_since_on": TODAY,
    }
    return Client(**{**defaults, **told})


def a_person(**told: Any) -> Client:
    """A prospect: an individual in Shanghai."""
    defaults: dict[str, Any] = {
        "id": "cli-2",
        "branch": "sh",
        "kind": Kind.INDIVIDUAL,
        "code": "SH-00002",
        "person_name": PersonName("花禾"),
        "identity": Identity(kind=NumberKind.RESIDENT_ID, number=IdentityNumber(a_resident_id())),
        "on_file_since_on": TODAY,
    }
    return Client(**{**defaults, **told})


def a_company_body(seed: int = 1, **told: Any) -> dict[str, Any]:
    """What a clerk sends to put a company on file."""
    defaults: dict[str, Any] = {
        "branch": "sh",
        "kind": "company",
        "name": f"雾汀启朗{'甲乙丙丁戊己庚辛壬癸'[seed % 10]}电子科技有限公司",
        "identity": {"kind": "uscc", "number": a_uscc(seed)},
        "region": "31",
        "contacts": [{"name": "赵一", "phone": "13800001234", "email": "zhao@example.com", "may_sign": True}],
    }
    return defaults | told


def a_person_body(seed: int = 1, **told: Any) -> dict[str, Any]:
    """What a clerk sends to put an individual on file."""
    defaults: dict[str, Any] = {
        "branch": "sh",
        "kind": "individual",
        "person_name": "花 禾",
        "identity": {"kind": "resident_id", "number": a_resident_id(seed)},
        "person_address": "上海市高新区澜桥大道55号",
    }
    return defaults | told


async def knows_user(running_service: RunningService, user_id: str, branch: str = HQ) -> None:
    """Let the service know a user, as identity tells of him."""
    assignment = Assignment(branch_id=branch, roles=["AM"], from_on=date(2020, 1, 1))
    added = UserAdded(
        user_id=user_id, name="黎知远", email=EmailAddress("am@example.com"), language="zh", assignments=[assignment]
    )
    await running_service.receives(added, user_id)


@asynccontextmanager
async def clients_service(mongo_url: str) -> AsyncIterator[RunningService]:
    """The service with headquarters, Shanghai (sh) and Shenzhen (sz) below it, and the user u-am."""
    async with running(service, mongo_url) as running_service:
        await running_service.knows_branch("sh", code="SH", region="31")
        await running_service.knows_branch("sz", code="SZ", region="44")
        await knows_user(running_service, "u-am")
        yield running_service


def clerk(running_service: RunningService, branch: str = "sh", user: str = "ann") -> Caller:
    """Somebody who may do everything with the clients of one branch."""
    return running_service.user(user, branch)
