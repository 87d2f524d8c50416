"""The wire between services and Kafka's brokers: passes bytes on, until it is told to cut.

`python -m tests.chaos.wire <door> <port>:<port> …`: listens on the first of each pair and connects to the second. A
line `<port> <seconds>` at the door cuts every connection of that pair and refuses new ones for so long.
"""

import asyncio
import sys
from typing import cast

import uvloop

from deploy.local import HOST


class End(asyncio.Protocol):
    """One end of a connection; what it reads its partner writes."""

    def __init__(self, pair: "Pair", partner: "End | None" = None) -> None:
        self.pair, self.partner = pair, partner
        self.transport: asyncio.Transport | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if self.partner is None:
            self.pair.opened(self)
        else:
            self.partner.partner = self
            self.transport.writelines(self.partner.taken())
        self.pair.ends.add(self)

    def taken(self) -> list[bytes]:
        """What was read before the partner was there."""
        early, self._early = self._early, []
        return early

    def data_received(self, data: bytes) -> None:
        if self.partner is None or self.partner.transport is None:
            self._early.append(data)
        else:
            self.partner.transport.write(data)

    def pause_writing(self) -> None:
        if self.partner and self.partner.transport:
            self.partner.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.partner and self.partner.transport:
            self.partner.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self.pair.ends.discard(self)
        if self.partner and self.partner.transport:
            self.partner.transport.close()


class Pair:
    """A port that stands for another one."""

    def __init__(self, own: int, behind: int) -> None:
        self.own, self.behind = own, behind
        self.ends: set[End] = set()
        self._cut_until = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    def opened(self, end: End) -> None:
        """Reach out for the other side of a new connection."""
        task = asyncio.create_task(self._connect(end))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, end: End) -> None:
        loop = asyncio.get_running_loop()
        try:
            if loop.time() < self._cut_until:
                raise ConnectionRefusedError
            await loop.create_connection(lambda: End(self, end), HOST, self.behind)
        except OSError:
            if end.transport:
                end.transport.abort()

    def cut(self, seconds: float) -> None:
        """Break what is open, and refuse what is new for a while."""
        self._cut_until = asyncio.get_running_loop().time() + seconds
        for end in list(self.ends):
            if end.transport:
                end.transport.abort()


async def main(door: int, pairs: list[Pair]) -> None:
    """Pass on until killed."""
    loop = asyncio.get_running_loop()
    for pair in pairs:
        await loop.create_server(lambda pair=pair: End(pair), HOST, pair.own)

    async def obey(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port, seconds = (await reader.readline()).split()
        for pair in pairs:
            if pair.own == int(port):
                pair.cut(float(seconds))
        writer.close()

    server = await asyncio.start_server(obey, HOST, door)
    await server.serve_forever()


if __name__ == "__main__":
    told = [Pair(*map(int, words.split(":"))) for words in sys.argv[2:]]
    uvloop.run(main(int(sys.argv[1]), told))
