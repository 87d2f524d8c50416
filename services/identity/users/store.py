"""Users and failed sign-ins in MongoDB."""

from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from chassis.store import Store
from chassis.work import Work
from services.identity.users.model import User
from services.identity.users.rules import LoginTaken, UserNotFound

MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)


class Users(Store[User]):
    """The users of the branches that the caller may see."""

    collection = "users"
    model = User
    missing = UserNotFound
    indexes = [
        IndexModel([("login", 1)], name="login", unique=True),
        IndexModel([("branch", 1), ("name", 1)], name="branch"),
        IndexModel([("assignments.branch_id", 1), ("assignments.roles", 1)], name="assignments"),
    ]
    duplicates = {"login": LoginTaken}

    async def by_login(self, login: str) -> User | None:
        """Whoever has the login, in lower case."""
        return await self.first({"login": login.casefold()})

    async def has_done(self, user_id: str) -> bool:
        """Whether this very work changed the user before."""
        return await self._documents.count_documents({"_id": user_id, "once.key": self.work.mark()}, limit=1) == 1


class Failures:
    """Failed sign-ins by the login that was tried, whether somebody has it or not."""

    collection = "failures"
    indexes = [IndexModel([("until", 1)], name="until")]

    def __init__(self, work: Work) -> None:
        self._documents = work.db[self.collection]
        self._ring = work.db.keyring

    async def locked_until(self, login: str, now: datetime) -> datetime | None:
        """Until when the login is locked; None when it is not. Rule: IDN-017."""
        found = await self._documents.find_one(
            {"_id": self._key(login), "count": {"$gte": MOST_FAILURES}, "until": {"$gt": now}}
        )
        return found["until"] if found else None

    async def count(self, login: str, now: datetime) -> None:
        """One more failure; those of more than a quarter of an hour without another are forgotten. Rule: IDN-017."""
        fresh: dict[str, Any] = {"$cond": [{"$gt": ["$until", now]}, {"$add": ["$count", 1]}, 1]}
        steps = [{"$set": {"count": fresh, "until": now + LOCKED_FOR}}]
        await self._documents.update_one({"_id": self._key(login)}, steps, upsert=True)

    async def forget(self, login: str) -> None:
        """After a success."""
        await self._documents.delete_one({"_id": self._key(login)})

    async def forget_old(self, now: datetime) -> None:
        """Drop what counts no longer."""
        await self._documents.delete_many({"until": {"$lte": now}})

    def _key(self, login: str) -> str:
        return self._ring.fingerprint(f"login {login.casefold()}")
