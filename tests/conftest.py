"""What all tests share: the servers, services running on them, and how the files are dealt out to processes."""

from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["tests.support.standstill", "tests.support.servers", "tests.support.fixtures"]

settings.register_profile("untimed", deadline=None)  # machines are noisy: no test is about time
settings.load_profile("untimed")

TOGETHER = ("journeys",)
"""Folders whose files share one running stack, so that one process takes them all."""
FIRST = ("chaos", "journeys")
"""Folders that take longest: a process that begins with them leaves no tail at the end."""


class WholeFiles(LoadScopeScheduling):
    """A file, or a folder of TOGETHER, stays in one process when several share the run (`-n`)."""

    def _split_scope(self, nodeid: str) -> str:
        folder = _folder(nodeid)
        return folder if folder in TOGETHER else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WholeFiles:
    """How tests are dealt out."""
    return WholeFiles(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: FIRST.index(_folder(item.nodeid)) if _folder(item.nodeid) in FIRST else len(FIRST))


def _folder(nodeid: str) -> str:
    return nodeid.split("/")[1]
