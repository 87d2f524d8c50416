"""Fixtures of services under test."""

from collections.abc import AsyncIterator

import pytest

from tests.support.sample import service as sample_service
from tests.support.service import RunningService, running


@pytest.fixture
async def sample(mongo_url: str) -> AsyncIterator[RunningService]:
    """The sample service on a database of its own."""
    async with running(sample_service, mongo_url) as service:
        yield service
