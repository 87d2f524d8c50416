"""What operators are told of is what the code tells: metrics, their page, alerts, runbooks, dashboards."""

import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from chassis.metrics import DECLARED
from chassis.rulebook import rulebook
from contracts.catalogue import facts
from deploy.telemetry.dashboards import rendered
from deploy.telemetry.panels import DASHBOARDS
from deploy.telemetry.promtool import NoPromtool, promtool
from docs.metrics import PAGE, declare_all, page
from tests.structure.house import ROOT

TELEMETRY = ROOT / "deploy/telemetry"
RUNBOOKS = ROOT / "docs/runbooks"
PARTS = {"counter": {""}, "gauge": {""}, "histogram": {"_bucket", "_sum", "_count"}}
METRIC = re.compile(r"\b(?:baoqiao|kube)_[a-z_]+")
OF_KUBE_STATE_METRICS = {"kube_deployment_status_replicas_available"}
"""What its documentation calls stable: docs/metrics/workload/deployment-metrics.md there."""


@cache
def alerts() -> list[dict[str, Any]]:
    [group] = yaml.safe_load((TELEMETRY / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return group["rules"]


def unknown(text: str) -> set[str]:
    """The metrics of ours and of the cluster that a text names and nobody tells."""
    declare_all()
    told = {f"{name}{part}" for name, one in DECLARED.items() for part in PARTS[one.kind]}
    return set(METRIC.findall(text)) - told - OF_KUBE_STATE_METRICS


def ask_promtool(*words: str) -> str:
    """What promtool says when it is content."""
    try:
        command = [promtool(), *words]
    except NoPromtool as none:
        pytest.skip(str(none))
    done = subprocess.run(command, cwd=TELEMETRY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_is_that_of_the_declared_metrics():
    assert page() == PAGE.read_text(encoding="utf-8"), "run `make docs`"


def test_every_metric_of_ours_is_declared_with_unit_and_meaning():
    declare_all()
    ours = {family.name for family in REGISTRY.collect() if family.name.startswith("baoqiao_")}
    assert ours == {name.removesuffix("_total") for name in DECLARED}, (
        "use counter, gauge, histogram of chassis.metrics"
    )
    assert len(ours) > 15
    for name, one in DECLARED.items():
        assert one.unit and one.text, name
        assert (one.unit.split()[0] == "s") == name.endswith("_seconds"), name
        assert (one.kind == "counter") == name.endswith("_total"), name
        assert METRIC.fullmatch(name)


def test_labels_are_few_and_name_nothing_that_somebody_sent():
    declare_all()
    told = {label for one in DECLARED.values() for label in one.labels}
    names_of_ours = {"method", "route", "status", "command", "outcome", "rule", "door", "topic", "type", "job_name"}
    assert told <= names_of_ours, "think how many values it can have, and whether any of them is somebody's"
    assert max(len(one.labels) for one in DECLARED.values()) <= 3
    assert not told & {"job", "instance", "le", "quantile"}, "Prometheus has these of its own and would rename ours"


def test_a_metric_that_nobody_tells_is_found():
    assert unknown("rate(baoqiao_relayed_total[5m]) > baoqiao_relayed") == {"baoqiao_relayed"}
    assert unknown("baoqiao_request_seconds + baoqiao_request_seconds_count") == {"baoqiao_request_seconds"}
    assert unknown("kube_deployment_available == 0") == {"kube_deployment_available"}


def test_alerts_ask_for_metrics_and_rules_that_there_are():
    for alert in alerts():
        assert not unknown(alert["expr"]), alert["alert"]
        assert METRIC.search(alert["expr"]) or "up{" in alert["expr"]
        named = set(re.findall(r'rule="([^"]+)"', alert["expr"]))
        assert named <= set(rulebook()), alert["alert"]


def test_the_alert_rules_pass_promtools_own_tests():
    assert "SUCCESS" in ask_promtool("check", "rules", "alerts.yaml")
    assert "SUCCESS" in ask_promtool("test", "rules", "alerts_test.yaml")


def test_every_alert_has_a_case_in_which_it_fires():
    cases = yaml.safe_load((TELEMETRY / "alerts_test.yaml").read_text(encoding="utf-8"))["tests"]
    fires = {each["alertname"] for case in cases for each in case["alert_rule_test"] if each.get("exp_alerts")}
    assert fires == {alert["alert"] for alert in alerts()}


def test_every_alert_has_its_runbook_that_says_what_it_means_what_to_look_at_and_what_to_do():
    pages = {ROOT / alert["annotations"]["runbook"]: alert["alert"] for alert in alerts()}
    assert set(pages) == set(RUNBOOKS.glob("[a-z]*.md")), "one page for each alert, one alert for each page"
    index = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    for path, name in pages.items():
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {name}\n")
        parts = ["What it means", "What to look at", "What to do", "Tried"]
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == parts, path.name
        assert not unknown(text) - set(DECLARED), path.name
        assert f"| {name} |" in index


def test_runbooks_and_metrics_lead_to_pages_that_there_are():
    for path in [*RUNBOOKS.glob("*.md"), PAGE]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_dashboards_are_those_of_the_panels_and_ask_for_what_there_is():
    files = {path.name: path.read_text(encoding="utf-8") for path in (TELEMETRY / "dashboards").iterdir()}
    assert files == {f"{board.name}.json": rendered(board) for board in DASHBOARDS}, "run `make docs`"
    labels = {label for one in DECLARED.values() for label in one.labels}
    labels |= {"service", "job", "instance", "le", "alertname", "alertstate"}
    for expr in asked():
        assert not unknown(expr), expr
        assert set(re.findall(r"(\w+)=", expr)) <= labels, expr
        assert set(", ".join(re.findall(r"by \(([^)]*)\)", expr)).split(", ")) - {""} <= labels, expr
        assert set(re.findall(r'type="([^"]+)"', expr)) <= set(facts()), expr
        assert set(re.findall(r'rule="([^"]+)"', expr)) <= set(rulebook()), expr


def test_promtool_can_read_what_the_dashboards_ask(tmp_path: Path):
    exprs = [expr.replace("$service", "placement").replace("$__range", "1h") for expr in asked()]
    rules = [{"record": f"asked:{number}", "expr": expr} for number, expr in enumerate(exprs)]
    path = tmp_path / "rules.yaml"
    path.write_text(json.dumps({"groups": [{"name": "asked", "rules": rules}]}), encoding="utf-8")
    assert f"{len(asked())} rules found" in ask_promtool("check", "rules", str(path))


def asked() -> list[str]:
    return [expr for board in DASHBOARDS for panel in board.panels for expr in panel.asks.values()]


def test_prometheus_finds_the_pods_by_what_they_are_marked_with():
    job, clusters = yaml.safe_load((TELEMETRY / "prometheus.yaml").read_text(encoding="utf-8"))["scrape_configs"]
    assert f'job="{job["job_name"]}"' in alerts()[0]["expr"]
    assert clusters["job_name"] == "kube-state-metrics"
    phases = {
        each["action"]: each["regex"] for each in job["relabel_configs"] if "pod_phase" in each["source_labels"][0]
    }
    assert phases == {"drop": "Succeeded|Failed"}, "a pod that ended answers nobody, and would be told as away"
    for role in ("api", "worker"):
        text = Path(ROOT / f"deploy/k8s/base/service/{role}.yaml").read_text(encoding="utf-8")
        assert 'prometheus.io/scrape: "true", prometheus.io/port: "8000"' in text
