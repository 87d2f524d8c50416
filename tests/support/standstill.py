"""A test that fails while the whole machine stands still, as a virtual one does now and then, is run once more.

Every limit of time runs out meanwhile and nobody is to blame; a test that fails without a standstill is never repeated.
"""

import threading
import time
from collections.abc import Callable

import pytest
from _pytest.runner import runtestprotocol

TICK_SECONDS = 0.5
STANDSTILL_SECONDS = 5.0
"""A thread that wakes so late was not merely waiting for its turn."""


class Watch:
    """Counts the standstills of this process since it was made."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._seen = clock, clock()
        self.longest = 0.0
        """Seconds of the longest standstill since this was last set to 0."""

    def tick(self) -> None:
        """Look at the clock; to be called every TICK_SECONDS."""
        now = self._clock()
        gap, self._seen = now - self._seen, now
        if gap > STANDSTILL_SECONDS:
            self.longest = max(self.longest, gap)

    def start(self) -> None:
        """Look at the clock from now on, in a thread that ends with the process."""
        self._seen = self._clock()
        threading.Thread(target=self._run, name="standstill", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(TICK_SECONDS)
            self.tick()


WATCH = Watch()


def pytest_configure() -> None:
    """Begin to watch."""
    WATCH.start()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run a test, and once more when it failed in a standstill, on fixtures made anew; a warning tells of it."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    WATCH.longest = 0.0
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    WATCH.tick()
    if WATCH.longest and any(report.failed for report in reports):
        told = f"the machine stood still for {WATCH.longest:.0f} s while this test failed; it was run once more"
        item.warn(pytest.PytestWarning(told))
        item.session._setupstate.teardown_exact(item.session)  # pyright: ignore[reportArgumentType, reportPrivateUsage]
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
