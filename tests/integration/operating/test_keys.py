"""`baoqiao keys rotate`: step by step, until the old key can go."""

import json
import secrets
from pathlib import Path
from typing import Any

from chassis.sealing import Keyring
from deploy.local import keys
from tests.integration.operating.conftest import Company


async def test_field_keys_are_rotated_step_by_step_until_the_old_one_can_go(
    baoqiao: Any, company: Company, tmp_path: Path
):
    keys.field_keys(tmp_path)
    file = tmp_path / "field-keys.json"
    own = {"keys_dir": str(tmp_path), "namespace": f"t{secrets.token_hex(6)}_"}
    database = company["hr"].db.client[f"{own['namespace']}hr"]
    await database["things"].insert_one({"_id": 1, "secret": Keyring.load(tmp_path).seal("it")})

    first = await baoqiao("keys", "rotate", **own)
    assert "Step 1: k2 is added. Restart every process" in first.output
    told = json.loads(file.read_text())
    assert (told["current"], list(told["keys"])) == ("k1", ["k1", "k2"])
    assert file.stat().st_mode & 0o077 == 0
    assert "A rotation is not finished" in (await baoqiao("doctor", "hr", **own)).output

    second = await baoqiao("keys", "rotate", **own)
    assert "Step 2: k2 seals now. Restart every process" in second.output

    third = await baoqiao("keys", "rotate", **own)
    assert third.exit_code == 0, third.output
    assert "hr: 1 sealed anew" in third.output and "Step 3 is done" in third.output
    thing = await database["things"].find_one({})
    assert thing is not None and Keyring.load(tmp_path).open(thing["secret"]) == "it"
    assert thing["secret"].startswith("k2.")
    assert "k1" in json.loads(file.read_text())["keys"], "Kafka may still need it"

    last = await baoqiao("keys", "rotate", "--forget", **own)
    assert "The old keys are out" in last.output.splitlines()
    assert list(json.loads(file.read_text())["keys"]) == ["k2"]
    await database.client.drop_database(database.name)


async def test_a_key_file_that_is_not_there_is_told(baoqiao: Any, tmp_path: Path):
    told = await baoqiao("keys", "rotate", keys_dir=str(tmp_path))
    assert told.exit_code == 1
    assert "field-keys.json" in told.output and "BAOQIAO_KEYS_DIR" in told.output
