"""Hr on a database of its own."""

from collections.abc import AsyncIterator

import pytest

from services.hr.service import service
from tests.support.hr import Hr
from tests.support.service import running


@pytest.fixture
async def hr(mongo_url: str) -> AsyncIterator[Hr]:
    """Hr with branches and users known."""
    async with running(service, mongo_url) as running_service:
        hr = Hr(running_service)
        await hr.set_up()
        yield hr
