"""`baoqiao admin create` and `keys rotate-signing`: the first administrator, and another signing key."""

import base64
import json
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from chassis.app import create_app
from chassis.service import Host
from chassis.settings import Settings
from services.identity.service import service

PASSWORD = "correct horse battery"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def settings(mongo_url: str, tmp_path: Path) -> Settings:
    """Of an empty system."""
    key = {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in ("k1", "hash")}
    (tmp_path / "field-keys.json").write_text(
        json.dumps({"current": "k1", "keys": {"k1": key["k1"]}, "hash": key["hash"]})
    )
    return Settings(mongo_url=mongo_url, namespace=f"t{secrets.token_hex(6)}_", keys_dir=tmp_path)


@pytest.fixture
async def host(settings: Settings) -> AsyncIterator[Host]:
    host = Host(service, settings)
    yield host
    await host.db.client.drop_database(host.db.name)
    await host.db.close()


@pytest.fixture
def run(settings: Settings, host: Host) -> Run:
    """Run a command as an operator would."""
    told = {"MONGO_URL": settings.mongo_url, "NAMESPACE": settings.namespace, "KEYS_DIR": str(settings.keys_dir)}
    env = {f"BAOQIAO_{name}": value for name, value in told.items()} | {"LANG": "en_GB.UTF-8"}

    def start(command: str, *options: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "chassis.operating", *command.split(), *options]
        return subprocess.run(words, env=env, capture_output=True, text=True, check=False)

    return start


async def test_the_first_administrator_can_sign_in_and_a_second_run_changes_nothing(
    run: Run, host: Host, tmp_path: Path
):
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    first = run("admin create", "--login", "admin", "--password-file", str(file))
    assert (first.returncode, first.stderr) == (0, "")
    assert "Administrator admin: made" in first.stdout
    file.write_text("another password\n")
    second = run("admin create", "--login", "admin", "--password-file", str(file))
    assert second.stdout.splitlines() == [
        "Headquarters HQ 总公司: exists",
        "Default roles: up to date",
        "Administrator admin: exists, password unchanged",
    ]
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=create_app(host)), base_url="http://identity"
    ) as http:
        answer = await http.post("/sessions", json={"login": "admin", "password": PASSWORD})
    assert answer.status_code == 201


@pytest.mark.rule("IDN-015")
def test_a_weak_first_password_is_told_in_one_line(run: Run, tmp_path: Path):
    (tmp_path / "password").write_text("short\n")
    told = run("admin create", "--login", "admin", "--password-file", str(tmp_path / "password"))
    assert told.returncode == 1
    assert told.stderr.startswith("The password does not meet the rules. must have 12 to 200 characters. ")
    assert "Traceback" not in told.stderr


@pytest.mark.rule("IDN-021")
def test_a_key_is_rotated_by_hand(run: Run):
    assert "signs from" in run("keys rotate-signing").stdout
    assert "the old ones are void" in run("keys rotate-signing", "--compromised").stdout
