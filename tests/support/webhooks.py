"""What tests of webhooks do with an endpoint and its deliveries."""

from typing import Any

from contracts.placement import PolicyExpired
from tests.support.https import Endpoint
from tests.support.service import HQ, Caller, RunningService

EXPIRED = PolicyExpired(policy_id="p1", client_id="c1")


async def registered(caller: Caller, outside: Endpoint, *facts: str, branch: str = HQ) -> Any:
    """Register the endpoint; gives the webhook as answered."""
    body = {"branch": branch, "url": outside.url, "facts": [*facts]}
    answer = await caller.request("POST", "/webhooks", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def deliveries(caller: Caller, hook: Any) -> Any:
    """The first page of a webhook's deliveries."""
    return (await caller.request("GET", f"/webhooks/{hook['id']}/deliveries")).json()["items"]


async def sent(webhooks: RunningService) -> None:
    """Let the sender run once."""
    await webhooks.run_job("send_due_deliveries")


async def arrived(outside: Endpoint, count: int) -> bool:
    """Whether so many requests came in."""
    return len(outside.got) >= count
