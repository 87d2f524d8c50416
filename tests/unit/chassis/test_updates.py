"""Updates asked for in the same moment go to MongoDB together, and each asker hears of his own."""

import asyncio
from typing import Any

import pytest
from pymongo import UpdateOne
from pymongo.errors import AutoReconnect, BulkWriteError, DuplicateKeyError

from chassis.updates import MOST, Updates


class Documents:
    """Stands for a collection: answers each request as told, by its updates' ids."""

    def __init__(self, **faults: Exception | int) -> None:
        self.faults = faults
        self.requests: list[list[str]] = []

    async def bulk_write(self, updates: list[UpdateOne], *, ordered: bool) -> None:
        assert not ordered
        ids = [update._filter["_id"] for update in updates]
        self.requests.append(ids)
        for fault in (self.faults[id] for id in ids if id in self.faults):
            if isinstance(fault, Exception):
                raise fault
        refused = [{"index": n, "code": self.faults[id], "errmsg": id} for n, id in enumerate(ids) if id in self.faults]
        if refused:
            raise BulkWriteError({"writeErrors": refused, "writeConcernErrors": []})


async def asked(documents: Documents, *ids: str) -> list[Any]:
    """What each of those who ask at once for an update of these ids is answered; None for done."""
    updates = Updates(documents)  # pyright: ignore[reportArgumentType]
    made = (updates.make(UpdateOne({"_id": id}, {"$set": {"a": 1}})) for id in ids)
    return await asyncio.gather(*made, return_exceptions=True)


async def test_those_who_ask_at_once_share_a_request():
    documents = Documents()
    assert await asked(documents, "a", "b", "c") == [None, None, None]
    assert documents.requests == [["a", "b", "c"]]


async def test_a_request_has_a_bound():
    documents = Documents()
    await asked(documents, *map(str, range(MOST + 1)))
    assert [len(request) for request in documents.requests] == [MOST, 1]


async def test_what_a_unique_index_refuses_is_told_only_to_who_asked_for_it():
    done, refused, also_done = await asked(Documents(b=11000), "a", "b", "c")
    assert (done, also_done) == (None, None)
    assert isinstance(refused, DuplicateKeyError)


async def test_what_cannot_be_sent_at_all_is_told_only_to_who_asked_for_it():
    documents = Documents(b=OverflowError("9 bytes"))
    done, refused, also_done = await asked(documents, "a", "b", "c")
    assert (done, also_done) == (None, None)
    assert isinstance(refused, OverflowError)


async def test_when_the_database_is_away_everybody_hears_it_and_nothing_is_sent_again():
    documents = Documents(b=AutoReconnect("gone"))
    assert all(isinstance(answer, AutoReconnect) for answer in await asked(documents, "a", "b", "c"))
    assert len(documents.requests) == 1


async def test_without_the_majority_nobody_is_told_that_it_is_done():
    fault = BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 64, "errmsg": "waited"}]})
    assert await asked(Documents(b=fault), "a", "b") == [fault, fault]


async def test_who_goes_away_takes_nobody_with_him():
    documents = Documents()
    updates = Updates(documents)  # pyright: ignore[reportArgumentType]
    first, second = (asyncio.create_task(updates.make(UpdateOne({"_id": id}, {"$set": {}}))) for id in "ab")
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert documents.requests == [["a", "b"]]


@pytest.mark.parametrize("later", ["a", "b"])
async def test_who_asks_later_gets_a_request_of_his_own(later: str):
    documents = Documents()
    updates = Updates(documents)  # pyright: ignore[reportArgumentType]
    for id in ("a", later):
        await updates.make(UpdateOne({"_id": id}, {"$set": {}}))
    assert documents.requests == [["a"], [later]]
