"""The secrets of the demonstration company in containers: kept in a volume, the password shown outside."""

import os
from pathlib import Path

import pytest

from chassis.sealing import Keyring
from deploy.local.keys import in_containers


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path, Path]:
    kept, lets_in, outside = tmp_path / "secrets", tmp_path / "access", tmp_path / "run"
    for place in (kept, lets_in / "admin", lets_in / "hr", outside):
        place.mkdir(parents=True)
    return kept, lets_in, outside


def test_the_password_of_the_volumes_is_shown_outside_and_stays_the_same(places: tuple[Path, Path, Path]):
    kept, lets_in, outside = places
    in_containers(kept, lets_in, os.getuid(), os.getgid(), outside)
    password = (outside / "admin-password").read_text()
    (outside / "admin-password").unlink()
    in_containers(kept, lets_in, os.getuid(), os.getgid(), outside)
    assert (outside / "admin-password").read_text() == (kept / "admin-password").read_text() == password
    assert Keyring.load(kept / "keys").current == "k1"
    assert (outside / "mail").is_dir()


def test_every_service_gets_passwords_of_its_own_which_stay_the_same(places: tuple[Path, Path, Path]):
    kept, lets_in, outside = places
    in_containers(kept, lets_in, os.getuid(), os.getgid(), outside)
    made = {file: file.read_text() for file in lets_in.glob("*/*-password")}
    assert {file.parent.name for file in made} == {"admin", "hr"}
    assert len(set(made.values())) == len(made)
    for_others = {file for file in [*made, *lets_in.iterdir()] if file.stat().st_mode & 0o077}
    assert for_others == {lets_in / "admin", lets_in / "admin" / "kafka-password"}  # for Kafka itself
    in_containers(kept, lets_in, os.getuid(), os.getgid(), outside)
    assert {file: file.read_text() for file in made} == made


def test_new_volumes_take_the_password_that_lies_outside(places: tuple[Path, Path, Path]):
    kept, lets_in, outside = places
    (outside / "admin-password").write_text("of-make-run\n")
    in_containers(kept, lets_in, os.getuid(), os.getgid(), outside)
    assert (kept / "admin-password").read_text() == "of-make-run\n"


def test_another_password_than_the_volumes_is_refused_and_stays(places: tuple[Path, Path, Path]):
    kept, lets_in, outside = places
    in_containers(kept, lets_in, os.getuid(), os.getgid(), outside)
    (outside / "admin-password").write_text("of-make-run\n")
    with pytest.raises(FileExistsError, match="move it away, or forget the volumes"):
        in_containers(kept, lets_in, os.getuid(), os.getgid(), outside)
    assert (outside / "admin-password").read_text() == "of-make-run\n"
