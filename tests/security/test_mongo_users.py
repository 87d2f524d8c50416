"""Each service's user of MongoDB does in its own database what the service does, and nothing else anywhere. The
services are those that there are, so that a new one is looked at too."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from chassis.database import Document
from tests.support.access import NAMES, Access
from tests.support.servers import Addresses

NOT_ALLOWED = 13
NOT_LET_IN = 18


@pytest.fixture(scope="module")
async def access(addresses: Addresses, run_dir: Path) -> AsyncIterator[Access]:
    made = Access(addresses, run_dir / "mongo-users")
    await asyncio.to_thread(made.give)
    yield made
    await made.forget()


async def refused(action: Awaitable[Any]) -> bool:
    """Whether MongoDB says that the user may not."""
    try:
        await action
    except OperationFailure as failure:
        return failure.code == NOT_ALLOWED
    return False


@pytest.mark.parametrize("name", NAMES)
async def test_a_service_works_in_its_own_database_and_sees_no_other(access: Access, name: str):
    async with access.mongo(name) as client:
        own = client[access.user(name)]
        await own["things"].create_index("at")
        async with await own.watch() as changes:
            await own["things"].insert_one({"_id": 1})
            assert (await anext(changes))["documentKey"] == {"_id": 1}
        async with client.start_session() as session, await session.start_transaction():
            await own["things"].update_one({"_id": 1}, {"$set": {"at": 2}}, session=session)
        await own["things"].rename("others", dropTarget=True)
        assert await own["others"].count_documents({}) == 1
        assert await client.list_database_names() == [access.user(name)]


@pytest.mark.parametrize("name", NAMES)
async def test_a_service_is_refused_by_the_database_of_every_other(access: Access, name: str):
    async with access.mongo(name) as client:
        for other in {*NAMES, "nobody's"} - {name}:
            for attempt in attempts(client[access.user(other)]):
                assert await refused(attempt), other


def attempts(database: AsyncDatabase[Document]) -> Iterable[Awaitable[Any]]:
    things = database["things"]
    yield things.find_one({})
    yield things.insert_one({})
    yield things.update_many({}, {"$set": {"x": 1}})
    yield things.delete_many({})
    yield things.create_index("x")
    yield things.aggregate([{"$collStats": {"count": {}}}])
    yield database.list_collection_names()
    yield database.watch()
    yield database.command("dropDatabase")


@pytest.mark.parametrize("name", NAMES)
async def test_a_service_administers_nothing_not_even_its_own_database(access: Access, name: str):
    async with access.mongo(name) as client:
        own = client[access.user(name)]
        for attempt in (
            own.command("dropDatabase"),
            own.command("createUser", "second", pwd="x", roles=[]),
            own.command("profile", 2),
            client.admin.command("grantRolesToUser", access.user(name), roles=["root"]),
            client.admin.command("updateUser", access.user(name), pwd="another"),
            client.admin.command("usersInfo", 1),
            client.admin.command("replSetGetConfig"),
            client.admin.command({"currentOp": 1, "$all": True}),
            client.admin.command("shutdown"),
            client["local"]["oplog.rs"].find_one({}),
            client["admin"]["system.users"].find_one({}),
        ):
            assert await refused(attempt)


async def test_without_a_user_or_with_anothers_password_nobody_is_let_in(access: Access):
    async with AsyncMongoClient[Document](access.url) as nobody:
        with pytest.raises(OperationFailure, match="requires authentication"):
            await nobody[access.user("hr")]["things"].find_one({})
    async with AsyncMongoClient[Document](
        access.url, username=access.user("hr"), password=access.password("finance", "mongo")
    ) as wrong:
        with pytest.raises(OperationFailure) as failure:
            await wrong[access.user("hr")]["things"].find_one({})
    assert failure.value.code == NOT_LET_IN


async def test_rights_that_somebody_added_are_taken_back_by_the_next_run(access: Access):
    async with AsyncMongoClient[Document](access.admin_url) as admin:
        await admin.admin.command(
            "grantRolesToUser", access.user("hr"), roles=[{"role": "read", "db": access.user("finance")}]
        )
        async with access.mongo("hr") as client:
            foreign = client[access.user("finance")]["things"]
            assert not await refused(foreign.find_one({}))
            await asyncio.to_thread(access.give)
            assert await refused(foreign.find_one({}))
