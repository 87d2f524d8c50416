"""What all tests share: the servers, services running on them, and how the files are dealt out to processes."""

import pytest

pytest_plugins = ["tests.support.servers", "tests.support.fixtures"]

TOGETHER = ("journeys",)
"""Folders whose files share one running stack, so that one process takes them all."""
FIRST = ("chaos", "journeys")
"""Folders that take longest: a process that begins with them leaves no tail at the end."""


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep each file, or each folder of TOGETHER, in one process when several share the run (`-n`)."""
    items.sort(key=lambda item: FIRST.index(_folder(item)) if _folder(item) in FIRST else len(FIRST))
    for item in items:
        folder = _folder(item)
        item.add_marker(pytest.mark.xdist_group(folder if folder in TOGETHER else item.nodeid.partition("::")[0]))


def _folder(item: pytest.Item) -> str:
    return item.nodeid.split("/")[1]
