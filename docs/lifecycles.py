"""Write the lifecycles into docs/glossary.md: `python -m docs.lifecycles`, from the MOVES tables of the services."""

import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/glossary.md"
MARK = "<!-- lifecycles -->\n"


def machines() -> Iterator[tuple[str, str, Mapping[StrEnum, frozenset[StrEnum]]]]:
    """Service, capability and moves of everything that has a lifecycle."""
    for path in sorted((ROOT / "services").rglob("model.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        module = importlib.import_module(".".join(parts))
        if hasattr(module, "MOVES"):
            yield parts[1], parts[-2], module.MOVES


def lifecycles() -> str:
    """All of them as Markdown."""
    parts: list[str] = []
    for service, capability, moves in machines():
        rows = [f"| {_named(state, moves)} | {_followers(state, moves)} |" for state in moves]
        title = f"### {service}: {capability.replace('_', ' ')}"
        parts.append("\n".join([title, "", "| state | may become |", "|---|---|", *rows]) + "\n")
    return "\n".join(parts)


def page() -> str:
    """The glossary with the lifecycles of today."""
    head, _, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    return f"{head}{MARK}\n{lifecycles()}"


def _named(state: StrEnum, moves: Mapping[StrEnum, frozenset[StrEnum]]) -> str:
    words = re.sub("_", " ", state.value)
    return words if moves[state] else f"**{words}**"


def _followers(state: StrEnum, moves: Mapping[StrEnum, frozenset[StrEnum]]) -> str:
    order = list(moves)
    return ", ".join(_named(target, moves) for target in sorted(moves[state], key=order.index)) or "–"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
