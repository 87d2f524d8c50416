"""The harness' own stack: three mongods, three brokers, two apis and two workers of each service, Envoy in front.

Only what it started itself is ever killed or frozen.
"""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from deploy.envoy.render import GatewaySettings
from deploy.local import HOST, ROOT, gateway, kafka, keys, mail, mongo, ports, services, stack
from deploy.local.http import is_ok
from deploy.local.programs import NotReady, Program, Programs

NODES = (1, 2, 3)
EACH = (1, 2)
HEAP_MB = 256
START_SECONDS = 120
LOGIN = "admin"
FAILPOINTS = ("--setParameter", "enableTestCommands=1")  # how connections to MongoDB are cut
MUCH_DATA = (
    *("--syncdelay", "90"),
    *("--wiredTigerEngineConfigString", "cache_size=3500M,eviction_dirty_target=50,eviction_dirty_trigger=75"),
)
"""What is new lies all over the files of a million things, so that each page would be written over and over."""
OURS = {
    "BAOQIAO_TOPIC_PARTITIONS": "3",
    "BAOQIAO_TOPIC_REPLICAS": "3",
    "BAOQIAO_FETCH_WAIT_MS": "2000",
    "BAOQIAO_MONGO_POOL": "30",
    "BAOQIAO_LOG_LEVEL": "WARNING",
}
GENEROUS: dict[str, Any] = {
    "caller_per_second": 20_000,
    "caller_burst": 20_000,
    "sign_ins_per_second": 1000,
    "sign_in_burst": 1000,
}


