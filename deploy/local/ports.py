"""Which port each part listens on: chosen free at the first start, remembered, and chosen anew when it is taken."""

import json
import random
import socket
from collections.abc import Iterable
from pathlib import Path

from deploy.local import HOST

RANGE = range(20_000, 30_000)  # below the ports that the kernel lends to outgoing connections


def is_free(port: int) -> bool:
    """Tell whether something could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose(names: Iterable[str], memory: Path) -> dict[str, int]:
    """Return a free port for each name, the remembered one if it is still free, and remember them all."""
    remembered: dict[str, int] = json.loads(memory.read_text()) if memory.exists() else {}
    chosen: dict[str, int] = {}
    for name in names:
        port = remembered.get(name)
        while port is None or port in chosen.values() or not is_free(port):
            port = random.choice(RANGE)
        chosen[name] = port
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps({**remembered, **chosen}, indent=1) + "\n")
    return chosen
