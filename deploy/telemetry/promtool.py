"""Prometheus' promtool, for the tests of the alert rules: the machine's own, or out of Debian's package `prometheus`.

`python -m deploy.telemetry.promtool` brings it. The package is only unpacked, beside the virtual environment's other
tools: nothing is installed and no service starts, and no root is needed. apt checks it against Debian's signatures.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

PACKAGE = "prometheus"
HOME = Path(sys.prefix) / "share" / PACKAGE


class NoPromtool(Exception):
    """This machine has none, and no apt to bring it."""


def promtool() -> Path:
    """Where it lies; brought when it is not there yet. Raises NoPromtool."""
    unpacked = HOME / "usr/bin/promtool"
    if unpacked.exists():
        return unpacked
    if found := shutil.which("promtool"):
        return Path(found)
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise NoPromtool(
            "install Prometheus (promtool), 2.42 or later: this machine has no apt-get that would bring it"
        )
    HOME.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=HOME) as folder:
        package = _downloaded(Path(folder))
        subprocess.run(["dpkg-deb", "--extract", package, Path(folder) / "root"], check=True)
        (Path(folder) / "root/usr/bin/promtool").replace(_made(unpacked))
    return unpacked


def _downloaded(folder: Path) -> Path:
    """The package, by the machine's lists of packages, or by ones of its own where the machine has none."""
    own = ["-o", f"Dir::State={folder}/state", "-o", f"Dir::Cache={folder}/cache"]
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    commands = [["download", PACKAGE]], [[*own, "update"], [*own, "download", PACKAGE]]
    for several in commands:
        done = [_apt(command, folder) for command in several]
        if all(done) and (found := list(folder.glob("*.deb"))):
            return found[0]
    raise NoPromtool(f"apt-get cannot bring the package {PACKAGE}")


def _apt(command: list[str], folder: Path) -> bool:
    return (
        subprocess.run(["apt-get", "--quiet", *command], cwd=folder, capture_output=True, check=False).returncode == 0
    )


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


if __name__ == "__main__":
    try:
        promtool()
    except NoPromtool as none:
        print(f"The alert rules will not be tested: {none}")
