"""Enquiries on their way to the market, with sensible defaults."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.support.placement import (
    SIGNATORY,
    has_file,
    has_insurer,
    has_matrix,
    has_returned_questionnaire,
    knows_ready_client,
    knows_staff,
)
from tests.support.placement_questions import fen
from tests.support.service import HQ, RunningService

REST = {
    "security": {"minimum_solvency_bp": 15000, "notes": "要求具有省级理赔团队"},
    "subscription": {"valid_days": 30, "notes": "接受共保,首席承保份额不低于60%"},
    "fiscal": {"payment": "起保后30日内一次付清"},
    "remuneration": {"brokerage_bp": 1500, "statement": "经纪佣金由承保公司按保险费的比例支付"},
    "premium_estimate": fen("48000.00"),
}
"""What the answers do not tell."""


async def knows_the_house(service: RunningService, client_id: str = "cli-1", *, branch: str = HQ) -> None:
    """A ready client, the people of its branch, and an authority matrix."""
    await knows_ready_client(service, client_id, branch=branch)
    await knows_staff(service, branch=branch)
    await has_matrix(service)


async def has_draft(
    service: RunningService, client_id: str = "cli-1", *, project_id: str | None = None, branch: str = HQ, **fields: Any
) -> str:
    """A complete draft by `broker` (version 2); gives its path."""
    broker = service.user("broker")
    questionnaire_id = await has_returned_questionnaire(service, client_id, project_id=project_id, branch=branch)
    drafted = await broker.post("/enquiries", {"questionnaire_id": questionnaire_id})
    assert drafted.status_code == 201, drafted.text
    path = f"/enquiries/{drafted.json()['id']}"
    changed = await broker.patch(path, REST | fields, match=1)
    assert changed.status_code == 200, changed.text
    return path


async def has_consented(service: RunningService, client_id: str = "cli-1", *, branch: str = HQ, **fields: Any) -> str:
    """An enquiry that was reviewed by `manager` and consented to by the client (version 5); gives its path."""
    path = await has_draft(service, client_id, branch=branch, **fields)
    await done(service, "broker", f"{path}/submission", None, 2)
    await done(service, "manager", f"{path}/approval", None, 3)
    service.clock.move(minutes=1)
    await done(service, "broker", f"{path}/consent", await consent(service, branch=branch), 4)
    return path


async def has_issued(
    service: RunningService, client_id: str = "cli-1", *, insurers: Sequence[str] = ("AA", "BB", "CC"), **fields: Any
) -> tuple[str, list[str]]:
    """An enquiry issued to new insurers, open for seven days (version 6); gives its path and the insurers' ids."""
    path = await has_consented(service, client_id, **fields)
    ids = [await has_insurer(service, code) for code in insurers]
    body = {"insurer_ids": ids, "closes_at": closing(service, days=7)}
    await done(service, "broker", f"{path}/issue", body, 5)
    return path, ids


async def consent(service: RunningService, contact_id: str = SIGNATORY, *, branch: str = HQ) -> dict[str, Any]:
    """The client's written consent, given now."""
    file_id = await has_file(service, branch=branch)
    return {"contact_id": contact_id, "consented_at": service.clock().isoformat(), "file_id": file_id}


def closing(service: RunningService, **ahead: float) -> str:
    """An instant ahead, as HTTP takes it."""
    return (service.clock() + timedelta(**ahead)).isoformat()


async def done(service: RunningService, user: str, path: str, body: Any, match: int) -> dict[str, Any]:
    """Do a step that is expected to succeed."""
    answer = await service.user(user).post(path, body or {}, match=match)
    assert answer.status_code == 200, answer.text
    return answer.json()
