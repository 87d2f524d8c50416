"""`baoqiao backup`: every service's documents as of one moment."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from bson.timestamp import Timestamp
from pymongo.errors import OperationFailure

from chassis.operating.archive import Archive
from chassis.operating.desk import ServiceNames, Told, all_services, at, progress, run, say, tell
from chassis.service import Host

Folder = Annotated[Path, typer.Argument(help=say("备份文件夹", "the folder of the backup"), file_okay=False)]
RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
AT_ONCE = 1000
SNAPSHOT_GONE = (239, 246)
"""SnapshotTooOld, SnapshotUnavailable."""
NOT_KEPT = ("system.", "operator", "rebuilding_")
"""The server's own, and places of work that is under way."""


def backup(folder: Folder, services: ServiceNames = None) -> None:
    """备份各服务的全部文档,同一时刻,服务照常运行 · Keep every service's documents as of one moment, while all goes on.

    Personal data stays sealed; the field keys are not in it: keep them elsewhere. Broken off, it is run again with the
    same folder and goes on where it stopped, as of the same moment, as long as the server still has that moment.
    """

    async def act() -> None:
        archive = Archive(folder)
        if archive.there and archive.manifest["done"]:
            raise Told(f"{folder} 中已有完整备份;请用空文件夹", f"{folder} holds a whole backup; name an empty folder")
        async with AsyncExitStack() as stay:
            names = list(archive.manifest["services"]) or services or all_services()
            hosts = [await stay.enter_async_context(at(service)) for service in names]
            if not archive.there:
                await _begin(hosts, archive)
            moment = archive.manifest["moment"]
            tell(
                f"以 {moment.as_datetime():%Y-%m-%d %H:%M:%S} UTC 为准",
                f"As of {moment.as_datetime():%Y-%m-%d %H:%M:%S} UTC",
            )
            for host in hosts:
                await _keep(host, archive, moment)
        archive.manifest["done"] = True
        archive.keep()
        tell("备份完成。演练恢复:baoqiao restore --drill", "All is kept. Try it: baoqiao restore --drill")

    run(act())


async def _begin(hosts: list[Host], archive: Archive) -> None:
    """Say what is to be kept, and as of when: a moment that the majority has and the server can read at for a while.

    What there is is listed first, for a collection that is made after the moment cannot be read at it.
    """
    for host in hosts:
        kept = archive.collections(host.service.name)
        for name in sorted(await host.db.database.list_collection_names(filter={"type": "collection"})):
            if not name.startswith(NOT_KEPT):
                kept[name] = {"documents": 0, "bytes": 0, "last": None, "done": False}
    asked = {"find": "leases", "limit": 1, "singleBatch": True, "readConcern": {"level": "snapshot"}}
    moment = (await hosts[0].db.database.command(asked))["cursor"]["atClusterTime"]
    archive.manifest |= {"moment": moment, "namespace": hosts[0].settings.namespace}
    archive.keep()


async def _keep(host: Host, archive: Archive, moment: Timestamp) -> None:
    service = host.service.name
    kept = archive.collections(service)
    total = sum([await host.db[name].estimated_document_count() for name in kept])
    with progress(f"{service}:备份", f"{service}: keeping", total) as shown:
        for name in kept:
            await _keep_collection(host, archive, name, moment, shown)
    documents = sum(each["documents"] for each in kept.values())
    tell(
        f"{service}:集合 {len(kept)} 个,文档 {documents} 份",
        f"{service}: {documents} documents of {len(kept)} collections",
    )


async def _keep_collection(
    host: Host, archive: Archive, name: str, moment: Timestamp, shown: Callable[[int], None]
) -> None:
    kept = archive.collections(host.service.name)
    while not kept[name]["done"]:
        batch = await _batch(host, name, kept[name], moment)
        if batch:
            archive.append(host.service.name, name, (bytes(document.raw) for document in batch), batch[-1]["_id"])
            shown(sum(each["documents"] for each in kept.values()))
        else:
            kept[name]["done"] = True
            archive.keep()


def behind(name: str, last: list[Any]) -> dict[str, Any]:
    """The command for some documents more, by the index of `_id`, which orders ids of any type."""
    order = {"_id": 1}
    asked = {"find": name, "limit": AT_ONCE, "singleBatch": True, "hint": order, "sort": order}
    return asked | ({"min": {"_id": last[0]}, "skip": 1} if last else {})


async def _batch(host: Host, name: str, kept: dict[str, Any], moment: Timestamp) -> list[RawBSONDocument]:
    """The documents behind the last one that is kept."""
    asked = behind(name, [kept["last"]] if kept["documents"] else [])
    asked["readConcern"] = {"level": "snapshot", "atClusterTime": moment}
    try:
        answer = await host.db.database.command(asked, codec_options=RAW)
    except OperationFailure as error:
        if error.code not in SNAPSHOT_GONE:
            raise
        raise Told(
            "服务器已不再保留该时刻。请在 mongod 上调大 minSnapshotHistoryWindowInSeconds,并以空文件夹重新开始",
            "The server no longer has that moment. Raise minSnapshotHistoryWindowInSeconds at mongod, and begin anew "
            "with an empty folder",
        ) from error
    return list(answer["cursor"]["firstBatch"])
