"""What operators are told of is what the code tells: metrics, their page, dashboards and alerts."""

import re

from prometheus_client import REGISTRY

from chassis.metrics import DECLARED
from docs.metrics import PAGE, declare_all, page


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
        assert re.fullmatch(r"baoqiao_[a-z_]+", name)


def test_labels_are_few_and_name_nothing_that_somebody_sent():
    declare_all()
    told = {label for one in DECLARED.values() for label in one.labels}
    names_of_ours = {"method", "route", "status", "command", "outcome", "rule", "door", "topic", "type", "job"}
    assert told <= names_of_ours, "think how many values it can have, and whether any of them is somebody's"
    assert max(len(one.labels) for one in DECLARED.values()) <= 3
