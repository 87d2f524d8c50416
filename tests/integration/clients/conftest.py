"""The clients service for its own tests."""

from collections.abc import AsyncIterator

import pytest

from tests.support.clients import clients_service
from tests.support.service import RunningService


@pytest.fixture
async def service(mongo_url: str) -> AsyncIterator[RunningService]:
    """The clients service with headquarters and two branches."""
    async with clients_service(mongo_url) as running_service:
        yield running_service
