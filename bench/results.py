"""The results file and the table."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.measure import Result

FILE = Path(__file__).with_name("results.json")


def told(result: Result) -> dict[str, Any]:
    """A result as the file keeps it: four digits are more than the noise allows."""
    return {
        "id": result.id,
        "what": result.what,
        "ours": _short(result.ours),
        "floor": _short(result.floor),
        "ratio": round(result.ratio, 3),
        "spread": [round(ratio, 3) for ratio in result.spread],
        "goal": str(result.goal),
        "unit": result.unit,
        "rounds": result.rounds,
    }


def keep(results: Iterable[Result], file: Path = FILE) -> None:
    """Write results into the file; what it has of other benchmarks stays, what it had of these is replaced."""
    new = [told(result) for result in results]
    ids = {line["id"] for line in new}
    old = json.loads(file.read_text()) if file.exists() else []
    lines = sorted([line for line in old if line["id"] not in ids] + new, key=lambda line: _order(line["id"]))
    rows = ",\n".join(f" {json.dumps(line, ensure_ascii=False)}" for line in lines)
    file.write_text(f"[\n{rows}\n]\n")


def show(results: Iterable[Result]) -> None:
    """Print the table."""
    table = Table(title="ours against the floor; ratio: median (least … greatest)")
    for heading in ("id", "what"):
        table.add_column(heading)
    for heading in ("ours", "floor", "unit", "ratio", "goal", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for result in results:
        low, high = result.spread
        ratio = f"{result.ratio:.2f} ({low:.2f} … {high:.2f})"
        ours, floor = f"{_short(result.ours):g}", f"{_short(result.floor):g}"
        verdict = "[green]met[/]" if result.met else "[red]missed[/]"
        table.add_row(result.id, result.what, ours, floor, result.unit, ratio, str(result.goal), verdict)
    Console(width=150).print(table)


def _short(figure: float) -> float:
    return float(f"{figure:.4g}")


def _order(id: str) -> tuple[int, str]:
    digits = "".join(character for character in id if character.isdigit())
    return int(digits or 0), id
