"""The page of the settings is complete, and a start with wrong ones says all that is wrong."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from chassis.settings import Settings, Unit, WrongSettings, faults_of, name_of, read
from deploy.envoy.render import GatewaySettings
from deploy.local import ROOT
from docs.configuration import CLASSES, PAGE, page
from services.notifications.messages.mail import MailSettings
from tests.structure.house import python_files, services, tree

TEXT = PAGE.read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("BAOQIAO_")]:
        monkeypatch.delenv(name)


def started(module: str, *words: str, **told: str) -> subprocess.CompletedProcess[str]:
    """A process with these variables, which ends by itself."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("BAOQIAO_")} | told
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_the_page_is_that_of_the_settings_classes():
    assert page() == TEXT, "run `make docs`"


def test_every_settings_class_is_on_the_page():
    found = {
        node.name
        for path in python_files("chassis", "services", "deploy")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and "BaseSettings" in {ast.unparse(base) for base in node.bases}
    }
    assert found == {kind.__name__ for kind in CLASSES.values()}, "name it in docs/configuration.py"


def test_every_setting_tells_its_name_unit_and_meaning():
    for kind in CLASSES.values():
        for field, info in kind.model_fields.items():
            assert f"| `{name_of(kind, field)}` |" in TEXT
            assert info.description, f"{field}: say below it what it means"
            assert [mark for mark in info.metadata if isinstance(mark, Unit)], f"{field}: mark it with its Unit"


def test_every_name_that_the_code_speaks_of_is_on_the_page():
    spoken = {
        name
        for path in [*python_files("chassis", "services", "deploy", "docs"), ROOT / "Makefile"]
        for name in re.findall(r"\bBAOQIAO_[A-Z0-9_]*[A-Z0-9]\b(?!_)", path.read_text(encoding="utf-8"))
    }
    assert len(spoken) > 5
    assert not {name for name in spoken if name not in TEXT}, "tell of these in docs/configuration.py"


def test_settings_of_a_service_are_checked_at_its_start():
    own = {kind for service in services() for kind in service.settings}
    assert own == set(CLASSES.values()) - {Settings, GatewaySettings}


def test_a_service_that_is_told_wrong_things_names_them_all_and_does_not_start(tmp_path: Path):
    secret = "mongo://baoqiao:geheim@db:27017"
    wrong = {
        "BAOQIAO_MONGO_URL": secret,
        "BAOQIAO_MONGO_POOL": "many",
        "BAOQIAO_KEY_DIR": str(tmp_path),
        "BAOQIAO_KEYS_DIR": str(tmp_path),
        "BAOQIAO_SMTP_PORT": "0",
        "BAOQIAO_PORT": "8090",
    }
    done = started("chassis.serve", "notifications", "--role", "worker", **wrong)
    assert done.returncode == 78
    assert "5 settings are wrong" in done.stderr
    assert "BAOQIAO_MONGO_POOL = many: Input should be a valid integer" in done.stderr
    assert "BAOQIAO_KEY_DIR: there is no such setting; is BAOQIAO_KEYS_DIR meant?" in done.stderr
    assert "BAOQIAO_KEYS_DIR: field-keys.json there cannot be used" in done.stderr
    assert "BAOQIAO_SMTP_PORT = 0" in done.stderr
    assert "BAOQIAO_MONGO_URL: " in done.stderr and "geheim" not in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert "BAOQIAO_PORT" not in done.stderr.replace("BAOQIAO_SMTP_PORT", ""), "another program's"


def test_commands_too_start_only_with_right_settings(tmp_path: Path):
    done = started("chassis.operating", "outbox", "hr", BAOQIAO_KEYS_DIR=str(tmp_path), BAOQIAO_REQUEST_SECONDS="-1")
    assert (done.returncode, "2 settings are wrong" in done.stderr) == (78, True)
    assert "Traceback" not in done.stderr


def test_a_gateway_that_is_told_wrong_things_is_not_rendered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BAOQIAO_GATEWAY_CALLER_BURST", "0")
    monkeypatch.setenv("BAOQIAO_GATEWAY_ISSUERS", "somebody")
    with pytest.raises(WrongSettings) as refused:
        read(GatewaySettings)
    named = [fault.split()[0].rstrip(":") for fault in refused.value.faults]
    assert named == ["BAOQIAO_GATEWAY_ADMIN_PORT", "BAOQIAO_GATEWAY_CALLER_BURST", "BAOQIAO_GATEWAY_ISSUERS"]


@pytest.mark.parametrize("mine", [[Settings], [Settings, MailSettings], [GatewaySettings]])
def test_what_belongs_to_another_program_is_passed_over(
    mine: list[type[BaseSettings]], monkeypatch: pytest.MonkeyPatch
):
    own = {name_of(kind, field) for kind in mine for field in kind.model_fields}
    for name in set(re.findall(r"`(BAOQIAO_[A-Z_]+)`", TEXT)) - own:
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("BAOQIAO_GATEWAY_ADMIN_PORT", "1")
    assert faults_of(mine) == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("BAOQIAO_MONGO_URI", "BAOQIAO_MONGO_URL"),
        ("BAOQIAO_KAFKA_BOOTSTRAP_SERVERS", "BAOQIAO_KAFKA_BOOTSTRAP"),
        ("BAOQIAO_MONGO_TIMEOUT", "BAOQIAO_MONGO_TIMEOUT_MS"),
        ("BAOQIAO_LOGLEVEL", "BAOQIAO_LOG_LEVEL"),
    ],
)
def test_a_misspelt_name_is_a_fault_that_tells_the_right_one(written: str, meant: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(written, "x")
    assert faults_of([Settings]) == [f"  {written}: there is no such setting; is {meant} meant?"]
