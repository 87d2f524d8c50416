"""What placement has heard of clients, mandates, practitioners and users, and its market, with sensible defaults."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from chassis.files import XLSX
from chassis.sheets import to_xlsx
from contracts.clients import (
    ClientAdded,
    ClientCard,
    ClientNoticeAcknowledged,
    ClientNoticeIssued,
    ContactCard,
    MandateActivated,
    MandateDrafted,
    ProjectDrafted,
    TeamMember,
)
from contracts.hr import EmployeeHired, PractitionerRegistered
from contracts.identity import Assignment, UserAdded
from contracts.personal import EmailAddress, PersonName
from contracts.shared import KindOfWork, LineFamily
from tests.support.placement_questions import FIRST_ANSWERS, PROPERTY_SET, SECOND_ANSWERS
from tests.support.service import HQ, RunningService

SIGNATORY = "con-1"
ALL_LINES = list(LineFamily)
ALL_WORK = list(KindOfWork)


def a_contact(
    contact_id: str = SIGNATORY, *, may_sign: bool = True, roles: Sequence[str] = ("insurance",)
) -> ContactCard:
    """A contact of a client."""
    return ContactCard(
        contact_id=contact_id,
        name=PersonName("林望舒"),
        email=EmailAddress(f"{contact_id}@client.example"),
        roles=list(roles),
        may_sign=may_sign,
    )


def a_card(client_id: str = "cli-1", **changes: Any) -> ClientCard:
    """What clients tells of a company."""
    told: dict[str, Any] = {
        "client_id": client_id,
        "code": f"C-{client_id}",
        "kind": "company",
        "status": "client",
        "name": "云泽嘉垣装备制造有限公司",
        "person_name": None,
        "region": "44",
        "industry": "制造业",
        "parent_id": None,
        "team": [TeamMember(user_id="broker", role="broker")],
        "contacts": [a_contact(), a_contact("con-2", may_sign=False)],
    }
    return ClientCard(**(told | changes))


async def knows_client(service: RunningService, client_id: str = "cli-1", *, branch: str = HQ, **changes: Any) -> str:
    """A client is on file, without notice or mandate."""
    await service.receives(ClientAdded(card=a_card(client_id, **changes)), client_id, branch=branch)
    return client_id


async def knows_notice(service: RunningService, client_id: str = "cli-1", *, branch: str = HQ) -> None:
    """The client acknowledged its notice."""
    notice_id, when = f"not-{client_id}", datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
    issued = ClientNoticeIssued(notice_id=notice_id, client_id=client_id, edition="2026-01", issued_on=date(2026, 1, 5))
    signed = ClientNoticeAcknowledged(notice_id=notice_id, client_id=client_id, acknowledged_at=when)
    await service.receives(issued, notice_id, 1, branch=branch)
    await service.receives(signed, notice_id, 2, branch=branch)


async def knows_mandate(
    service: RunningService,
    client_id: str = "cli-1",
    *,
    kind: str = "contract",
    lines: Sequence[LineFamily] = ALL_LINES,
    from_on: date = date(2026, 1, 1),
    until_on: date = date(2027, 12, 31),
    branch: str = HQ,
) -> str:
    """A mandate of the client is active; gives its id."""
    mandate_id = f"man-{client_id}-{kind}"
    drafted = MandateDrafted(mandate_id=mandate_id, client_id=client_id, kind=kind)
    activated = MandateActivated(
        mandate_id=mandate_id,
        client_id=client_id,
        kind=kind,
        line_families=list(lines),
        from_on=from_on,
        until_on=until_on,
    )
    await service.receives(drafted, mandate_id, 1, branch=branch)
    await service.receives(activated, mandate_id, 2, branch=branch)
    return mandate_id


async def knows_ready_client(
    service: RunningService, client_id: str = "cli-1", *, branch: str = HQ, **changes: Any
) -> str:
    """A client with acknowledged notice and a mandate contract for all lines until the end of 2027."""
    await knows_client(service, client_id, branch=branch, **changes)
    await knows_notice(service, client_id, branch=branch)
    await knows_mandate(service, client_id, branch=branch)
    return client_id


async def knows_project(
    service: RunningService, project_id: str = "prj-1", client_id: str = "cli-1", *, branch: str = HQ
) -> str:
    """A project of the client is registered."""
    drafted = ProjectDrafted(project_id=project_id, client_id=client_id, line_family=LineFamily.PROPERTY)
    await service.receives(drafted, project_id, branch=branch)
    return project_id


async def knows_user(service: RunningService, user_id: str, *roles: str, branch: str = HQ, **assignment: Any) -> str:
    """A user with roles in a branch."""
    told = {"branch_id": branch, "roles": list(roles), "from_on": date(2020, 1, 1)} | assignment
    added = UserAdded(
        user_id=user_id,
        name=f"员工{user_id}",
        email=EmailAddress(f"{user_id}@baoqiao.example"),
        language="zh",
        assignments=[Assignment(**told)],
    )
    await service.receives(added, user_id, branch=branch)
    return user_id


async def knows_practitioner(
    service: RunningService,
    user_id: str,
    *,
    kinds: Sequence[KindOfWork] = ALL_WORK,
    lines: Sequence[LineFamily] = ALL_LINES,
    reports_to: str | None = None,
    branch: str = HQ,
) -> str:
    """A user is an employee (`emp-<user>`) with a registration (`reg-<user>`) in force since 2020."""
    hired = EmployeeHired(
        employee_id=f"emp-{user_id}",
        number=user_id,
        name=f"员工{user_id}",
        branch_id=branch,
        user_id=user_id,
        supervisor_id=f"emp-{reports_to}" if reports_to else None,
        position="经纪人",
        from_on=date(2020, 1, 1),
    )
    registered = PractitionerRegistered(
        registration_id=f"reg-{user_id}",
        employee_id=f"emp-{user_id}",
        user_id=None,
        number_masked="****1234",
        kinds_of_work=list(kinds),
        line_families=list(lines),
        from_on=date(2020, 1, 1),
    )
    await service.receives(hired, f"emp-{user_id}", branch=branch)
    await service.receives(registered, f"reg-{user_id}", branch=branch)
    return user_id


async def knows_staff(service: RunningService, *, branch: str = HQ) -> None:
    """The people of a branch: a broker, a second one, a supervisor, a branch head and the general manager."""
    for user_id, role in (
        ("broker", "AB"),
        ("broker2", "AM"),
        ("supervisor", "SUP"),
        ("head", "BM"),
        ("manager", "GM"),
    ):
        await knows_user(service, user_id, role, branch=branch)
        await knows_practitioner(service, user_id, branch=branch)


def yuan_row(above: str | None, up_to: str | None, tier: str, line: str = "property") -> dict[str, Any]:
    """A row of an authority matrix as HTTP takes it; amounts are decimal yuan."""
    limits = {
        name: None if text is None else {"amount": text, "currency": "CNY"}
        for name, text in (("above", above), ("up_to", up_to))
    }
    return {"line_family": line, **limits, "tier": tier}


SEED_ROWS = [
    yuan_row(None, "20000.00", "staff"),
    yuan_row("20000.00", "50000.00", "supervisor"),
    yuan_row("50000.00", None, "general_manager"),
]
"""The owner's numbers for property, the gap above 50,000 closed upward (X-01)."""