class Cluster:
    """All processes of one folder, by name: `mongod-1`, `kafka-2`, `envoy`, `clients-api-1`, `placement-worker-2` …"""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self.folder, self._say = folder, say
        self.names = services.discover()
        self.ours = [f"{name}-{role}-{n}" for name in self.names for role in services.ROLES for n in EACH]
        fixed = ["envoy", "envoy-admin", "mail", "wire"]
        fixed += [f"mongod-{n}" for n in NODES]
        fixed += [f"kafka-{n}{use}" for n in NODES for use in ("", "-own", "-between", "-controller")]
        self.port = ports.choose([*fixed, *self.ours], folder / "ports.json")
        self.programs = Programs(folder / "log", ROOT)
        self.known: dict[str, Program] = {}
        self._door = folder / "nursery.sock"
        self._nursery: socket.socket | None = None
        self._env: dict[str, str] = {}

    @property
    def mongo_url(self) -> str:
        """Where all three members answer."""
        return mongo.url(*(self.port[f"mongod-{n}"] for n in NODES))

    @property
    def kafka_bootstrap(self) -> str:
        """The brokers by their own ports, past the wire."""
        return ",".join(f"{HOST}:{self.port[f'kafka-{n}-own']}" for n in NODES)

    @property
    def address(self) -> str:
        """Where front-ends call."""
        return f"http://{HOST}:{self.port['envoy']}/api"

    @property
    def password(self) -> str:
        """The first administrator's, and everybody else's."""
        return (self.folder / "admin-password").read_text().splitlines()[0]

    @property
    def mail_dir(self) -> Path:
        """Where mails arrive."""
        return self.folder / "mail"

    @property
    def env(self) -> dict[str, str]:
        """What every process of ours is told."""
        return self._env

    def start(self) -> None:
        """Start everything and wait until it answers."""
        began = time.monotonic()
        keys.field_keys(self.folder / "keys")
        keys.admin_password(self.folder / "admin-password")
        self._env = self._environment()
        members = mongo.members(self.folder, [self.port[f"mongod-{n}"] for n in NODES], *FAILPOINTS, *MUCH_DATA)
        nursery = Program("nursery", (sys.executable, "-m", "tests.chaos.nursery", str(self._door)), self._hears)
        self._start([*members, nursery, mail.program(self.mail_dir, self.port["mail"]), self._wire()])
        brokers = kafka.cluster(self.folder, [self._node(n) for n in NODES], HEAP_MB)
        self._start([*brokers, self._gateway()])
        self.programs.wait_ready([*members, nursery], START_SECONDS)
        for name in self.ours:
            self.start_one(name)
        first = services.once(stack.OPERATOR, self._first(), self._env)
        assert first is not None
        self.programs.run(first)
        self.programs.wait_ready(self.known.values(), START_SECONDS)
        self.wait_ours(self.ours)
        self._say(f"stack: {len(self.known) + len(self.ours)} processes, ready after {time.monotonic() - began:.1f} s")

    def stop(self) -> None:
        """End everything at once."""
        if self._nursery is not None:
            self._nursery.close()
        self.programs.kill_all()

    def start_one(self, name: str, **env: str) -> None:
        """Start what is dead; returns at once. `env` for our own processes only."""
        if name in self.known:
            self.programs.start(self.known[name])
            return
        service, role, _ = name.split("-")
        log = str(self.programs.log_path(name).resolve())
        order = {"name": name, "service": service, "role": role, "port": self.port[name], "log": log}
        self._order(do="start", env=self._env | env, **order)

    def kill(self, name: str) -> None:
        """Kill a process by its name; it is gone when this returns."""
        if name in self.known:
            self.programs.kill(name)
        else:
            self._order(do="kill", name=name)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process by its name; nothing happens when it is dead."""
        if name in self.known:
            if self.is_alive(name):
                os.kill(self.programs.pids()[name], number)
        else:
            self._order(do="signal", name=name, number=int(number))

    def is_alive(self, name: str) -> bool:
        """Whether the process runs or is frozen."""
        if name in self.known:
            return self.programs.is_alive(name)
        return name in self._order(do="look")

    def wait_ours(self, names: list[str], seconds: float = START_SECONDS) -> None:
        """Wait until processes of ours say that they are ready."""
        deadline = time.monotonic() + seconds
        waiting = list(names)
        while waiting := [name for name in waiting if not is_ok(self.port[name], "/readyz")]:
            if time.monotonic() > deadline:
                raise NotReady(f"no answer within {seconds:.0f} s from {', '.join(waiting)}: see {self.folder}/log")
            time.sleep(0.1)

    def cut_wire(self, broker: int, seconds: float) -> None:
        """Cut every connection between our processes and a broker."""
        with socket.create_connection((HOST, self.port["wire"]), 2) as door:
            door.sendall(f"{self.port[f'kafka-{broker}']} {seconds}\n".encode())

    def _start(self, programs: list[Program]) -> None:
        for program in programs:
            self.known[program.name] = program
            self.programs.start(program)

    def _order(self, **order: object) -> dict[str, int]:
        if self._nursery is None:
            self._nursery = socket.socket(socket.AF_UNIX)
            self._nursery.connect(str(self._door))
            self._lines = self._nursery.makefile("rw")
        self._lines.write(json.dumps(order) + "\n")
        self._lines.flush()
        return json.loads(self._lines.readline())

    def _hears(self) -> bool:
        try:
            self._order(do="look")
        except OSError:
            self._nursery = None
            return False
        return True

    def _environment(self) -> dict[str, str]:
        port = {"kafka": self.port["kafka-1"], "identity-api": self.port["identity-api-1"], "mail": self.port["mail"]}
        told = services.environment(self.folder, port, self.mongo_url)
        through = ",".join(f"{HOST}:{self.port[f'kafka-{n}']}" for n in NODES)
        told |= {"BAOQIAO_KAFKA_BOOTSTRAP": through, "BAOQIAO_JWKS_URL": f"{self.address}/identity/jwks"}
        return told | OURS

    def _node(self, n: int) -> kafka.Node:
        return kafka.Node(
            n,
            port=self.port[f"kafka-{n}-own"],
            controller_port=self.port[f"kafka-{n}-controller"],
            broker_port=self.port[f"kafka-{n}-between"],
            told=self.port[f"kafka-{n}"],
        )

    def _wire(self) -> Program:
        pairs = [f"{self.port[f'kafka-{n}']}:{self.port[f'kafka-{n}-own']}" for n in NODES]
        command = (sys.executable, "-m", "tests.chaos.wire", str(self.port["wire"]), *pairs)
        return Program("wire", command, lambda: _accepts(self.port["wire"]))

    def _gateway(self) -> Program:
        settings = GatewaySettings(port=self.port["envoy"], admin_port=self.port["envoy-admin"], **GENEROUS)
        upstreams = {name: ",".join(f"{HOST}:{self.port[f'{name}-api-{n}']}" for n in EACH) for name in self.names}
        return replace(gateway.program(self.folder / "envoy", settings, upstreams), name="envoy")

    def _first(self) -> tuple[str, ...]:
        password_file = str((self.folder / "admin-password").resolve())
        return (
            "admin",
            "create",
            "--login",
            LOGIN,
            "--password-file",
            password_file,
            "--headquarters",
            "沐渡保险经纪有限公司",
        )


def _accepts(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
