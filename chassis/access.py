"""What a service may do on MongoDB, and how an administrator gives it that and nothing else.

A service's user is named like its database and reads and writes that database only: it makes indexes there and listens
to its changes, but drops no database, sees no other, and asks nothing of the server's administration.
"""

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from chassis.database import Document, login
from chassis.settings import Settings

EXISTS_ALREADY = 51003
REACHED_SECONDS = 30


async def give_database(admin: Settings, service: str, password: str) -> None:
    """Make the service's user of MongoDB, or set its password and rights to what they must be; may run again.

    `admin` signs in as an administrator. Raises pymongo's errors.
    """
    user = f"{admin.namespace}{service}"
    told = {"pwd": password, "roles": [{"role": "readWrite", "db": user}]}
    reached = REACHED_SECONDS * 1000
    async with AsyncMongoClient[Document](
        admin.mongo_url, **login(admin), serverSelectionTimeoutMS=reached, timeoutMS=reached
    ) as client:
        try:
            await client.admin.command("createUser", user, **told)
        except OperationFailure as refused:
            if refused.code != EXISTS_ALREADY:
                raise
            await client.admin.command("updateUser", user, **told)
