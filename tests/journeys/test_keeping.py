"""What the story leaves is kept for the tests of later versions: `KEEP=1 pytest -n0 tests/journeys/test_keeping.py`."""

import os
from pathlib import Path

from deploy.local.company import Company
from deploy.local.demo.story import Story
from services.webhooks.model import Status, Webhook
from services.webhooks.rules import register
from services.webhooks.store import Webhooks
from tests.support.stack import Stack
from tests.upgrades.keeping import KEPT, keep, version

MOST_BYTES = 300_000


async def test_what_a_version_writes_is_kept_small_and_without_personal_data_in_clear(
    stack: Stack, company: Company, story: Story, tmp_path: Path
):
    work = stack.hosts["webhooks"].system_work()
    hook = Webhook(id="hook", branch=company.branches["GD"], url="https://hooks.example.com/baoqiao", facts=("*",),
                   status=Status.DISABLED, keys=(), made_by="admin")  # fmt: skip
    await Webhooks(work).add(*register(hook))
    folder = KEPT / version() if "KEEP" in os.environ else tmp_path
    await keep(stack.hosts.values(), folder)
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    assert set(texts) == set(stack.hosts)
    assert '"clients"' in texts["clients"] and '"policies"' in texts["placement"]
    for service, text in texts.items():
        assert len(text.encode()) < MOST_BYTES, service
        assert "@client.example" not in text, service
