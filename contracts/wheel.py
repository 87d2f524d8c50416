"""Build the wheel for subscribers outside: `python -m contracts.wheel <folder>` makes baoqiao_contracts-….whl there.

The package is this folder under the name `baoqiao_contracts`, without what only serves its making. Needs no network.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
LEFT_OUT = ("pyproject.toml", "wheel.py", "publish.py", "compatibility.py", "samples", "__pycache__")


def build(target: Path) -> Path:
    """Build the wheel into a folder and return it."""
    with TemporaryDirectory() as folder:
        package = Path(folder, "baoqiao_contracts")
        shutil.copytree(HERE, package, ignore=shutil.ignore_patterns(*LEFT_OUT))
        shutil.copy(HERE / "pyproject.toml", folder)
        uv = Path(sys.executable).with_name("uv")
        command = [uv, "build", "--quiet", "--offline", "--no-config", "--wheel", "--out-dir", target, folder]
        subprocess.run(command, check=True)
    return next(target.glob("baoqiao_contracts-*.whl"))


if __name__ == "__main__":
    build(Path(sys.argv[1]))
