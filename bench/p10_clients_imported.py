"""P10: a client file of 20,000 rows taken in, dry run and real, against reading it and bare bulk inserts; and what
memory a long file takes against a short one, each in a process of its own.
"""

import asyncio
import gc
import io
import multiprocessing
import re
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import uvloop
from pymongo import AsyncMongoClient
from pymongo.write_concern import WriteConcern
from python_calamine import CalamineWorkbook

from bench.bed import HQ, Bench
from bench.bus import Document, like_one
from bench.measure import Result, at_least, at_most, paired, result
from chassis.ids import new_id
from chassis.serve import service_named
from chassis.service import Host
from chassis.settings import Settings
from services.clients.imports.actions import Upload, import_clients, run_import
from services.clients.imports.model import Status
from tests.support.client_files import a_client_book, a_client_row

ROWS = 20_000
SHORT = 5_000
PEAKS = 7
AT_ONCE = 1_000
NAMESPACE = "p10_"
T = TypeVar("T")
Taken = tuple[float, float]
"""Seconds, and the peak of memory in MiB."""


async def run(bench: Bench) -> list[Result]:
    """Two lines of time and two of memory."""
    host = bench.host("clients", namespace=NAMESPACE)
    like = await like_one(host.system_work())
    books = {rows: a_client_book(*map(a_client_row, range(rows))) for rows in (SHORT, ROWS)}

    async def taken(pool: ProcessPoolExecutor, rows: int, *, dry_run: bool) -> Taken:
        await bench.mongo.drop_database(host.db.name)
        await host.prepare()
        await bench.knows_branches(host.db.name)
        return await _apart(pool, partial(_import, host.settings, books[rows], rows, dry_run))

    async def peak(rows: int) -> float:
        with _process() as fresh:
            return (await taken(fresh, rows, dry_run=False))[1]

    results: list[Result] = []
    try:
        with _process() as importing, _process() as inserting:

            async def ours(*, dry_run: bool) -> float:
                return ROWS / (await taken(importing, ROWS, dry_run=dry_run))[0]

            async def floor() -> float:
                await bench.mongo.drop_database(host.db.name)
                return ROWS / await _apart(
                    inserting, partial(_insert, bench.mongo_url, host.db.name, like, books[ROWS])
                )

            for dry_run, kind in ((True, "dry run"), (False, "real")):
                what = f"import of {ROWS:,} clients, {kind}"
                results.append(
                    await paired("P10", what, "rows/s", at_least(0.3), partial(ours, dry_run=dry_run), floor)
                )
        peaks = [(await peak(ROWS), await peak(SHORT)) for _ in range(PEAKS)]
        what = f"peak of memory, {ROWS:,} clients against {SHORT:,}"
        results.append(result("P10", what, "MiB", at_most(1.3), peaks))
    finally:
        await bench.mongo.drop_database(host.db.name)
        await host.db.close()
    return results


def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))


async def _apart(pool: ProcessPoolExecutor, act: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, act)


def _import(settings: Settings, content: bytes, rows: int, dry_run: bool) -> Taken:
    async def done() -> float:
        host = Host(service_named("clients"), settings)
        await host.db.ping()
        gc.collect()
        gc.freeze()  # as a service does when it starts
        began = time.perf_counter()
        upload = Upload(content, "clients.xlsx", HQ, {})
        state = await import_clients(upload, dry_run=dry_run, work=host.system_work(key=new_id()))
        if not dry_run:
            state = await run_import(state.id, host.system_work())
        seconds = time.perf_counter() - began
        assert (state.counts.created, state.status) == (rows, Status.CHECKED if dry_run else Status.DONE)
        await host.db.close()
        return seconds

    return uvloop.run(done()), _peak()


def _insert(mongo_url: str, database: str, like: Document, content: bytes) -> float:
    """Documents as long as ours, of which only name, number and code are new."""

    async def done() -> float:
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo_url)
        bare = client[database].get_collection("bare", write_concern=WriteConcern("majority", j=True))
        await client.admin.command("ping")
        began = time.perf_counter()
        documents: list[Document] = []
        rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).iter_rows()
        next(rows)
        for code, name, _, number, *_ in rows:
            marks = {**like["x"], "number": number, "codes": [code], "name": name}
            documents.append({**like, "_id": new_id(), "code": code, "name": name, "x": marks})
            if len(documents) == AT_ONCE:
                await bare.insert_many(documents, ordered=False)
                documents = []
        if documents:
            await bare.insert_many(documents, ordered=False)
        seconds = time.perf_counter() - began
        await client.close()
        return seconds

    return uvloop.run(done())


def _peak() -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1024
