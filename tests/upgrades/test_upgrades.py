"""What earlier versions wrote is read by today's code, with nothing lost."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import json_util
from bson.codec_options import CodecOptions

from chassis.copies import Copy
from chassis.database import Document
from chassis.service import Host
from chassis.settings import Settings
from chassis.store import Store
from contracts.personal import Personal
from tests.structure.house import services
from tests.upgrades.keeping import KEPT, RING, version

FILES = sorted(KEPT.glob("*/*.json"))
CODECS: CodecOptions[Document] = CodecOptions(tz_aware=True, type_registry=RING.type_registry())
BESIDE_THE_STATE = {"_id", "v", "branch"}


@cache
def hosts() -> dict[str, Host]:
    return {service.name: Host(service, Settings(), keyring=RING) for service in services()}


@cache
def copies() -> dict[tuple[str, str], type[Copy[Any]]]:
    """The classes of copies by service and collection."""
    return {(kind.__module__.split(".")[1], kind.collection): kind for kind in Copy.__subclasses__()}


def kept(path: Path) -> Iterator[tuple[str, Document]]:
    """The documents of a file with their collections, as the driver gives them."""
    for collection, documents in json_util.loads(path.read_text(encoding="utf-8")).items():
        for document in documents:
            yield collection, bson.decode(bson.encode(document), CODECS)


def reader(service: str, collection: str) -> Store[Any] | Copy[Any] | None:
    """What reads documents of a collection; None for those that have no model."""
    work = hosts()[service].system_work()
    for store in hosts()[service].service.stores:
        if store.collection == collection:
            return store(work)
    kind = copies().get((service, collection))
    return kind(work) if kind else None


def the_same(kept: Any, now: Any) -> bool:
    """Whether all that was kept is there now; today's code may have more."""
    match kept, now:
        case dict(), dict():
            return all(name in now and the_same(value, now[name]) for name, value in kept.items())
        case list(), list() | tuple():
            return len(kept) == len(now) and all(map(the_same, kept, now))
        case Personal(), Personal():
            return kept.reveal() == now.reveal()
        case _:
            return kept == now or str(kept) == str(now)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_documents_of_earlier_versions_are_read_whole(path: Path):
    read = 0
    for collection, document in kept(path):
        reading = reader(path.stem, collection)
        if reading is None:
            continue
        state = reading.loaded(document)
        if isinstance(reading, Store):
            before = {name: value for name, value in document.items() if name not in BESIDE_THE_STATE}
            assert the_same(before, reading.fields(state)), f"{collection} {document['_id']}"
        read += 1
    assert read


def test_this_version_is_kept():
    missing = {service.name for service in services()} - {path.stem for path in FILES if path.parent.name == version()}
    assert not missing, f"docs/upgrading.md says how to keep what this version writes: {missing}"


def test_a_field_that_was_dropped_is_found_missing():
    assert not the_same({"premium": {"amount_minor": 1, "currency": "CNY"}}, {"premium": {"currency": "CNY"}})
    assert the_same({"premium": {"currency": "CNY"}}, {"premium": {"amount_minor": 1, "currency": "CNY"}, "line": "x"})
