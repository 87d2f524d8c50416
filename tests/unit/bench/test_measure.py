"""How benchmarks compare and what they write down: without a clock."""

import json
from pathlib import Path

import pytest

from bench import __main__ as command
from bench import results
from bench.measure import Result, at_least, at_most, paired, result


async def test_ours_and_the_floor_are_measured_in_turns_and_each_begins_as_often() -> None:
    asked: list[str] = []

    async def ours() -> float:
        asked.append("ours")
        return 80

    async def floor() -> float:
        asked.append("floor")
        return 100

    line = await paired("P1", "a path", "requests/s", at_least(0.8), ours, floor, rounds=4)

    warming, *rounds = [asked[start : start + 2] for start in range(0, len(asked), 2)]
    assert warming == ["ours", "floor"]
    assert rounds == [["ours", "floor"], ["floor", "ours"]] * 2
    assert (line.ours, line.floor, line.ratio, line.rounds, line.met) == (80, 100, 0.8, 4, True)


def test_the_ratio_is_the_median_of_each_rounds_own_ratio() -> None:
    slow_machine = [(9, 10), (5, 10), (400, 500), (10, 40), (70, 100)]
    line = result("P1", "a path", "requests/s", at_least(0.8), slow_machine)
    assert line.ratio == 0.7  # the ratio of the medians would be 10 / 40
    assert line.spread == (0.25, 0.9)
    assert not line.met


@pytest.mark.parametrize(("goal", "met", "missed"), [(at_least(0.8), 0.8, 0.79), (at_most(2), 2.0, 2.01)])
def test_more_throughput_is_better_and_so_is_less_time(goal, met, missed) -> None:
    assert goal.met(met)
    assert not goal.met(missed)


def test_results_have_the_agreed_shape_and_a_partial_run_replaces_only_its_own(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    results.keep([a_line("P10"), a_line("P2r"), a_line("P1", ours=50.0), a_line("P1", ours=60.0)], file)
    results.keep([a_line("P1", ours=70.123456)], file)

    kept = json.loads(file.read_text())
    assert [(line["id"], line["ours"]) for line in kept] == [("P1", 70.12), ("P2r", 80.0), ("P10", 80.0)]
    assert kept[0] == {
        "id": "P1",
        "what": "a path",
        "ours": 70.12,
        "floor": 100.0,
        "ratio": 0.8,
        "spread": [0.7, 0.9],
        "goal": "≥ 0.8",
        "unit": "requests/s",
        "rounds": 7,
    }


def test_the_kept_results_have_the_agreed_shape() -> None:
    names = {"id", "what", "ours", "floor", "ratio", "spread", "goal", "unit", "rounds"}
    for line in json.loads(results.FILE.read_text()):
        assert set(line) == names
        assert line["id"] in command.found()
        assert line["rounds"] >= 7


def a_line(id: str, ours: float = 80.0) -> Result:
    return Result(id, "a path", ours, 100.0, 0.8, (0.7, 0.9), at_least(0.8), "requests/s", 7)
