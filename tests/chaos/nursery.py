"""The services' processes as forks of one that imported everything: a restart costs 50 ms of a core, not 1.5 s.

`python -m tests.chaos.nursery <door>`: hears orders on a Unix socket, one JSON line each, and answers with one. Each
child is a process of its own, started as `chassis.serve` would start it.
"""

import gc
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import chassis.app
import chassis.worker  # noqa: F401 - imported here so that no child has to
from chassis.serve import Role, run, service_named
from chassis.service import Service
from deploy.local import services
from deploy.local.programs import dies_with
from tests.chaos import broken


class Nursery:
    """Children by name, and the signals that they get."""

    def __init__(self, door: socket.socket) -> None:
        self._door = door
        self._services: dict[str, Service] = {name: service_named(name) for name in services.discover()}
        self._children: dict[str, int] = {}
        gc.freeze()

    def serve(self) -> None:
        """Obey until the one who asks goes away."""
        connection, _ = self._door.accept()
        with connection, connection.makefile("rw") as lines:
            for line in lines:
                lines.write(json.dumps(self._obey(json.loads(line))) + "\n")
                lines.flush()

    def _obey(self, order: dict[str, Any]) -> Any:
        self._reap()
        match order.pop("do"):
            case "start":
                self._children[order["name"]] = self._fork(order)
            case "kill":
                if pid := self._children.pop(order["name"], None):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
            case "signal":
                if pid := self._children.get(order["name"]):
                    os.kill(pid, order["number"])
            case _:
                pass
        return self._children

    def _reap(self) -> None:
        """A child's number is free for others only after this, so that no signal meets a stranger."""
        for name, pid in list(self._children.items()):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del self._children[name]

    def _fork(self, order: dict[str, Any]) -> int:
        keeper = os.getpid()
        if pid := os.fork():
            return pid
        try:
            dies_with(keeper)()
            self._door.close()
            with Path(order["log"]).open("ab") as log:
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)
            os.environ.update(order["env"])
            socket.gethostname = lambda: order["name"]  # a lease names its holder by it
            broken.break_chassis(os.environ.get("CHAOS_BROKEN", ""))
            run(self._services[order["service"]], Role(order["role"]), order["port"])
        finally:
            os._exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(sys.argv[1])
        nursery = Nursery(listening)
        listening.listen()
        nursery.serve()
