"""schemathesis in a process of its own, against the gateway."""

import asyncio
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEED = 20260302
CONFIG = """
hooks = "tests.support.fuzz_hooks"
seed = {seed}
continue-on-failure = true
warnings = false
color = false
suppress-health-check = ["all"]
request-timeout = 30
headers = {{ Authorization = "Bearer {token}", "Accept-Language" = "en" }}

[output]
truncation = {{ enabled = false }}

[generation]
max-examples = {examples}
database = "none"
no-shrink = true

[checks]
enabled = false
not_a_server_error.enabled = true
status_code_conformance.enabled = true
content_type_conformance.enabled = true
response_schema_conformance.enabled = true
negative_data_rejection = {{ enabled = true, expected-statuses = [{refused}] }}

[phases.coverage]
enabled = {coverage}

[phases.stateful]
generation.max-examples = {chains}
"""
REFUSED = (400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429)
"""What bad input may be answered; 404, 409 and 412 because something else about it is wrong, too."""
WITH_COVERAGE = 4
"""With so many examples, every value on a border is tried as well, hundreds for some operations."""
COUNT = re.compile(r"^  (\d+) generated", re.MULTILINE)


@dataclass(frozen=True)
class Found:
    """What schemathesis found: its report, the cases that it sent, and whether all was well."""

    report: str
    cases: int
    well: bool


async def fuzzed(
    folder: Path, base: str, token: str, page: dict[str, Any], things: dict[str, Any], examples: int
) -> Found:
    """Everything on the page, asked in every way that schemathesis can think of; `folder` is this run's own."""
    told = CONFIG.format(
        seed=SEED,
        token=token,
        examples=examples,
        refused=", ".join(map(str, REFUSED)),
        coverage=str(examples >= WITH_COVERAGE).lower(),
        chains=examples * 20,
    )
    for name, text in {
        "schemathesis.toml": told,
        "page.json": json.dumps(page),
        "things.json": json.dumps(things, default=str),
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    child = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", "schemathesis.toml"),
        *("run", "page.json", "--url", base),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "FUZZ_THINGS": str(folder / "things.json"), "PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=folder,
    )
    assert child.stdout is not None
    report = (await child.stdout.read()).decode()
    status = await child.wait()
    cases = COUNT.search(report)
    return Found(report, int(cases[1]) if cases else 0, status == 0)
