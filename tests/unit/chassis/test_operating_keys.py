"""`baoqiao keys create`: the first file of field keys."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chassis.operating.__main__ import app
from chassis.sealing import Keyring

Create = Callable[[Path], Result]


@pytest.fixture
def create(monkeypatch: pytest.MonkeyPatch) -> Create:
    """Run the command as an operator would, for a folder."""
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)

    def run(folder: Path) -> Result:
        monkeypatch.setenv("BAOQIAO_KEYS_DIR", str(folder))
        return CliRunner().invoke(app, ["keys", "create"])

    return run


def test_the_first_keys_seal_and_are_for_nobody_else_to_read(create: Create, tmp_path: Path):
    told = create(tmp_path)
    assert told.exit_code == 0
    assert "Keep a copy elsewhere" in told.output
    ring = Keyring.load(tmp_path)
    assert ring.open(ring.seal("it")) == "it"
    assert [file.name for file in tmp_path.iterdir()] == ["field-keys.json"]
    assert (tmp_path / "field-keys.json").stat().st_mode & 0o077 == 0


def test_keys_that_are_there_are_never_written_over(create: Create, tmp_path: Path):
    create(tmp_path)
    before = (tmp_path / "field-keys.json").read_text()
    told = create(tmp_path)
    assert told.exit_code == 1
    assert "is not made: File exists" in told.output
    assert (tmp_path / "field-keys.json").read_text() == before


def test_a_folder_that_is_not_there_is_told_not_made(create: Create, tmp_path: Path):
    told = create(tmp_path / "mistyped")
    assert told.exit_code == 1
    assert "No such file or directory; see BAOQIAO_KEYS_DIR" in told.output
    assert list(tmp_path.iterdir()) == []
