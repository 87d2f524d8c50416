"""What is rendered and committed for containers is what the code renders."""

import os

import pytest

from deploy.envoy.render import FOR_CONTAINERS, for_containers


def test_the_gateway_of_the_containers_is_the_rendered_one(monkeypatch: pytest.MonkeyPatch):
    for name in [name for name in os.environ if name.startswith("BAOQIAO_")]:
        monkeypatch.delenv(name)
    assert FOR_CONTAINERS.read_text() == for_containers(), "run `make docs`"
