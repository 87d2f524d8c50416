"""Identity on a database of its own."""

from collections.abc import AsyncIterator

import pytest

from services.identity.service import service
from tests.support.identity import Identity
from tests.support.service import running


@pytest.fixture
async def identity(mongo_url: str) -> AsyncIterator[Identity]:
    """Identity with headquarters, default roles and an administrator."""
    async with running(service, mongo_url) as running_service:
        identity = Identity(running_service)
        await identity.set_up()
        yield identity
