"""The secrets of the demonstration company in containers: kept in a volume, the password shown outside."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from chassis.sealing import Keyring
from deploy.local import ROOT
from deploy.local.keys import in_containers


@dataclass(frozen=True)
class Places:
    """Where the secrets come to lie."""

    kept: Path
    first: Path
    lets_in: Path
    outside: Path

    def start(self) -> None:
        """Make what is missing, as each start of compose does."""
        in_containers(self.kept, self.first, self.lets_in, os.getuid(), os.getgid(), self.outside)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    kept, first, lets_in, outside = (tmp_path / name for name in ("secrets", "first", "access", "run"))
    for place in (kept, first, lets_in / "admin", lets_in / "hr", outside):
        place.mkdir(parents=True)
    return Places(kept, first, lets_in, outside)


def test_the_password_of_the_volumes_is_shown_outside_and_stays_the_same(places: Places):
    places.start()
    shown = places.outside / "admin-password"
    password = shown.read_text()
    shown.unlink()
    places.start()
    assert shown.read_text() == (places.first / "admin-password").read_text() == password
    assert (places.first / "admin-password").stat().st_mode & 0o077 == 0
    assert Keyring.load(places.kept / "keys").current == "k1"
    assert (places.outside / "mail").is_dir()


def test_every_service_gets_passwords_of_its_own_which_stay_the_same(places: Places):
    places.start()
    made = {file: file.read_text() for file in places.lets_in.glob("*/*-password")}
    assert {file.parent.name for file in made} == {"admin", "hr"}
    assert len(set(made.values())) == len(made)
    for_others = {file for file in [*made, *places.lets_in.iterdir()] if file.stat().st_mode & 0o077}
    admins = places.lets_in / "admin"
    assert for_others == {admins, admins / "kafka-password"}  # for Kafka itself
    places.start()
    assert {file: file.read_text() for file in made} == made


def test_new_volumes_take_the_password_that_lies_outside(places: Places):
    (places.outside / "admin-password").write_text("of-make-run\n")
    places.start()
    assert (places.first / "admin-password").read_text() == "of-make-run\n"


def test_a_password_beside_the_field_keys_where_0_1_0_kept_it_is_brought_away_from_the_services(places: Places):
    (places.kept / "admin-password").write_text("of-0.1.0\n")
    places.start()
    assert [file.name for file in places.kept.iterdir()] == ["keys"]
    for place in (places.first, places.outside):
        assert (place / "admin-password").read_text() == "of-0.1.0\n"


def test_another_password_than_the_volumes_is_refused_and_stays(places: Places):
    places.start()
    (places.outside / "admin-password").write_text("of-make-run\n")
    with pytest.raises(FileExistsError, match="move it away, or forget the volumes"):
        places.start()
    assert (places.outside / "admin-password").read_text() == "of-make-run\n"


def test_the_command_in_compose_fills_the_volumes_that_the_others_read_from(places: Places):
    parts = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))["services"]
    lies_in = {
        "/secrets": places.kept,
        "/first": places.first,
        "/access": places.lets_in,
        "/run/baoqiao": places.outside,
    }
    own = {"10001": str(os.getuid()), "1000": str(os.getgid())}
    [_, *words] = (str(lies_in.get(word, own.get(word, word))) for word in parts["secrets"]["command"])
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True)
    mounted = dict(each.split(":")[:2] for each in parts["secrets"]["volumes"])
    assert {mounted["secrets"], mounted["first-password"], mounted["../.run"]} < set(lies_in)
    for name in ("administrator", "company"):
        told = parts[name]["command"][parts[name]["command"].index("--password-file") + 1]
        assert f"first-password:{Path(told).parent}:ro" in parts[name]["volumes"]
        assert (places.first / Path(told).name).exists()
