"""What stands for containers in the repository is in step with the code that it runs."""

import json
import os
from pathlib import Path

import pytest
import yaml

from deploy import images
from deploy.envoy.render import FOR_CONTAINERS, for_containers
from deploy.local import services

NAMES = services.discover()


@pytest.mark.parametrize(("file", "proxies"), FOR_CONTAINERS.items())
def test_the_gateway_of_the_containers_is_the_rendered_one(file: Path, proxies: int, monkeypatch: pytest.MonkeyPatch):
    for name in [name for name in os.environ if name.startswith("BAOQIAO_")]:
        monkeypatch.delenv(name)
    assert file.read_text() == for_containers(trusted_proxies=proxies), "run `make docs`"


@pytest.mark.parametrize("file", FOR_CONTAINERS)
def test_the_gateways_log_says_from_which_address_a_request_came(file: Path):
    [listener] = json.loads(file.read_text())["static_resources"]["listeners"]
    [log] = listener["filter_chains"][0]["filters"][0]["typed_config"]["access_log"]
    told = log["typed_config"]["log_format"]["json_format"]
    assert told["from"] == "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"
    assert "%REQ(:PATH)%" not in told.values(), "a query may hold a name that was searched for"


def test_compose_runs_every_service_in_the_images_of_this_version():
    text = (images.ROOT / "deploy/compose.yaml").read_text()
    for name in NAMES:
        assert text.count(f'image: "baoqiao/{name}:${{TAG:-{images.version()}}}"') >= 1, name
        for role in services.ROLES:
            assert f"\n  {name}-{role}:" in text
    assert (images.ROOT / "deploy/.env").resolve() == images.ROOT / "deploy/images.env"


def test_compose_shows_each_part_its_own_secrets_alone():
    compose = yaml.safe_load((images.ROOT / "deploy/compose.yaml").read_text())
    mounted = {
        name: {volume.split(":")[0] for volume in part.get("volumes", [])} for name, part in compose["services"].items()
    }
    for name in NAMES:
        for role in services.ROLES:
            assert mounted[f"{name}-{role}"] == {"secrets", f"access-{name}"}
        assert mounted[f"{name}-secure"] == {"access-admin", f"access-{name}"}
    may = {part for part, volumes in mounted.items() if "first-password" in volumes}
    assert may == {"secrets", "administrator", "company"}, "the first administrator's password is for nobody else"
    named = {volume for volumes in mounted.values() for volume in volumes if not volume.startswith(".")}
    assert named == set(compose["volumes"])
