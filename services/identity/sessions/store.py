"""Sessions in MongoDB: hashes of refresh tokens only."""

from datetime import datetime
from typing import Any

from pymongo import IndexModel, ReturnDocument

from chassis.work import Work
from services.identity.sessions.model import Session


class Sessions:
    """The sessions, seen through one piece of work."""

    collection = "sessions"
    indexes = [IndexModel([("ends_at", 1)], name="ends_at")]

    def __init__(self, work: Work) -> None:
        self._documents = work.db[self.collection]

    async def add(self, session: Session) -> None:
        """Keep a new one."""
        fields = session.model_dump(exclude={"id"})
        await self._documents.insert_one({"_id": session.id, **fields})

    async def get(self, session_id: str) -> Session | None:
        """One that is not over, as far as is known."""
        found = await self._documents.find_one({"_id": session_id})
        return _loaded(found) if found else None

    async def rotate(self, session: Session, following: str) -> Session | None:
        """Exchange the current refresh token; None when somebody else has just done so."""
        found = await self._documents.find_one_and_update(
            {"_id": session.id, "current": session.current},
            {"$set": {"current": following}, "$push": {"used": session.current}},
            return_document=ReturnDocument.AFTER,
        )
        return _loaded(found) if found else None

    async def end(self, session_id: str) -> None:
        """Over; its refresh tokens are worthless."""
        await self._documents.delete_one({"_id": session_id})

    async def forget_ended(self, now: datetime) -> None:
        """Drop those whose time is over."""
        await self._documents.delete_many({"ends_at": {"$lte": now}})


def _loaded(found: dict[str, Any]) -> Session:
    return Session(id=found.pop("_id"), **found)
