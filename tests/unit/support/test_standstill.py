"""Only a test that failed while the machine stood still is run once more, and with what it stands on made anew."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import ROOT
from tests.support.standstill import STANDSTILL_SECONDS, Watch

TESTS = """
import pytest
from tests.support.standstill import WATCH

made = []

@pytest.fixture(scope="module")
def things():
    made.append(1)
    return len(made)

def test_it(things):
    WATCH.longest = {standstill} if things == 1 else 0.0
    assert things == 2

def test_another(things):
    assert things
"""


def test_a_gap_between_two_looks_at_the_clock_is_a_standstill_when_it_is_long():
    instants = iter([100.0, 100.5, 101.0, 101.0 + 2 * STANDSTILL_SECONDS, 120.0])
    watch = Watch(lambda: next(instants))
    watch.tick()
    watch.tick()
    assert watch.longest == 0.0
    watch.tick()
    watch.tick()
    assert watch.longest == 2 * STANDSTILL_SECONDS


@pytest.mark.parametrize(("standstill", "passes"), [(34.0, True), (0.0, False)])
def test_a_test_is_run_once_more_only_after_a_standstill(tmp_path: Path, standstill: float, passes: bool):
    (tmp_path / "test_it.py").write_text(TESTS.format(standstill=standstill))
    told = [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.standstill", "--rootdir", str(tmp_path)]
    done = subprocess.run(
        [*told, "-c", "/dev/null", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) == passes, done.stdout
    assert ("stood still for 34 s" in done.stdout) == passes, done.stdout
    assert ("2 passed" if passes else "1 failed, 1 passed") in done.stdout
