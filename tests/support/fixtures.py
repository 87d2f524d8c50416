"""Fixtures of services under test."""

from collections.abc import AsyncIterator

import pytest

from chassis.worker import Worker
from tests.support.sample import service as sample_service
from tests.support.service import RunningService, running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries that a test can wait for; named by `usefixtures`, so that a worker starts with them."""
    monkeypatch.setattr("chassis.listening.FIRST_PAUSE", 0.001)
    monkeypatch.setattr("chassis.worker.PARKED_SECONDS", 0.1)


@pytest.fixture
async def sample(mongo_url: str) -> AsyncIterator[RunningService]:
    """The sample service on a database of its own."""
    async with running(sample_service, mongo_url) as service:
        yield service


@pytest.fixture
async def sample_worker(mongo_url: str, kafka_bootstrap: str) -> AsyncIterator[tuple[RunningService, Worker]]:
    """The sample service with its worker on real Kafka."""
    async with running(sample_service, mongo_url, kafka_bootstrap=kafka_bootstrap) as service:
        worker = Worker(service.host)
        await worker.start()
        yield service, worker
        await worker.stop()
