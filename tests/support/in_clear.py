"""What a stack told in clear where others can read, and how to find a secret in it however it is written."""

import json
import logging
import os
import subprocess
from base64 import b64encode
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import structlog

from chassis.logs import masked
from chassis.sealing import Keyring
from tests.support.service import KEYRING

LEAST_BYTES, MOST_BYTES = 6, 600
"""What is shorter may stand somewhere by chance; what is longer is no name, number or address."""


class Remembering(Keyring):
    """A keyring that remembers in clear what it sealed; it has the keys of KEYRING."""

    def __init__(self) -> None:
        vars(self).update(vars(KEYRING))
        self.sealed_texts: set[str] = set()

    def seal(self, plain: str) -> str:
        self.sealed_texts.add(plain)
        return super().seal(plain)


class Heard(logging.Handler):
    """Log lines as they are written, refusals, and the secrets that were given out."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.problems: list[str] = []
        self.secrets: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Of other libraries."""
        self.lines.append(logging.Formatter().format(record))

    def line(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """A processor: ours, as chassis.logs would write it; goes on unchanged."""
        told = structlog.contextvars.merge_contextvars(logger, method, dict(event))
        for step in (structlog.processors.format_exc_info, masked):
            told = step(logger, method, told)
        self.lines.append(json.dumps(told, ensure_ascii=False, default=repr))
        return event

    async def answer(self, answer: httpx.Response) -> None:
        """Keep a refusal, and the tokens that are given out."""
        content = await answer.aread()
        if answer.status_code >= 400:
            self.problems.append(content.decode())
        elif b"access_token" in content:
            given = json.loads(content)
            self.secrets |= {given["access_token"], given["refresh_token"]}


@contextmanager
def hearing() -> Iterator[Heard]:
    """What is logged while it is open."""
    kept, processors = Heard(), structlog.get_config()["processors"]
    processors.insert(0, kept.line)
    logging.getLogger().addHandler(kept)
    yield kept
    logging.getLogger().removeHandler(kept)
    processors.remove(kept.line)


def worth_looking_for(sealed_texts: Iterable[str]) -> set[str]:
    """The sealed values that are one line, and long enough to be told from chance."""
    return {text for text in map(str.strip, sealed_texts) if LEAST_BYTES <= len(text.encode()) <= MOST_BYTES}


def spellings(secret: str) -> set[bytes]:
    """How a secret may stand somewhere and still be read by anybody: as it is, in JSON's or percent escapes, in UTF-16
    without NULs, in base64 at any place in a longer text."""
    plain = secret.encode()
    found = {plain, json.dumps(secret)[1:-1].encode(), quote(secret).encode(), quote(secret, safe="").encode()}
    found |= {secret.encode(utf16).replace(b"\0", b"") for utf16 in ("utf-16-le", "utf-16-be")}
    if len(plain) >= 9:
        for shift in range(3):
            text = b64encode(b"\0" * shift + plain).rstrip(b"=")
            found |= {inner := text[(0, 2, 3)[shift] : -1], inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return {one for one in found if len(one) >= LEAST_BYTES and b"\n" not in one}


def found_in(folder: Path, secrets: Iterable[str]) -> dict[str, set[str]]:
    """By secret, the files of the folder in which some spelling of it stands; grep takes thousands at once."""
    by_spelling = {spelling: secret for secret in secrets for spelling in spellings(secret)}
    wanted = folder.parent / "wanted"
    wanted.write_bytes(b"\n".join(by_spelling) + b"\n")
    command = ["grep", "-raoF", "-f", str(wanted), "."]
    env = {"LC_ALL": "C", "PATH": os.environ["PATH"]}
    told = subprocess.run(command, check=False, cwd=folder, env=env, capture_output=True)
    assert told.returncode in (0, 1), told.stderr
    found: dict[str, set[str]] = {}
    for line in told.stdout.splitlines():
        place, _, spelling = line.removeprefix(b"./").partition(b":")
        found.setdefault(by_spelling[spelling], set()).add(place.decode())
    return found
