"""The demonstration company's own secrets, made at the first start: field encryption keys, the first password."""

import json
import secrets
from base64 import b64encode
from pathlib import Path

KEY_BYTES = 32


def field_keys(keys_dir: Path) -> None:
    """Make the keys that encrypt fields, in a folder that nobody else may enter, unless they are there."""
    keys_dir.mkdir(parents=True, exist_ok=True)
    keys_dir.chmod(0o700)
    if not (keys_dir / "field-keys.json").exists():
        keys = {"current": "k1", "keys": {"k1": _key()}, "hash": _key()}
        _write_secret(keys_dir / "field-keys.json", json.dumps(keys, indent=1))


def admin_password(file: Path) -> None:
    """Make the administrator's password, unless it is there."""
    if not file.exists():
        _write_secret(file, secrets.token_urlsafe(12))


def _key() -> str:
    return b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _write_secret(file: Path, content: str) -> None:
    file.touch(mode=0o600)
    file.write_text(content + "\n")
