"""Run a floor over HTTP as services are run: `python -m bench.floors.serve clients <port> <MongoDB's address>`."""

import importlib
import sys

from pymongo import AsyncMongoClient
from pymongo.write_concern import WriteConcern

from chassis.serve import listen

DATABASE = "floor"


def main(module: str, port: str, mongo_url: str, *arguments: str) -> None:
    """Serve the `app_on` of a floor's module; it gets the database and whatever else it was given."""
    database = AsyncMongoClient(mongo_url, tz_aware=True).get_database(
        DATABASE, write_concern=WriteConcern("majority", j=True)
    )
    app = importlib.import_module(f"bench.floors.{module}").app_on(database, *arguments)

    @app.get("/readyz")
    async def readyz() -> dict[str, str]:
        await database.command("ping")
        return {"status": "ready"}

    listen(app, "127.0.0.1", int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
