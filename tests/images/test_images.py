"""What is in the images, and what is not. `make test-images` builds them and runs this; without a Docker
engine, or where the images of this revision are not built, it is left out and says so."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from deploy import images
from deploy.local import ROOT, services

LOOK = """
import json, os, pathlib, shutil
tools = ("cc", "gcc", "g++", "clang", "make", "rustc", "cargo", "go", "node", "git")
caches = ("/var/lib/apt/lists", "/var/cache/apt", "/root/.cache", "/home", os.path.expanduser("~/.cache"))
def full(place):
    return pathlib.Path(place).is_dir() and any(pathlib.Path(place).iterdir())
app = pathlib.Path("/app")
print(json.dumps({
    "tools": [tool for tool in tools if shutil.which(tool)],
    "caches": [place for place in caches if full(place)],
    "top": sorted(path.name for path in app.iterdir()),
    "services": sorted(path.name for path in (app / "services").iterdir() if path.is_dir() and path.name[0] != "_")
        if (app / "services").exists() else [],
    "not_of_root": [str(path) for path in app.rglob("*") if path.stat().st_uid != 0],
}))
"""
NAMES = [*services.discover(), images.DEMONSTRATION]


if not images.answers():
    pytest.skip(images.NO_ENGINE, allow_module_level=True)
if not images.stand(NAMES):
    pytest.skip("the images of this revision are not built: make images", allow_module_level=True)

from cyclonedx.schema import SchemaVersion  # noqa: E402 - three seconds, which only this file needs
from cyclonedx.validation.json import JsonStrictValidator  # noqa: E402


@cache
def look(name: str) -> Mapping[str, Any]:
    return images.inside(images.tag_of(name), LOOK, "--user", "0")


def locked(*locks: str) -> dict[str, str]:
    text = "".join((ROOT / f"requirements/{lock}.lock").read_text() for lock in locks)
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+) ", text, re.MULTILINE))


@pytest.mark.parametrize("name", NAMES)
def test_an_image_holds_its_own_service_and_nothing_that_builds(name: str):
    found = look(name)
    own = [] if name == images.DEMONSTRATION else [name]
    top = {"chassis", "contracts", "deploy" if name == images.DEMONSTRATION else "services"}
    assert (set(found["top"]), found["services"]) == (top, own)
    assert (found["tools"], found["caches"], found["not_of_root"]) == ([], [], [])


@pytest.mark.parametrize("name", NAMES)
def test_an_image_runs_as_a_user_of_a_number_who_can_change_nothing_in_it(name: str):
    tag = images.tag_of(name)
    assert images.docker("image", "inspect", tag, "--format", "{{.Config.User}}").strip() == "10001:10001"
    assert images.inside(tag, "import json, os; print(json.dumps([os.getuid(), os.access('/app', os.W_OK)]))") == [
        10001,
        False,
    ]


@pytest.mark.parametrize("name", NAMES)
def test_an_image_tells_its_version_and_revision(name: str):
    told = images.labels(images.tag_of(name))
    assert told["org.opencontainers.image.version"] == images.version()
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", told["org.opencontainers.image.revision"])


@pytest.mark.parametrize("name", NAMES)
def test_the_bill_of_materials_is_valid_and_names_what_is_locked(name: str):
    text = (images.BILLS / f"{name}.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill: dict[str, Any] = json.loads(text)
    python = {
        part["name"].lower().replace("_", "-").replace(".", "-"): part["version"]
        for part in bill["components"]
        if part["purl"].startswith("pkg:pypi/")
    }
    lock = locked("services", *([images.DEMONSTRATION] if name == images.DEMONSTRATION else []))
    assert python.items() <= lock.items()
    assert {"fastapi", "pymongo", "aiokafka"} <= set(python)
    assert any(part["purl"].startswith("pkg:deb/") for part in bill["components"])


def test_an_image_that_is_told_nothing_says_what_it_lacks():
    script = (
        "import subprocess, sys, json; d = subprocess.run([sys.executable, '-m', 'chassis.serve', 'hr'], "
        "capture_output=True, text=True); print(json.dumps([d.returncode, d.stderr]))"
    )
    code, said = images.inside(images.tag_of("hr"), script)
    assert code == 78 and "BAOQIAO_KEYS_DIR" in said and "Traceback" not in said
