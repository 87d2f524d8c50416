"""What stands for containers in the repository is in step with the code that it runs."""

import os
from pathlib import Path

import pytest

from deploy import images
from deploy.envoy.render import FOR_CONTAINERS, for_containers
from deploy.local import services

NAMES = services.discover()


@pytest.mark.parametrize(("file", "proxies"), FOR_CONTAINERS.items())
def test_the_gateway_of_the_containers_is_the_rendered_one(file: Path, proxies: int, monkeypatch: pytest.MonkeyPatch):
    for name in [name for name in os.environ if name.startswith("BAOQIAO_")]:
        monkeypatch.delenv(name)
    assert file.read_text() == for_containers(trusted_proxies=proxies), "run `make docs`"


def test_compose_runs_every_service_in_the_images_of_this_version():
    text = (images.ROOT / "deploy/compose.yaml").read_text()
    for name in NAMES:
        assert text.count(f'image: "baoqiao/{name}:${{TAG:-{images.version()}}}"') >= 1, name
        for role in services.ROLES:
            assert f"\n  {name}-{role}:" in text
    assert (images.ROOT / "deploy/.env").resolve() == images.ROOT / "deploy/images.env"
