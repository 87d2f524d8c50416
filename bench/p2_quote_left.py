"""P2: a versioned command with an event – a selected quote is decided on – against one bare update."""

import json

from bench import quotes
from bench.bed import Bench
from bench.load import drive, request
from bench.measure import ROUNDS, Result, at_least, paired

REQUESTS = {1: 200, 32: 1000}
BODY = json.dumps({"reason": "客户选择了其他保险公司的方案"}).encode()


async def run(bench: Bench) -> list[Result]:
    """At one client, and at 32 at once. Each request decides on a quote of its own, which can be done only once."""
    ids = await quotes.kept(bench, (ROUNDS + 1) * sum(REQUESTS.values()))
    ours, floor = await bench.service("placement"), await bench.floor("quotes")
    token = bench.token()
    left = {ours: iter(ids), floor: iter(ids)}

    async def per_second(port: int, clients: int) -> float:
        requests = [_left(bench, next(left[port]), token) for _ in range(REQUESTS[clients])]
        return (await drive(port, requests, clients)).per_second

    return [
        await paired(
            "P2",
            f"POST /quotes/{{id}}/non_take_up, {clients} at once",
            "requests/s",
            at_least(0.8),
            lambda clients=clients: per_second(ours, clients),
            lambda clients=clients: per_second(floor, clients),
        )
        for clients in REQUESTS
    ]


def _left(bench: Bench, quote_id: str, token: str) -> bytes:
    return request("POST", f"/quotes/{quote_id}/non_take_up", token, BODY, idempotency_key=bench.key(), if_match='"1"')
