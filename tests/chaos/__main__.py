"""`python -m tests.chaos --seed 7 --seconds 120`: one experiment; ends with 1 when a promise was broken."""

import asyncio
import os
import random
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer

from chassis import logs
from deploy.local import ROOT
from tests.chaos.cluster import Cluster
from tests.chaos.experiment import Experiment, Load, as_json, told

MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - the run's folder in it has a name of its own
BYTES_OF_EVENT = 20_000
BYTES_BESIDE = 4 * 1024**3
BYTES_OF_PROCESSES = 8 * 1024**3
MANY: dict[str, Any] = {
    "import_rows": 400,
    "importers": 4,
    "thinking": (2.0, 6.0),
    "tellers": 1,
    "pause": (10.0, 40.0),
}
"""What brings a given number of events about: files side by side, each short enough to be done between two faults."""


def place(events: int) -> Path:
    """Where a run's data lie: on a memory disk with room enough, in memory that is free too, else in the repository's
    own folder."""
    wanted = BYTES_BESIDE + events * BYTES_OF_EVENT
    has_room = MEMORY_DISK.is_dir() and shutil.disk_usage(MEMORY_DISK).free > wanted
    if has_room and psutil.virtual_memory().available > wanted + BYTES_OF_PROCESSES:
        return MEMORY_DISK / f"baoqiao-chaos-{os.getpid()}"
    return ROOT / ".run" / f"chaos-{os.getpid()}"


def main(
    seed: Annotated[int, typer.Option(help="Of the plan of faults and of what the clerks do; 0: drawn")] = 0,
    seconds: Annotated[float, typer.Option(help="How long work and faults go on")] = 120,
    events: Annotated[int, typer.Option(help="Stop at so many events instead")] = 0,
    folder: Annotated[Path | None, typer.Option(help="Where data and logs lie; it is kept")] = None,
    result: Annotated[Path | None, typer.Option(help="A file for the outcome as JSON")] = None,
) -> None:
    """Run one experiment on a stack of its own."""
    logs.configure("WARNING")
    seed = seed or random.SystemRandom().randrange(1, 1_000_000)
    there = folder or place(events)
    shutil.rmtree(there, ignore_errors=True)
    there.mkdir(parents=True)
    print(f"seed {seed}, data and logs in {there}", flush=True)
    cluster = Cluster(there, lambda line: print(line, flush=True))
    try:
        cluster.start()
        outcome = asyncio.run(_run(cluster, seed, Load(seconds=seconds, events=events, **(MANY if events else {}))))
    finally:
        cluster.stop()
        if folder is None:
            shutil.rmtree(there, ignore_errors=True)
    print(told(outcome), flush=True)
    if result is not None:
        result.write_text(as_json(outcome) + "\n")
    sys.exit(1 if outcome.violations else 0)


async def _run(cluster: Cluster, seed: int, load: Load):
    experiment = Experiment(cluster, seed, lambda line: print(line, flush=True))
    try:
        await experiment.set_up()
        return await experiment.run(load)
    finally:
        await experiment.close()


if __name__ == "__main__":
    typer.run(main)
