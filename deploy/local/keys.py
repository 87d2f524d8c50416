"""The demonstration company's own secrets, made at the first start: field encryption keys, the first password, and
the passwords with which administrator and services sign in to MongoDB and Kafka.

In containers `python -m deploy.local.keys --kept /secrets --first /first --access /access --owner 10001 --broker 1000
--outside /run/baoqiao` makes them in volumes, for the user that the services run as, and shows the first password
outside.
"""

import argparse
import json
import os
import secrets
import sys
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path

KEY_BYTES = 32


def field_keys(keys_dir: Path) -> None:
    """Make the keys that encrypt fields, in a folder that nobody else may enter, unless they are there."""
    keys_dir.mkdir(parents=True, exist_ok=True)
    keys_dir.chmod(0o700)
    if not (keys_dir / "field-keys.json").exists():
        keys = {"current": "k1", "keys": {"k1": _key()}, "hash": _key()}
        _write_secret(keys_dir / "field-keys.json", json.dumps(keys, indent=1) + "\n")


def admin_password(file: Path) -> None:
    """Make the administrator's password, unless it is there."""
    _make_secret(file, secrets.token_urlsafe(12) + "\n")


def access(folder: Path, names: Iterable[str]) -> None:
    """Make what the servers let in with, unless it is there: a folder for the administrator, `admin`, and one for each
    service, with its passwords (without a line's end: Kafka takes the file as it is), and the key by which members of a
    replica set know each other."""
    for name in ("admin", *names):
        own = folder / name
        own.mkdir(parents=True, exist_ok=True)
        for file in (folder, own):
            file.chmod(0o700)
        for server in ("mongo", "kafka"):
            _make_secret(own / f"{server}-password", secrets.token_urlsafe(24))
    _make_secret(folder / "admin" / "mongo-members-key", secrets.token_urlsafe(64).replace("-", "+").replace("_", "/"))


def in_containers(kept: Path, first: Path, lets_in: Path, owner: int, broker: int, outside: Path) -> None:
    """Make the field keys in `kept`, the first password in `first`, which no service sees, and in each folder of
    `lets_in` what lets the service of that name in, for the user `owner`, the administrator's for the group `broker`
    too; lay the first password and a folder for mail into `outside`, for whoever owns that.

    Raises:
        FileExistsError: another password than ours lies outside.
    """
    field_keys(kept / "keys")
    ours, of_0_1_0, shown = first / "admin-password", kept / "admin-password", outside / "admin-password"
    for file in (of_0_1_0, shown):
        if not ours.exists() and file.exists():
            _write_secret(ours, file.read_text().strip() + "\n")
    of_0_1_0.unlink(missing_ok=True)
    admin_password(ours)
    if shown.exists() and shown.read_text() != ours.read_text():
        raise FileExistsError(
            f"{shown.name} outside is not the one of these volumes; move it away, or forget the volumes"
        )
    _write_secret(shown, ours.read_text().strip() + "\n")
    (outside / "mail").mkdir(exist_ok=True)
    access(lets_in, [place.name for place in lets_in.iterdir()])
    for path in (kept / "keys", kept / "keys/field-keys.json", ours, lets_in, *lets_in.glob("**/*")):
        os.chown(path, owner, owner)
    for path in (lets_in / "admin", lets_in / "admin" / "kafka-password"):
        os.chown(path, owner, broker)
        path.chmod(path.stat().st_mode | 0o050 if path.is_dir() else 0o640)
    host = outside.stat()
    for path in (shown, outside / "mail"):
        os.chown(path, host.st_uid, host.st_gid)


def _key() -> str:
    return b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _make_secret(file: Path, content: str) -> None:
    if not file.exists():
        _write_secret(file, content)


def _write_secret(file: Path, content: str) -> None:
    file.touch(mode=0o600)
    file.write_text(content)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kept", type=Path, required=True)
    parser.add_argument("--first", type=Path, required=True)
    parser.add_argument("--access", type=Path, required=True)
    parser.add_argument("--owner", type=int, required=True)
    parser.add_argument("--broker", type=int, required=True)
    parser.add_argument("--outside", type=Path, required=True)
    told = parser.parse_args()
    try:
        in_containers(told.kept, told.first, told.access, told.owner, told.broker, told.outside)
    except FileExistsError as refused:
        sys.exit(str(refused))
