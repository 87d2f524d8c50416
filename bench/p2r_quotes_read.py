"""P2r: one quote, and a page of 50 of the caller's branches, against the same indexed query."""

from itertools import cycle, islice

from bench import quotes
from bench.bed import Bench
from bench.load import drive, request
from bench.measure import Result, at_least, paired

QUOTES = 2000
CLIENTS = 32
ONES, PAGES = 1500, 300


async def run(bench: Bench) -> list[Result]:
    """Both at 32 clients at once."""
    ids = cycle(await quotes.kept(bench, QUOTES))
    ours, floor = await bench.service("placement"), await bench.floor("quotes")
    token = bench.token()

    async def one(port: int) -> float:
        requests = [request("GET", f"/quotes/{quote_id}", token) for quote_id in islice(ids, ONES)]
        return (await drive(port, requests, CLIENTS)).per_second

    async def page(port: int) -> float:
        return (await drive(port, [request("GET", "/quotes?limit=50", token)] * PAGES, CLIENTS)).per_second

    return [
        await paired(
            "P2r",
            f"{what}, {CLIENTS} at once",
            "requests/s",
            at_least(0.85),
            lambda read=read: read(ours),
            lambda read=read: read(floor),
        )
        for what, read in (("GET /quotes/{id}", one), ("GET /quotes?limit=50 in 20 branches", page))
    ]