async def has_matrix(
    service: RunningService,
    rows: list[dict[str, Any]] | None = None,
    *,
    kind: str = "premium",
    from_on: str = "2026-01-01",
) -> str:
    """An authority matrix is in force; gives its id."""
    drafted = await service.user("admin").post("/authority_matrices", {"kind": kind, "rows": rows or SEED_ROWS})
    assert drafted.status_code == 201, drafted.text
    path = f"/authority_matrices/{drafted.json()['id']}/activation"
    active = await service.user("admin2").post(path, {"from_on": from_on}, match=1)
    assert active.status_code == 200, active.text
    return drafted.json()["id"]


async def has_insurer(
    service: RunningService,
    code: str = "YS",
    *,
    lines: Sequence[str] = ("property", "motor"),
    regions: Sequence[str] = ("*",),
    until_on: str | None = None,
    issue_days: int | None = None,
) -> str:
    """An insurer of the panel with a licence and an underwriter; gives its id."""
    terms = {"agreement": f"HZ-{code}", "from_on": "2026-01-01", "issue_days": issue_days} if issue_days else None
    licence = {"line_families": list(lines), "regions": list(regions), "until_on": until_on}
    admin = service.user("admin")
    added = await admin.post(
        "/insurers", {"code": code, "name": f"保险公司{code}", "licences": [licence], "terms": terms}
    )
    assert added.status_code == 201, added.text
    contact = {"role": "underwriter", "name": "方晴", "email": f"underwriting@{code.lower()}.example"}
    path = f"/insurers/{added.json()['id']}/contacts"
    assert (await admin.post(path, contact, match=1)).status_code == 200
    return added.json()["id"]


