"""Every process is replaced by a new one, one after the other, while a risk is placed."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from chassis.service import Host
from chassis.worker import Worker
from deploy.local.company import Company
from deploy.local.demo import advice, client, cover, market, risk
from deploy.local.demo.__main__ import CHAPTERS
from deploy.local.demo.story import Story
from tests.journeys.telling import a_story
from tests.support.stack import Api, MailBox, Stack
from tests.support.waiting import eventually

REPLACED: dict[Callable[[Story], Awaitable[None]], str] = {
    client.take_on_client: "clients",
    client.register_project: "identity",
    risk.ask_client: "hr",
    market.enquire: "placement",
    advice.advise: "notifications",
    cover.place: "finance",
    cover.check_policy: "webhooks",
}
"""Which service gets new processes while a chapter is told."""


async def test_a_risk_is_placed_while_every_api_and_worker_is_replaced(stack: Stack, company: Company, mail: MailBox):
    assert set(REPLACED.values()) == set(stack.hosts)
    old_apis, old_workers = dict(stack.apis), dict(stack.workers)
    story = a_story(stack, mail)
    for chapter in CHAPTERS:
        async with asyncio.TaskGroup() as together:
            together.create_task(_tell(chapter, story))
            if chapter in REPLACED:
                together.create_task(replace(stack, REPLACED[chapter]))
    assert story.made["policy"]["status"] == "in_force"
    assert all(stack.apis[name] is not old_apis[name] for name in old_apis)
    assert all(stack.workers[name] is not old_workers[name] for name in old_workers)
    finance = await story.who("fin")
    notes = await finance.get("/finance/debit_notes", policy_id=story.made["policy"]["id"])
    assert len(notes["items"]) == 1

    async def nothing_parked() -> bool:
        return not any([await host.db["parked"].count_documents({}) for host in stack.hosts.values()])

    assert await eventually(nothing_parked, "every parked message taken up")


async def _tell(chapter: Callable[[Story], Awaitable[None]], story: Story) -> None:
    await chapter(story)


async def replace(stack: Stack, name: str) -> None:
    """Stop a service's worker and then its api; start a new one of each, with connections of its own."""
    await stack.workers[name].stop()
    stack.hosts[name] = _new_host(stack, name)
    stack.workers[name] = Worker(stack.hosts[name])
    await stack.workers[name].start()
    await stack.apis[name].stop()
    stack.listeners[name] = _listener_on(stack.ports[name])
    stack.apis[name] = Api(_new_host(stack, name), stack.listeners[name])
    await stack.apis[name].start()
    worker = stack.workers[name]

    async def ready() -> bool:
        return worker.ready

    await eventually(ready, f"the new worker of {name}", within=60)


def _new_host(stack: Stack, name: str) -> Host:
    told: dict[str, Any] = {"clock": stack.clock, "keyring": stack.keyring}
    return Host(stack.hosts[name].service, stack.told(name), **told)


def _listener_on(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener
