"""Webhooks on a real MongoDB, and an endpoint that stands outside."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.webhooks.service import service
from tests.support.https import Endpoint, endpoint
from tests.support.service import RunningService, running


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """An endpoint on this machine, which the operator allows."""
    made = endpoint(tmp_path)
    monkeypatch.setenv("BAOQIAO_WEBHOOK_NETWORKS", "127.0.0.0/8, ::1/128")
    monkeypatch.setenv("BAOQIAO_WEBHOOK_CA_FILE", str(made.ca))
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
async def webhooks(mongo_url: str) -> AsyncIterator[RunningService]:
    async with running(service, mongo_url) as running_service:
        await running_service.knows_branch("gd")
        await running_service.knows_branch("sz", "gd")
        yield running_service