async def has_file(service: RunningService, name: str = "确认函.pdf", *, branch: str = HQ) -> str:
    """A signed paper is on file; gives its id."""
    upload = {"file": (name, b"%PDF-1.7 signed", "application/pdf")}
    kept = await service.user("ann").post("/files", files=upload, data={"branch": branch})
    assert kept.status_code == 201, kept.text
    return kept.json()["id"]


async def has_question_set(service: RunningService, told: dict[str, Any] | None = None) -> str:
    """A published question set; gives its id."""
    ann = service.user("ann")
    drafted = await ann.post("/question_sets", told or PROPERTY_SET)
    assert drafted.status_code == 201, drafted.text
    published = await ann.post(f"/question_sets/{drafted.json()['id']}/editions", match=1)
    assert published.status_code == 200, published.text
    return drafted.json()["id"]


async def has_returned_questionnaire(
    service: RunningService,
    client_id: str = "cli-1",
    *,
    project_id: str | None = None,
    branch: str = HQ,
    **answers: Any,
) -> str:
    """A client that is ready returned the property questionnaire, answered in two goes; gives its id."""
    ann, question_set_id = service.user("ann"), await has_question_set(service)
    told = {"client_id": client_id, "question_set_id": question_set_id, "project_id": project_id}
    sent = await ann.post("/questionnaires", told)
    assert sent.status_code == 201, sent.text
    path = f"/questionnaires/{sent.json()['id']}"
    for match, given in ((1, FIRST_ANSWERS), (2, SECOND_ANSWERS | answers)):
        answered = await ann.post(f"{path}/answers", {"answers": given}, match=match)
        assert answered.status_code == 200, answered.text
    stated = {"contact_id": SIGNATORY, "edition": "2026-01", "made_at": service.clock().isoformat()}
    file_id = await has_file(service, branch=branch)
    returned = await ann.post(f"{path}/return", stated | {"file_id": file_id}, match=3)
    assert returned.status_code == 200, returned.text
    return sent.json()["id"]


async def has_schedule(service: RunningService, client_id: str = "cli-1", *provinces: str) -> str:
    """A schedule of a client with one location in each province; gives its id."""
    header = ("省份", "标的地址", "占用性质", "房屋建筑物", "机器设备", "存货", "合计")
    rows = [(name, f"{name}澜桥大道1号", "生产车间", "100万", "50万", "", "150万") for name in provinces or ("广东省",)]
    upload = {"file": ("标的.xlsx", to_xlsx("标的", header, rows), XLSX)}
    told = {"kind": "locations", "client_id": client_id}
    added = await service.user("ann").post("/schedules", files=upload, data=told)
    assert added.status_code == 201, added.text
    return added.json()["id"]
