"""The secrets of the demonstration company in containers: kept in a volume, the password shown outside."""

import os
from pathlib import Path

import pytest

from chassis.sealing import Keyring
from deploy.local.keys import in_containers


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    kept, outside = tmp_path / "secrets", tmp_path / "run"
    kept.mkdir()
    outside.mkdir()
    return kept, outside


def test_the_password_of_the_volumes_is_shown_outside_and_stays_the_same(places: tuple[Path, Path]):
    kept, outside = places
    in_containers(kept, os.getuid(), outside)
    password = (outside / "admin-password").read_text()
    (outside / "admin-password").unlink()
    in_containers(kept, os.getuid(), outside)
    assert (outside / "admin-password").read_text() == (kept / "admin-password").read_text() == password
    assert Keyring.load(kept / "keys").current == "k1"
    assert (outside / "mail").is_dir()


def test_new_volumes_take_the_password_that_lies_outside(places: tuple[Path, Path]):
    kept, outside = places
    (outside / "admin-password").write_text("of-make-run\n")
    in_containers(kept, os.getuid(), outside)
    assert (kept / "admin-password").read_text() == "of-make-run\n"


def test_another_password_than_the_volumes_is_refused_and_stays(places: tuple[Path, Path]):
    kept, outside = places
    in_containers(kept, os.getuid(), outside)
    (outside / "admin-password").write_text("of-make-run\n")
    with pytest.raises(FileExistsError, match="move it away, or forget the volumes"):
        in_containers(kept, os.getuid(), outside)
    assert (outside / "admin-password").read_text() == "of-make-run\n"
