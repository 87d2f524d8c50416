"""P6: the same reads and writes through Envoy, with its token check and limits, as straight to the service."""

from itertools import cycle, islice

from bench import quotes
from bench.bed import Bench
from bench.load import drive, request
from bench.measure import Result, at_least, paired

CLIENTS = 32
REQUESTS = 1500


async def run(bench: Bench) -> list[Result]:
    """`floor` is the way straight to the service."""
    ids = cycle(await quotes.kept(bench, 2000))
    service = await bench.service("placement")
    gateway = await bench.gateway({"placement": service})
    token = bench.token()

    async def through(port: int, prefix: str) -> float:
        requests = [request("GET", f"{prefix}/quotes/{quote_id}", token) for quote_id in islice(ids, REQUESTS)]
        return (await drive(port, requests, CLIENTS)).per_second

    return [
        await paired(
            "P6",
            f"GET /quotes/{{id}} through Envoy, {CLIENTS} at once",
            "requests/s",
            at_least(0.9),
            lambda: through(gateway, "/api/placement"),
            lambda: through(service, ""),
        )
    ]
