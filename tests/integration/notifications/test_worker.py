"""The service with its worker on a real bus: what it tells itself goes through Kafka, and mails leave."""

from pathlib import Path
from typing import Any

import pytest

from chassis.worker import Worker
from services.notifications.service import service
from tests.support.notifications import Notifications
from tests.support.service import HQ, running
from tests.support.waiting import eventually


@pytest.mark.rule("NTF-005")
async def test_an_urgent_letter_reaches_its_owner_through_the_bus_and_by_mail(
    mongo_url: str, kafka_bootstrap: str, smtp_port: int, mail_dir: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BAOQIAO_SMTP_PORT", str(smtp_port))
    async with running(service, mongo_url, kafka_bootstrap=kafka_bootstrap, mongo_timeout_ms=30_000) as running_service:
        notifications = Notifications(running_service, mail_dir)
        address = await notifications.has_user("ann", "AE", address=f"{running_service.host.db.name}@baoqiao.example")
        worker = Worker(running_service.host)
        await worker.start()
        try:
            letter = {
                "kind": "letter",
                "branch": HQ,
                "owner_id": "ann",
                "title": "货物出险",
                "urgent": True,
                "started_at": "2026-03-02T08:00:00+08:00",
            }
            made = await running_service.user("ann").post("/obligations", letter)
            assert made.status_code == 201, made.text
            await running_service.run_job("advance_obligations")

            async def shown() -> list[dict[str, Any]]:
                return await notifications.inbox("ann")

            [message] = await eventually(shown, "a message in the application")
            assert message["subject"] == "待办提醒:当日回复客户紧急信函:货物出险"

            async def arrived() -> bool:
                return len(notifications.mails_to(address)) == 1

            await eventually(arrived, "the mail in the sink")
        finally:
            await worker.stop()
