"""Seeing what work a service does, to tell whether two answers cost the same."""

from typing import Any

from chassis.branches import COPY
from chassis.database import Document
from tests.support.service import RunningService


class Watch:
    """What a service asks of its database, without the values: collection, and the shape of each question."""

    def __init__(self, watched: RunningService) -> None:
        self._database = watched.host.db.database
        self._seen = 0

    async def __aenter__(self) -> "Watch":
        await self._database.command("profile", 2)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._database.command("profile", 0)
        await self._database.drop_collection("system.profile")

    async def asked(self) -> list[str]:
        """What was asked since the last time. The tree of branches is left out: it is read once a second."""
        found = await self._database["system.profile"].find({}).sort("$natural", 1).skip(self._seen).to_list()
        self._seen += len(found)
        told = [(entry["ns"].partition(".")[2], entry["command"]) for entry in found]
        return [f"{name} {_shape(command)}" for name, command in told if name not in ("system.profile", COPY)]


def _shape(command: Document) -> str:
    told = {name: command[name] for name in ("find", "aggregate", "filter", "pipeline", "q", "u") if name in command}
    return str(_without_values(told))


def _without_values(value: Any) -> Any:
    match value:
        case dict():
            return {name: _without_values(each) for name, each in value.items()}
        case list():
            return [_without_values(each) for each in value]
        case _:
            return type(value).__name__
