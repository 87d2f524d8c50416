"""Benchmarks: what the product does, against the bare thing written by hand, on the same servers at the same time.

Each `p<n>_<what>.py` is one benchmark, found by its name: `p2r_quotes_read.py` is P2r. It has
`async def run(bench: Bench) -> list[Result]`. `make bench` runs all, `make bench IDS="P1 P6"` some.
"""
