"""The finance service on a database of its own."""

from collections.abc import AsyncIterator

import pytest

from services.finance.service import service
from tests.support.finance import Finance
from tests.support.service import running


@pytest.fixture
async def finance(mongo_url: str) -> AsyncIterator[Finance]:
    """Yield finance, which knows headquarters, two users and one client."""
    async with running(service, mongo_url) as started:
        told = Finance(started)
        await told.knows_user("frank", "方敏")
        await told.knows_user("chen", "陈晓")
        await told.knows_client()
        yield told
