"""Write docs/metrics.md from the metrics that the code declares: `python -m docs.metrics`."""

import importlib
import sys
from pathlib import Path

from chassis.metrics import DECLARED

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/metrics.md"
HEAD = """# Metrics

Generated from `chassis/metrics.py` and the services by `make docs`; change the texts there. Names and labels stay as
they are; a metric may be added.

Every api and every worker tells its own numbers at `/metrics`, in Prometheus' text format, or in OpenMetrics' when the
reader asks for it; then, while traces are on, with exemplars that name a trace. The gateway does not let `/metrics`
through. Each metric has the label `service` too. Labels hold names of ours alone: no id, no name, no text that somebody
sent. Beside these there are `process_…` (memory, CPU, open files) and `python_…` of the process itself.

A histogram `x` is read as `x_bucket`, `x_sum` and `x_count`. What only that worker tells which relays is 0 with the
others: take the `max` over them.

| name | type | labels | unit | meaning |
|---|---|---|---|---|
"""


def declare_all() -> None:
    """Import whatever declares a metric."""
    for module in ("chassis.worker", *(f"services.{path.parent.name}.service" for path in _services())):
        importlib.import_module(module)


def _services() -> list[Path]:
    return sorted((ROOT / "services").glob("*/service.py"))


def page() -> str:
    """The page as it must be."""
    declare_all()
    rows = [
        f"| `{name}` | {one.kind} | {', '.join(f'`{label}`' for label in one.labels)} | {one.unit} | {one.text} |\n"
        for name, one in sorted(DECLARED.items())
    ]
    return HEAD + "".join(rows)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
