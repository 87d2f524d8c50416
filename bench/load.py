"""The load generator: a process of its own that sends requests over kept connections, as fast as they are answered.

`drive` starts it. It costs about 20 µs a request, far less than any answer that it waits for.
"""

import asyncio
import json
import pickle
import statistics
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import cast

import uvloop

from deploy.local import HOST, ROOT


@dataclass(frozen=True)
class Sent:
    """What became of the requests: how many a second, and the median and 99th percentile of an answer's time in ms."""

    per_second: float
    p50_ms: float
    p99_ms: float


class Refused(Exception):
    """An answer that is not 2xx: a benchmark measures what works."""


def request(method: str, path: str, token: str, body: bytes = b"", **headers: str) -> bytes:
    """One HTTP/1.1 request, ready to send; `headers` with _ for -."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {HOST}", f"authorization: Bearer {token}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if method != "GET":
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def drive(port: int, requests: list[bytes], clients: int) -> Sent:
    """Send the requests to a port of this machine by `clients` at once, from another process; raises Refused."""
    driver = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load", cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await driver.communicate(pickle.dumps((port, requests, clients)))
    told = json.loads(said)
    if isinstance(told, str):
        raise Refused(told)
    return Sent(**told)


class _Client(asyncio.Protocol):
    """One connection: sends a request, waits for its answer, sends the next."""

    def __init__(self, todo: deque[bytes], times: list[float], done: asyncio.Future[None]) -> None:
        self._todo, self._times, self._done = todo, times, done
        self._got = b""
        self._at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send(self) -> None:
        if not self._todo:
            self._transport.close()
            self._done.set_result(None)
            return
        self._at = time.perf_counter()
        self._transport.write(self._todo.popleft())

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._times.append(time.perf_counter() - self._at)
        if head[9:10] != b"2":
            self._fail(self._got.decode(errors="replace"))
            return
        self._got = b""
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"connection lost: {exc}")

    def _fail(self, why: str) -> None:
        if not self._done.done():
            self._done.set_exception(Refused(why))


def _length(head: bytes) -> int:
    _, _, after = head.lower().partition(b"content-length:")
    return int(after.partition(b"\r\n")[0] or 0)


async def _send(port: int, requests: list[bytes], clients: int) -> Sent:
    loop = asyncio.get_running_loop()
    todo, times = deque(requests), list[float]()
    ends = [loop.create_future() for _ in range(clients)]
    made = [await loop.create_connection(lambda end=end: _Client(todo, times, end), HOST, port) for end in ends]
    began = time.perf_counter()
    for _, client in made:
        client.send()
    await asyncio.gather(*ends)
    seconds = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=100) if len(times) > 1 else times * 99
    return Sent(len(requests) / seconds, cuts[49] * 1000, cuts[98] * 1000)


def main() -> None:
    """Send what stdin says and tell stdout what became of it."""
    port, requests, clients = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - from our own parent
    try:
        told = asdict(uvloop.run(_send(port, requests, clients)))
    except Refused as why:
        told = str(why)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
