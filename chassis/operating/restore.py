"""`baoqiao restore`: a backup brought back, in earnest or as a drill."""

import secrets
from itertools import islice
from typing import Annotated, Any

import typer
from bson.raw_bson import RawBSONDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

from chassis.faults import DUPLICATE
from chassis.operating.archive import Archive
from chassis.operating.backup import AT_ONCE, RAW, Folder, behind
from chassis.operating.desk import Told, at, progress, run, say, tell
from chassis.places import Place
from chassis.service import Host

MOST_SHOWN = 10
WORK = "restore"


def restore(
    folder: Folder,
    drill: Annotated[
        bool,
        typer.Option(
            "--drill", help=say("恢复到临时数据库,逐份比对后删除", "into databases that go afterwards, compared")
        ),
    ] = False,
) -> None:
    """将备份恢复到空数据库 · Bring a backup back into empty databases, with no process of Baoqiao running.

    Broken off, it is run again and goes on where it stopped. A drill brings it back beside what runs, compares it
    document by document with the backup, and takes it away again; ends with 1 when something differs.
    """

    async def act() -> int:
        archive = Archive(folder)
        if not archive.there or not archive.manifest["done"]:
            raise Told(
                f"{folder} 中没有完整备份;中断的备份请再次运行 baoqiao backup",
                f"{folder} holds no whole backup; run baoqiao backup again to finish one that was broken off",
            )
        return await (_drill if drill else _restore)(archive)

    if run(act()):
        raise typer.Exit(1)


async def _restore(archive: Archive) -> int:
    for service in archive.manifest["services"]:
        async with at(service) as host:
            await _bring_back(host, archive)
            await host.prepare()
    for service in archive.manifest["services"]:
        async with at(service) as host:
            await Place(host.db, WORK).forget()
    names = " ".join(archive.manifest["services"])
    tell(
        f"已恢复。接着:清空 Kafka,依次 baoqiao events replay {names},再启动进程",
        f"It is back. Next: start Kafka empty, baoqiao events replay each of {names}, then start the processes",
    )
    return 0


async def _drill(archive: Archive) -> int:
    namespace = f"drill{secrets.token_hex(4)}_"
    wrong: list[str] = []
    for service in archive.manifest["services"]:
        async with at(service) as real:
            settings = real.settings.model_copy(update={"namespace": namespace})
            host = Host(real.service, settings, keyring=real.db.keyring)
            try:
                await _bring_back(host, archive)
                wrong += await _compared(host, archive)
            finally:
                await host.db.client.drop_database(host.db.name)
                await host.db.close()
    for line in wrong[:MOST_SHOWN]:
        tell(line, line)
    if not wrong:
        tell("演练成功:每份文档均与备份一致", "The drill went well: every document is as it was kept")
    return len(wrong)


async def _bring_back(host: Host, archive: Archive) -> None:
    """Insert what is not there yet. Raises Told for a database that holds something else."""
    service, place = host.service.name, Place(host.db, WORK)
    done: dict[str, int] | None = await place.read()
    if done is None and await host.db.database.list_collection_names():
        raise Told(
            f"数据库 {host.db.name} 非空。请恢复到空数据库,或设置另一个 BAOQIAO_NAMESPACE",
            f"The database {host.db.name} is not empty. Restore into an empty one, or set another BAOQIAO_NAMESPACE",
        )
    done = done or {}
    kept = archive.collections(service)
    await place.keep(done)
    with progress(
        f"{service}:恢复", f"{service}: bringing back", sum(each["documents"] for each in kept.values())
    ) as shown:
        for name in kept:
            documents = islice(archive.documents(service, name), done.get(name, 0), None)
            while batch := [RawBSONDocument(raw) for raw in islice(documents, AT_ONCE)]:
                await _insert(host.db[name].with_options(codec_options=RAW), batch)
                done[name] = done.get(name, 0) + len(batch)
                await place.keep(done)
                shown(sum(done.values()))


async def _insert(collection: AsyncCollection[RawBSONDocument], batch: list[RawBSONDocument]) -> None:
    try:
        await collection.insert_many(batch, ordered=False)
    except BulkWriteError as error:  # those that came in before it was broken off
        if error.details["writeConcernErrors"] or any(
            each["code"] != DUPLICATE for each in error.details["writeErrors"]
        ):
            raise


async def _page(host: Host, name: str, last: list[Any]) -> list[RawBSONDocument]:
    answer = await host.db.database.command(behind(name, last), codec_options=RAW)
    return list(answer["cursor"]["firstBatch"])


async def _compared(host: Host, archive: Archive) -> list[str]:
    """What differs between the backup and the database, one line each."""
    service, wrong, count = host.service.name, list[str](), 0
    for name in archive.collections(service):
        kept = archive.documents(service, name)
        last: list[Any] = []
        while page := await _page(host, name, last):
            count += len(page)
            wrong += [f"{service}.{name} {each['_id']}" for each in page if next(kept, None) != bytes(each.raw)]
            last = [page[-1]["_id"]]
        wrong += [f"{service}.{name} {RawBSONDocument(raw)['_id']}" for raw in kept]
    tell(f"{service}:比对 {count} 份,不同 {len(wrong)} 份", f"{service}: {count} compared, {len(wrong)} differ")
    return wrong
