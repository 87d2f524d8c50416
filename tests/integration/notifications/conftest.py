"""Notifications on a real MongoDB and a real mail server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.notifications.service import service
from tests.support.notifications import Notifications
from tests.support.service import running

PATIENT_MS = 30_000
"""Making many indexes takes its time on a machine that has much else to do."""


@pytest.fixture
async def notifications(
    mongo_url: str, smtp_port: int, mail_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Notifications]:
    """The service on a database of its own, with people, a client and a branch below headquarters."""
    monkeypatch.setenv("BAOQIAO_SMTP_PORT", str(smtp_port))
    monkeypatch.setenv("BAOQIAO_MAIL_FROM", "noreply@baoqiao.example")
    async with running(service, mongo_url, mongo_timeout_ms=PATIENT_MS) as running_service:
        await running_service.knows_branch("gd")
        yield Notifications(running_service, mail_dir)
