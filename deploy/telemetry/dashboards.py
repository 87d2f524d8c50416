"""The Grafana dashboards, from the tables in panels.py: `python -m deploy.telemetry.dashboards` (part of `make docs`)
writes them into dashboards/, ready to be imported. Grafana asks for the Prometheus that they shall read.
"""

import json
import sys
from pathlib import Path
from typing import Any

from deploy.telemetry.panels import DASHBOARDS, Board, Panel

FOLDER = Path(__file__).parent / "dashboards"
WIDTH, HEIGHT, IN_A_ROW = 8, 8, 3
SOURCE = {"type": "prometheus", "uid": "${source}"}
ASKED_FOR = {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def rendered(board: Board) -> str:
    """A dashboard as Grafana reads it."""
    variables: list[dict[str, Any]] = [ASKED_FOR]
    if board.of_one_service:
        asks = "label_values(baoqiao_loop_lag_seconds_count, service)"
        variables.append(
            {"name": "service", "label": "Service", "type": "query", "query": asks, "datasource": SOURCE, "refresh": 2}
        )
    document = {
        "uid": f"baoqiao-{board.name}",
        "title": f"Baoqiao: {board.title}",
        "tags": ["baoqiao"],
        "schemaVersion": 39,
        "time": {"from": board.since, "to": "now"},
        "refresh": "30s",
        "templating": {"list": variables},
        "panels": [_panel(number, panel) for number, panel in enumerate(board.panels)],
    }
    return json.dumps(document, indent=1) + "\n"


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    row, column = divmod(number, IN_A_ROW)
    return {
        "id": number + 1,
        "type": panel.kind,
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + place),
                "expr": expr,
                "legendFormat": legend,
                "exemplar": "_bucket" in expr,
                "instant": panel.kind in ("stat", "bargauge"),
            }
            for place, (legend, expr) in enumerate(panel.asks.items())
        ],
    }


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(exist_ok=True)
    for board in DASHBOARDS:
        (FOLDER / f"{board.name}.json").write_text(rendered(board), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
