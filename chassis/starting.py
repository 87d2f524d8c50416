"""The start of a process: what it is told is checked as a whole, and all that is wrong is said at once."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chassis.sealing import Keyring
from chassis.service import Host, Service
from chassis.settings import Settings, WrongSettings, faults_of, name_of, read

EX_CONFIG = 78
"""The exit code of sysexits.h for a fault in the configuration."""


def started(service: Service) -> Host:
    """The host of a service, told by the environment.

    Where that is wrong the process ends with code 78, having listed all faults on standard error.
    """
    with _said_by(service.name):
        return _host(service)


def administrator() -> Settings:
    """What a command of an administrator is told by the environment; it needs no keys. Ends as above."""
    with _said_by("the command"):
        return read(Settings)


@contextmanager
def _said_by(name: str) -> Iterator[None]:
    try:
        yield
    except WrongSettings as wrong:
        print(f"{name} does not start: {wrong}", file=sys.stderr)  # noqa: T201 - no log is set up yet
        raise SystemExit(EX_CONFIG) from None


def _host(service: Service) -> Host:
    faults = faults_of([Settings, *service.settings])
    name = name_of(Settings, "keys_dir")
    try:
        keyring = Keyring.load(Path(os.environ.get(name) or Settings.model_fields["keys_dir"].default))
    except (OSError, ValueError, KeyError, TypeError) as error:
        faults.append(f"  {name}: field-keys.json there cannot be used: {type(error).__name__}: {error}")
        raise WrongSettings(faults) from error
    if faults:
        raise WrongSettings(faults)
    return Host(service, Settings(), keyring=keyring)
