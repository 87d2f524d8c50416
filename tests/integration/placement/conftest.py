"""Placement on a real MongoDB."""

from collections.abc import AsyncIterator

import pytest

from services.placement.service import service
from tests.support.service import RunningService, running


@pytest.fixture
async def placement(mongo_url: str) -> AsyncIterator[RunningService]:
    """Yield placement with an empty database of its own."""
    async with running(service, mongo_url) as running_service:
        yield running_service
