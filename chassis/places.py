"""Where long work stopped, kept in the service's database, so that it goes on from there when it is run again."""

from typing import Any

from chassis.database import Database


class Place:
    """The place of one piece of work, by its name."""

    def __init__(self, db: Database, work: str) -> None:
        self._places, self._work = db["operator"], work

    async def read(self) -> Any:
        """What was kept last; None when nothing was, or the work is done."""
        found = await self._places.find_one({"_id": self._work})
        return found["place"] if found else None

    async def keep(self, place: Any) -> None:
        """Everything up to here is done."""
        await self._places.replace_one({"_id": self._work}, {"place": place}, upsert=True)

    async def forget(self) -> None:
        """The work is done."""
        await self._places.delete_one({"_id": self._work})
