"""Small documents of a version, kept as it wrote them: of each collection the smallest in each status, from the story.

They go to `kept/<version>/<service>.json` (MongoDB's extended JSON), sealed fields sealed anew with a key that stands
here. What is kept never changes; test_upgrades.py reads it with every later version's code. Written by
tests/journeys/test_keeping.py.
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bson import Binary, json_util

from chassis.database import Document
from chassis.sealing import SUBTYPE, Keyring
from chassis.service import Host
from tests.structure.house import ROOT

KEPT = Path(__file__).with_name("kept")
RING = Keyring("kept", {"kept": bytes(32)}, bytes(32))
OF_THE_PLATFORM = ("event_log", "parked", "audit", "leases", "operator", "blobs.", "system.")
SECRET = ("signing_keys", "sessions")
"""Without a model; their secrets are sealed or hashed, and still have no place here."""
MOST_BYTES = 8_000
SIZE = "bytes_of_it"
OUTSIDE_THE_STATE = {"outbox": 0, "outbox_at": 0, "once": 0, "x": 0}


def version() -> str:
    """The version of the code at hand."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


async def keep(hosts: Iterable[Host], folder: Path) -> None:
    """Write the files of all services."""
    for host in hosts:
        _write(folder / f"{host.service.name}.json", await _documents(host))


def _write(path: Path, found: dict[str, list[Document]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{json_util.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)}\n", encoding="utf-8")


async def _documents(host: Host) -> dict[str, list[Document]]:
    database = host.db.client[host.db.name]  # without our codecs: as it lies there
    found: dict[str, list[Document]] = {}
    for name in sorted(await database.list_collection_names()):
        if name.startswith(OF_THE_PLATFORM) or name in SECRET:
            continue
        smallest = [
            {"$set": {SIZE: {"$bsonSize": "$$ROOT"}}},
            {"$match": {SIZE: {"$lte": MOST_BYTES}}},
            {"$sort": {SIZE: 1, "_id": 1}},
            {"$group": {"_id": "$status", "one": {"$first": "$$ROOT"}}},
            {"$replaceRoot": {"newRoot": "$one"}},
            {"$project": {**OUTSIDE_THE_STATE, SIZE: 0}},
            {"$sort": {"_id": 1}},
        ]
        cursor = await database[name].aggregate(smallest)
        if documents := await cursor.to_list():
            found[name] = [_resealed(document, host.db.keyring) for document in documents]
    return found


def _resealed(value: Any, ring: Keyring) -> Any:
    match value:
        case dict():
            return {name: _resealed(inner, ring) for name, inner in value.items()}
        case list():
            return [_resealed(inner, ring) for inner in value]
        case Binary() if value.subtype == SUBTYPE:
            return Binary(RING.seal(ring.open(bytes(value).decode())).encode(), SUBTYPE)
        case _:
            return value
