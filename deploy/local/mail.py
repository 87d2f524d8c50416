"""The mail sink: takes every mail over SMTP and lays it down as an .eml file, named by its time of arrival.

`python -m deploy.local.mail --port 2525 --directory .run/mail`
"""

import argparse
import asyncio
import os
import signal
import socket
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local import HOST
from deploy.local.programs import Program

LARGEST_BYTES = 25 * 1024 * 1024


def program(directory: Path, port: int) -> Program:
    """Return the sink as a program that writes into `directory`; ready once it greets."""
    command = (sys.executable, "-m", "deploy.local.mail", "--port", str(port), "--directory", str(directory.resolve()))
    return Program("mail", command, lambda: _greets(port))


class Sink:
    """Keeps each mail with the envelope's addresses in its first headers, and appears whole or not at all."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = count()
        directory.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's)
        """Lay a mail down; the name sorts by arrival."""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{os.getpid()}-{next(self._numbers):06d}"
        head = f"X-MailFrom: {envelope.mail_from}\r\nX-RcptTo: {', '.join(envelope.rcpt_tos)}\r\n"
        assert isinstance(envelope.content, bytes)
        part = self._directory / f".{name}.part"
        part.write_bytes(head.encode() + envelope.content)
        part.rename(self._directory / f"{name}.eml")
        return "250 kept"


async def serve(host: str, port: int, directory: Path) -> None:
    """Take mail until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    sink = Sink(directory)
    server = await loop.create_server(
        lambda: SMTP(sink, data_size_limit=LARGEST_BYTES, enable_SMTPUTF8=True, loop=loop), host, port
    )
    async with server:
        await ended.wait()


def _greets(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            return connection.recv(3) == b"220"
    except OSError:
        return False


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.host, arguments.port, arguments.directory))
