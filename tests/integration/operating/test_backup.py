"""A backup of one moment, and its way back."""

from pathlib import Path
from typing import Any

import pytest

from chassis.operating import restore as restoring
from chassis.operating.archive import Archive
from tests.integration.operating.conftest import Company

NAMES = ("hr", "identity")


async def counts(company: Company, namespace: str) -> dict[str, int]:
    """Documents of the two services by collection, but for the command's own and leases, which move."""
    found: dict[str, int] = {}
    for name in NAMES:
        database = company[name].db.client[f"{namespace}{name}"]
        for collection in await database.list_collection_names():
            if collection not in ("operator", "leases") and (count := await database[collection].count_documents({})):
                found[f"{name}.{collection}"] = count
    return found


def interrupted_after(calls: int, monkeypatch: pytest.MonkeyPatch, place: Any, method: str) -> None:
    """Ctrl-C before a method is called once more."""
    real, done = getattr(place, method), list[int]()

    def call(*words: Any) -> Any:
        if len(done) == calls:
            raise KeyboardInterrupt
        done.append(1)
        return real(*words)

    monkeypatch.setattr(place, method, call)


async def test_a_backup_goes_on_where_it_was_broken_off_as_of_the_same_moment(
    baoqiao: Any, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    before = await counts(company, company["hr"].settings.namespace)
    with monkeypatch.context() as interrupting:
        interrupted_after(2, interrupting, Archive, "append")
        done = await baoqiao("backup", str(tmp_path), *NAMES)
    assert (done.exit_code, "goes on from here" in done.output) == (130, True)
    await company["hr"].db["copy_users"].insert_one({"_id": "later"})
    refused = await baoqiao("restore", str(tmp_path), "--drill")
    assert (refused.exit_code, "holds no whole backup" in refused.output) == (1, True)
    done = await baoqiao("backup", str(tmp_path), *NAMES)
    assert done.exit_code == 0, done.output
    await company["hr"].db["copy_users"].delete_one({"_id": "later"})
    drill = await baoqiao("restore", str(tmp_path), "--drill")
    assert drill.exit_code == 0, drill.output
    assert "The drill went well: every document is as it was kept" in drill.output.splitlines()
    archive = Archive(tmp_path)
    kept = {f"{service}.{name}": len(list(archive.documents(service, name)))
            for service in NAMES for name in archive.collections(service)}  # fmt: skip
    assert {name: count for name, count in kept.items() if count and not name.endswith(".leases")} == before
    assert not [name for name in await company["hr"].db.client.list_database_names() if name.startswith("drill")]


async def test_a_restore_goes_on_where_it_was_broken_off_and_takes_only_empty_databases(
    baoqiao: Any, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert (await baoqiao("backup", str(tmp_path), *NAMES)).exit_code == 0
    refused = await baoqiao("restore", str(tmp_path))
    assert (refused.exit_code, "is not empty" in refused.output) == (1, True)
    elsewhere = f"r{company['hr'].settings.namespace}"
    with monkeypatch.context() as interrupting:
        interrupted_after(3, interrupting, restoring, "_insert")
        done = await baoqiao("restore", str(tmp_path), namespace=elsewhere)
    assert done.exit_code == 130, done.output
    done = await baoqiao("restore", str(tmp_path), namespace=elsewhere)
    assert done.exit_code == 0, done.output
    assert "events replay" in done.output
    assert await counts(company, elsewhere) == await counts(company, company["hr"].settings.namespace)
    assert "outbox" in await company["hr"].db.client[f"{elsewhere}hr"]["employees"].index_information()
    for name in NAMES:
        await company["hr"].db.client.drop_database(f"{elsewhere}{name}")


async def test_a_drill_notices_a_document_that_did_not_come_back_and_a_damaged_file(
    baoqiao: Any, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("chassis.operating.backup.AT_ONCE", 3)
    assert (await baoqiao("backup", str(tmp_path), "hr")).exit_code == 0
    assert (await baoqiao("restore", str(tmp_path), "--drill")).exit_code == 0
    whole = restoring._insert

    async def forgetful(collection: Any, batch: Any) -> None:
        await whole(collection, batch)
        if collection.name == "copy_users":
            await collection.delete_one({"_id": batch[0]["_id"]})

    with monkeypatch.context() as forgetting:
        forgetting.setattr(restoring, "_insert", forgetful)
        told = await baoqiao("restore", str(tmp_path), "--drill")
    assert told.exit_code == 1
    assert "hr.copy_users " in told.output
    file = tmp_path / "hr/copy_users.bson.gz"
    file.write_bytes(file.read_bytes()[:-6])
    told = await baoqiao("restore", str(tmp_path), "--drill")
    assert (told.exit_code, "is damaged" in told.output) == (1, True)
