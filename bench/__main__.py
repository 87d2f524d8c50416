"""Run benchmarks: `python -m bench`, or some of them: `python -m bench P1 P2r`."""

import asyncio
import importlib
import sys
from pathlib import Path
from types import ModuleType

from bench import results
from bench.bed import Bench
from bench.measure import Result

HERE = Path(__file__).parent


def found() -> dict[str, ModuleType]:
    """The benchmarks by id, from their files' names: p2r_quotes_read.py is P2r."""
    names = sorted(path.stem for path in HERE.glob("p[0-9]*_*.py"))
    names.sort(key=lambda name: int("".join(filter(str.isdigit, name.partition("_")[0]))))
    return {name.partition("_")[0].capitalize(): importlib.import_module(f"bench.{name}") for name in names}


def main(wanted: list[str]) -> None:
    """Run the benchmarks with these ids, or all."""
    known = found()
    if strange := [id for id in wanted if id not in known]:
        sys.exit(f"There is no benchmark {', '.join(strange)}; there are {', '.join(known)}")
    with Bench() as bench:
        asyncio.run(_run({id: known[id] for id in wanted or known}, bench))


async def _run(benchmarks: dict[str, ModuleType], bench: Bench) -> None:
    """Keep each one's results as soon as it is done; show all of them in the end."""
    lines: list[Result] = []
    try:
        for id, benchmark in benchmarks.items():
            print(f"{id} …", flush=True)
            done: list[Result] = await benchmark.run(bench)
            results.keep(done)
            lines += done
    finally:
        results.show(lines)
        await bench.mongo.close()


if __name__ == "__main__":
    main(sys.argv[1:])
