"""What benchmarks run on: servers of their own with data on the real disk, services and floors as processes, tokens."""

import json
import shutil
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self

import structlog
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from pymongo import AsyncMongoClient

from chassis import logs
from chassis.ids import new_id
from chassis.serve import service_named
from chassis.service import Host
from chassis.settings import Settings
from deploy.envoy.render import GatewaySettings
from deploy.local import HOST, ROOT, gateway, keys, ports, servers, services
from deploy.local.http import is_ok
from deploy.local.programs import Program, Programs
from deploy.local.stack import alone_in

FOLDER = ROOT / ".run" / "bench"
"""Not on a memory disk: a synced write has to reach a disk here."""
START_SECONDS = 60
TOKEN_SECONDS = 12 * 3600
HQ = "hq"


class Bench:
    """The servers of one run of `make bench`. Everything it starts ends with it; the data are forgotten at the start.

    To be entered outside an event loop.
    """

    def __init__(self) -> None:
        self._alone = alone_in(FOLDER)
        self._signing = ECKey.generate_key("P-256", {"kid": "bench", "alg": "ES256", "use": "sig"}, private=True)
        self._programs = Programs(FOLDER / "log", ROOT)
        self._started: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._alone.__enter__()
        for name in ("mongo", "kafka", "mail", "log", "envoy", "keys"):
            shutil.rmtree(FOLDER / name, ignore_errors=True)
        keys.field_keys(FOLDER / "keys")
        self._jwks = _serve_keys(KeySet([self._signing]))
        self._servers = servers.start(FOLDER)
        self._lines = (FOLDER / "log" / "bench.log").open("w")
        logs.configure("INFO")  # hosts in this process write what they write as services
        structlog.configure(logger_factory=structlog.WriteLoggerFactory(self._lines))
        self.kafka_bootstrap = self._servers.kafka_bootstrap
        self.mongo_url = self._servers.mongo_url
        self.mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(self.mongo_url, tz_aware=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._programs.stop_all([])
        self._servers.stop()
        self._lines.close()
        self._jwks.shutdown()
        self._alone.__exit__(kind, error, trace)

    def settings(self, **told: Any) -> Settings:
        """What this process' own hosts are told."""
        return Settings(**self._told() | told)

    def host(self, service: str, **told: Any) -> Host:
        """A service's parts in this process, to lay out data with its own stores. Close its `db` in the end."""
        return Host(service_named(service), self.settings(**told))

    async def service(self, name: str, role: str = "api", **told: Any) -> int:
        """Start one role of a service, as in production, unless it runs; gives its port."""
        env = {f"BAOQIAO_{field.upper()}": str(value) for field, value in (self._told() | told).items()}
        return self._start(f"{name}-{role}", lambda port: services.program(name, role, port, env))

    async def floor(self, module: str, *arguments: str) -> int:
        """Start the floor `bench.floors.<module>` under the same server settings, unless it runs; gives its port."""

        def program(port: int) -> Program:
            command = (sys.executable, "-m", "bench.floors.serve", module, str(port), self.mongo_url, *arguments)
            return Program(f"floor-{module}", command, lambda: is_ok(port, "/readyz"))

        return self._start(f"floor-{module}", program)

    async def gateway(self, upstreams: Mapping[str, int]) -> int:
        """Start Envoy before services given as name → port, with limits that nothing here reaches; gives its port."""
        port = ports.choose(["envoy", "envoy-admin"], FOLDER / "ports.json")
        much = 1_000_000
        told = GatewaySettings(
            port=port["envoy"], admin_port=port["envoy-admin"], caller_per_second=much, caller_burst=much
        )
        before = {"identity": self._jwks.server_port, **upstreams}
        program = gateway.program(FOLDER / "envoy", told, {name: f"{HOST}:{port}" for name, port in before.items()})
        self._programs.start(program)
        self._programs.wait_ready([program], START_SECONDS)
        return told.port

    def pid(self, program: str) -> int:
        """The process id of a started program: `clients-api`, `floor-clients`."""
        return self._programs.pids()[program]

    def stop(self, *programs: str) -> None:
        """End programs that nothing needs any more."""
        for name in programs:
            self._programs.stop(name)
            self._started.pop(name, None)

    def token(self, user: str = "bench", branch: str = HQ) -> str:
        """A token of a user who may do everything in a branch."""
        now = int(time.time())
        claims = {
            "iss": "baoqiao",
            "aud": "baoqiao",
            "sub": user,
            "name": "测试员",
            "branch": branch,
            "grants": [{"branch": branch, "scopes": ["*"]}],
            "iat": now,
            "exp": now + TOKEN_SECONDS,
        }
        return jwt.encode({"alg": "ES256", "kid": "bench"}, claims, self._signing)

    async def knows_branches(self, database: str, count: int = 1) -> None:
        """Give a service headquarters and, below it, as many branches as make `count`: hq, b1, b2 …"""
        names = [HQ, *(f"b{number}" for number in range(1, count))]
        for name in names:
            parents = [{"parent": None if name == HQ else HQ, "from_on": "2020-01-01"}]
            document = {"v": 1, "code": name.upper(), "name": name, "region": "44", "parents": parents}
            await self.mongo[database]["copy_branches"].replace_one({"_id": name}, document, upsert=True)

    def key(self) -> str:
        """A fresh Idempotency-Key."""
        return new_id()

    def _told(self) -> dict[str, Any]:
        return {
            "mongo_url": self.mongo_url,
            "kafka_bootstrap": self.kafka_bootstrap,
            "keys_dir": FOLDER / "keys",
            "jwks_url": f"http://{HOST}:{self._jwks.server_port}/jwks",
        }

    def _start(self, name: str, program: Any) -> int:
        if name not in self._started:
            port = ports.choose([name], FOLDER / "ports.json")[name]
            started: Program = program(port)
            self._programs.start(started)
            self._programs.wait_ready([started], START_SECONDS)
            self._started[name] = port
        return self._started[name]


def _serve_keys(key_set: KeySet) -> ThreadingHTTPServer:
    """Stand in for identity: its public keys, from a thread of this process."""
    body = json.dumps(key_set.as_dict(private=False)).encode()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    return server
