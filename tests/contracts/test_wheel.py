"""Subscribers outside get the contracts as a wheel of their own, without anything else of ours."""

import json
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from contracts.clients import ClientAdded
from contracts.publish import sample, schema
from contracts.wheel import build

READ = """
import sys
sys.path.insert(0, sys.argv[1])
import baoqiao_contracts.catalogue
from baoqiao_contracts import wire
known = baoqiao_contracts.catalogue.facts()
fact = wire.fact_of(sys.argv[2], open(sys.argv[3], "rb").read(), lambda sealed: sealed)
assert known and type(fact) is known[sys.argv[2]]
assert not [name for name in sys.modules if name.partition(".")[0] in ("contracts", "chassis", "services")]
print(type(fact).__name__)
"""


def test_the_wheel_needs_pydantic_alone(tmp_path: Path):
    with ZipFile(build(tmp_path)) as wheel:
        [metadata] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
        lines = wheel.read(metadata).decode().splitlines()
    needs = [line.removeprefix("Requires-Dist: ") for line in lines if line.startswith("Requires-Dist: ")]
    assert [re.split(r"[ <>=~]", need)[0] for need in needs] == ["pydantic"]


def test_a_subscriber_with_the_wheel_alone_reads_a_golden_sample(tmp_path: Path):
    wheel = build(tmp_path)
    golden = tmp_path / "sample.json"
    golden.write_text(json.dumps(sample(schema(ClientAdded))))
    told = subprocess.run(
        [sys.executable, "-I", "-c", READ, wheel, ClientAdded.type, golden],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout.strip(), told.stderr) == (0, "ClientAdded", "")
