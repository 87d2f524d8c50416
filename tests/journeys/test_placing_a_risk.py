"""The story of `make demo`, through the gateway, on a clock of its own."""

import asyncio
import os
import sys
import sysconfig
from pathlib import Path

import pytest

from contracts.wheel import build
from deploy.local.demo.story import Story
from tests.journeys.conftest import ROOT
from tests.support.stack import Stack

EXAMPLES = ROOT / "examples"


async def test_a_risk_is_placed(story: Story):
    assert story.made["policy"]["status"] == "in_force"


@pytest.mark.parametrize("example", ["subscriber.py", "plain_subscriber.py"])
async def test_subscribers_outside_follow_it(example: str, story: Story, stack: Stack, tmp_path: Path):
    """Each in a process of its own that has the wheel or not even that, and nothing else of ours."""
    with_wheel = [str(await asyncio.to_thread(build, tmp_path))] if example == "subscriber.py" else []
    libraries = os.pathsep.join([*with_wheel, sysconfig.get_path("purelib")])
    follower = await asyncio.create_subprocess_exec(
        *(sys.executable, "-S", EXAMPLES / example, stack.settings.kafka_bootstrap, stack.settings.namespace),
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": libraries},
        cwd=tmp_path,
    )
    assert follower.stdout is not None
    policy, said = story.made["policy"], list[str]()
    number, premium = policy["cover"]["number"], policy["cover"]["premium"]
    wanted = [
        f"{policy['id']} bound for {premium['amount']} {premium['currency']}",
        f"{policy['id']} in force as {number}",
    ]
    try:
        async with asyncio.timeout(60):
            while wanted[1] not in said:
                line = await follower.stdout.readline()
                assert line, f"it ended after {said}"
                said.append(line.decode().strip())
    finally:
        follower.terminate()
        await follower.wait()
    assert [line for line in said if line.startswith(policy["id"])] == wanted
