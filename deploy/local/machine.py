"""Tell in one line what this machine lacks for the local stack; silent when it lacks nothing.

Run by the system's Python before anything is installed, so it must stay readable for old versions of Python.
"""

import ctypes
import importlib.util
import platform
import sys

LIBRARIES = {
    "libcurl.so.4": "Debian and Ubuntu: apt install libcurl4; Fedora: dnf install libcurl",
    "libssl.so.3": "Debian 12, Ubuntu 22.04 or later: apt install libssl3; Fedora: dnf install openssl-libs",
}


def lacks():
    """Return what is missing and what to do about it, or None."""
    if sys.version_info < (3, 11):
        return "Baoqiao needs Python 3.11 or later, this is %s; name another one: make run PYTHON=python3.12" % (
            platform.python_version(),
        )
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return "The local stack's servers are built for Linux on x86-64, this is %s on %s" % (
            platform.system(),
            platform.machine(),
        )
    if importlib.util.find_spec("ensurepip") is None:
        return "This Python cannot make virtual environments; Debian and Ubuntu: apt install python3-venv"
    for name, remedy in LIBRARIES.items():
        try:
            ctypes.CDLL(name)
        except OSError:
            return "MongoDB needs the system library %s; %s" % (name, remedy)
    return None


if __name__ == "__main__":
    missing = lacks()
    if missing:
        sys.exit(missing)
