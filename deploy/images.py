"""Build the images, one for each service and the demonstration's, each with its bill of materials beside it.

    python -m deploy.images [clients …]       builds them as baoqiao/<name>:<version>; `make images` builds all

The public images come from deploy/images.env, or from the environment. `DOCKER` names another docker command,
`DOCKER_BUILD_FLAGS` more words for `docker build`, `TAG` another tag than the version.
"""

import json
import os
import shlex
import subprocess
import sys
import tomllib
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deploy.local import ROOT, services

DOCKERFILE = ROOT / "deploy/Dockerfile"
BILLS = ROOT / ".run/images"
DEMONSTRATION = "demonstration"
NO_ENGINE = "no Docker engine answers"
LOOK_INSIDE = """
import json, platform, subprocess
from importlib.metadata import distributions
deb = subprocess.run(["dpkg-query", "-Wf", "${Package} ${Version}\\n"], capture_output=True, text=True).stdout
print(json.dumps({
    "system": platform.freedesktop_os_release()["ID"],
    "python": sorted({(each.metadata["Name"], each.version) for each in distributions(path=PATH)}),
    "system_packages": [line.split() for line in deb.splitlines()],
}))
""".replace("PATH", "__import__('site').getsitepackages()")


class NoEngine(Exception):
    """There is no docker command, or no engine behind it."""


def public() -> dict[str, str]:
    """The public images by their names in deploy/images.env, each as the environment overrides it."""
    lines = (ROOT / "deploy/images.env").read_text().splitlines()
    told = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name: os.environ.get(name, image) for name, image in told.items()}


def version() -> str:
    """The product's version."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def tag_of(name: str) -> str:
    """What the image of a service is called."""
    return f"baoqiao/{name}:{os.environ.get('TAG', version())}"


def docker(*words: str) -> str:
    """Run docker and give what it says; its complaints go to standard error. Raises NoEngine where none answers."""
    command = [*shlex.split(os.environ.get("DOCKER", "docker")), *words]
    quiet = subprocess.DEVNULL if words == ("info",) else None
    try:
        return _run(command, quiet)
    except FileNotFoundError as error:
        raise NoEngine(NO_ENGINE) from error
    except subprocess.CalledProcessError as error:
        if words == ("info",) or not answers():
            raise NoEngine(NO_ENGINE) from error
        raise


def _run(command: list[str], complaints: int | None) -> str:
    env = {**os.environ, "DOCKER_BUILDKIT": "1"}
    return subprocess.run(command, env=env, check=True, text=True, stdout=subprocess.PIPE, stderr=complaints).stdout


def answers() -> bool:
    """Whether a Docker engine answers."""
    try:
        docker("info")
    except NoEngine:
        return False
    return True


def build(name: str) -> str:
    """Build the image of a service, or the demonstration's, and lay its bill of materials beside it; gives its tag."""
    of_service = name != DEMONSTRATION
    told: dict[str, str] = {"PYTHON_IMAGE": public()["PYTHON_IMAGE"], "VERSION": version(), "REVISION": _revision()}
    if of_service:
        told["SERVICE"] = name
    if index := os.environ.get("PIP_INDEX_URL"):
        told["PIP_INDEX_URL"] = index
    arguments = [word for each, value in told.items() for word in ("--build-arg", f"{each}={value}")]
    more = shlex.split(os.environ.get("DOCKER_BUILD_FLAGS", ""))
    target = "service" if of_service else DEMONSTRATION
    tag = tag_of(name)
    docker("build", "-q", "-f", str(DOCKERFILE), "--target", target, "-t", tag, *arguments, *more, str(ROOT))
    BILLS.mkdir(parents=True, exist_ok=True)
    (BILLS / f"{name}.cdx.json").write_text(json.dumps(bill_of(tag), indent=1) + "\n")
    return tag


def labels(tag: str) -> dict[str, str]:
    """The labels of an image; none where it is not there."""
    found = json.loads(docker("image", "ls", "--format", "{{json .ID}}", tag) or "null")
    return json.loads(docker("image", "inspect", found, "--format", "{{json .Config.Labels}}")) if found else {}


def stand(names: Sequence[str]) -> bool:
    """Whether the images of these names are here, of this revision."""
    return all(labels(tag_of(name)).get("org.opencontainers.image.revision") == _revision() for name in names)


def inside(tag: str, script: str = LOOK_INSIDE, *more: str) -> Any:
    """What a Python script says, as JSON, that runs inside an image; `more` are words for `docker run`."""
    run = ("run", "--rm", "--network", "none", "--read-only", *more, "--entrypoint", "python", tag, "-c", script)
    return json.loads(docker(*run))


def bill_of(tag: str) -> dict[str, Any]:
    """The bill of materials of an image (CycloneDX 1.6): its Python packages and those of its system."""
    found = inside(tag)
    python = [_component(f"pkg:pypi/{quote(name.lower())}", name, its) for name, its in found["python"]]
    system = [
        _component(f"pkg:deb/{found['system']}/{quote(name)}", name, its) for name, its in found["system_packages"]
    ]
    name, _, its_version = tag.rpartition(":")
    image = {"type": "container", "bom-ref": tag, "name": name, "version": its_version}
    parts = sorted([*python, *system], key=lambda part: part["purl"])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {"timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "component": image},
        "components": parts,
        "dependencies": [{"ref": tag, "dependsOn": [part["bom-ref"] for part in parts]}],
    }


def _component(url: str, name: str, its_version: str) -> dict[str, str]:
    url = f"{url}@{quote(its_version, safe='.-')}"
    return {"type": "library", "bom-ref": url, "name": name, "version": its_version, "purl": url}


def _revision() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=40", "--exclude", "*", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return done.stdout.strip() or "unknown"


def main(names: Sequence[str]) -> int:
    """Build the images that are named, or all."""
    try:
        docker("info")
        for name in names or [*services.discover(), DEMONSTRATION]:
            print(build(name), Path(BILLS / f"{name}.cdx.json").relative_to(ROOT), flush=True)
    except NoEngine as error:
        print(f"{error}: start one, or name another docker command with DOCKER=…", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError:
        return 1  # docker has said why
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
