"""Updates that are asked for in the same moment, sent to MongoDB in one request: a request costs more than the update.

Promises: whoever asks goes on when his own update is durable, or with his own fault. Does not promise an order: two
updates of one document are asked for one after the other.
"""

import asyncio
from typing import Any

from pymongo import UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError, DuplicateKeyError, WriteError

from chassis.faults import DUPLICATE, is_away

MOST = 32
"""Updates of one request, so that several requests are under way when many ask."""
Document = dict[str, Any]
_Waiting = list[tuple[UpdateOne, asyncio.Future[None]]]


class Updates:
    """The updates of one collection."""

    def __init__(self, documents: AsyncCollection[Document]) -> None:
        self._documents = documents
        self._waiting: _Waiting = []
        self._under_way: set[asyncio.Task[None]] = set()

    async def make(self, update: UpdateOne) -> None:
        """Make one update; raises DuplicateKeyError, or what its request failed with."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._send)
        self._waiting.append((update, done))
        if len(self._waiting) == MOST:
            self._send()
        await done

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            task = asyncio.create_task(self._write(waiting))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _write(self, waiting: _Waiting) -> None:
        faults: dict[int, Exception] = {}
        try:
            await self._documents.bulk_write([update for update, _ in waiting], ordered=False)
        except BulkWriteError as error:
            faults = _each(error, len(waiting))
        except Exception as error:
            if len(waiting) > 1 and not is_away(error):
                for one in waiting:  # what cannot even be sent is the fault of one of them
                    await self._write([one])
                return
            faults = dict.fromkeys(range(len(waiting)), error)
        for number, (_, done) in enumerate(waiting):
            if done.done():
                continue  # who asked was cancelled
            if fault := faults.get(number):
                done.set_exception(fault)
            else:
                done.set_result(None)


def _each(error: BulkWriteError, count: int) -> dict[int, Exception]:
    """The fault of each update by its number; none is sure when the majority did not acknowledge."""
    if error.details["writeConcernErrors"]:
        return dict.fromkeys(range(count), error)
    kinds = {DUPLICATE: DuplicateKeyError}
    return {
        fault["index"]: kinds.get(fault["code"], WriteError)(fault["errmsg"], fault["code"], fault)
        for fault in error.details["writeErrors"]
    }
