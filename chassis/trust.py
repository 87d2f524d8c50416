"""Whose certificates a process trusts when it speaks TLS with MongoDB and Kafka: those that a CA of a file signed.

The file is read anew when it changed: connections that are made later trust what it holds then. What it held before is
trusted until the process ends.
"""

import ssl
from pathlib import Path
from typing import Any

from chassis.logs import log


class CaFile:
    """The CA certificates of one file (PEM, one or several)."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._loaded = file.stat().st_mtime_ns

    def renew(self, context: ssl.SSLContext) -> None:
        """Load into the context what the file holds, where it changed since the last time; what cannot be read leaves
        the context as it is."""
        try:
            written = self._file.stat().st_mtime_ns
            if written != self._loaded:
                context.load_verify_locations(str(self._file))
                self._loaded = written
        except (OSError, ssl.SSLError) as error:
            log.warning("CA certificates could not be read anew", file=str(self._file), error=str(error))


class Trusting(ssl.SSLContext):
    """A client's TLS context that trusts the CAs of a file, as it is when a connection is made; the system's without
    one."""

    _ca_file: CaFile | None = None

    @classmethod
    def the_cas_of(cls, file: Path | None) -> "Trusting":
        """Read the file."""
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        if file is None:
            context.load_default_certs()
        else:
            context.load_verify_locations(file)
            context._ca_file = CaFile(file)
        return context

    def wrap_bio(self, *told: Any, **more: Any) -> ssl.SSLObject:
        """Begin a connection; the event loop calls it."""
        if self._ca_file is not None:
            self._ca_file.renew(self)
        return super().wrap_bio(*told, **more)
