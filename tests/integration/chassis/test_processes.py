"""Processes of a service: started side by side, loaded, and ended by SIGTERM."""

import asyncio
import json
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from chassis.clock import utc_now
from deploy.local import HOST, ROOT, keys, ports
from deploy.local.http import is_ok
from deploy.local.programs import Program, Programs
from tests.support.servers import StartEnvoy
from tests.support.service import SIGNING, MovableClock, a_token
from tests.support.waiting import eventually

CALLERS = 8
MOST_MIB = 120


class Processes:
    """Both roles of the sample service as processes on one database."""

    def __init__(self, folder: Path, mongo_url: str, kafka_bootstrap: str) -> None:
        self.folder = folder
        self.namespace = f"t{secrets.token_hex(6)}_"
        self.database = MongoClient(mongo_url)[f"{self.namespace}sample"]
        self.database["copy_branches"].insert_one(
            {"_id": "hq", "v": 1, "code": "HQ", "name": "hq", "parents": [{"parent": None, "from_on": "2020-01-01"}]}
        )
        keys.field_keys(folder / "keys")
        (folder / "jwks.json").write_text(json.dumps({"keys": [SIGNING.as_dict(private=False)]}))
        self._env = {
            "BAOQIAO_MONGO_URL": mongo_url,
            "BAOQIAO_KAFKA_BOOTSTRAP": kafka_bootstrap,
            "BAOQIAO_NAMESPACE": self.namespace,
            "BAOQIAO_KEYS_DIR": str(folder / "keys"),
            "BAOQIAO_JWKS_URL": (folder / "jwks.json").resolve().as_uri(),
            "BAOQIAO_TOPIC_PARTITIONS": "2",
        }
        self.programs = Programs(folder / "log", ROOT)
        names = ["api", "worker", "worker-2", "api-next", "worker-next", "keys"]
        self.port = ports.choose(names, folder / "ports.json")

    def program(self, name: str) -> Program:
        """One role; the name's first part says which, and `-next` that it runs the next version."""
        port = self.port[name]
        module = "tests.support.sample_next" if name.endswith("-next") else "tests.support.sample_process"
        command = (sys.executable, "-m", module, name.partition("-")[0], str(port))
        return Program(name, command, lambda: is_ok(port, "/readyz"), self._env, stop_seconds=25)

    def start(self, *names: str) -> None:
        """Start at the same moment and wait until all are ready."""
        programs = [self.program(name) for name in names]
        for program in programs:
            self.programs.start(program)
        self.programs.wait_ready(programs, 60)

    def mebibytes(self, name: str) -> int:
        """Resident memory of a process."""
        status = Path(f"/proc/{self.programs.pids()[name]}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) // 1024

    def log(self, name: str) -> str:
        """What a process wrote."""
        return self.programs.log_path(name).read_text()

    def count(self, collection: str, **condition: Any) -> int:
        """How many documents."""
        return self.database[collection].count_documents(condition)

    def epoch(self) -> int:
        """How often the lease of the workers has changed hands."""
        [lease] = self.database["leases"].find({"_id": "worker"})
        return lease["epoch"]

    def relays(self, name: str) -> bool:
        """Whether this worker has published anything."""
        metrics = httpx.get(f"http://{HOST}:{self.port[name]}/metrics").text
        return 'baoqiao_relayed_total{service="sample",' in metrics

    def gateway(self, envoy: StartEnvoy) -> str:
        """Start Envoy before the api; the address of the service behind it."""
        (self.folder / "jwks").write_text((self.folder / "jwks.json").read_text())
        serve = (sys.executable, "-m", "http.server", str(self.port["keys"]), "--bind", HOST, "-d", str(self.folder))
        keys = Program("keys", serve, lambda: is_ok(self.port["keys"], "/jwks"))
        self.programs.start(keys)
        self.programs.wait_ready([keys], 60)
        unbounded = {"caller_per_second": 10_000, "caller_burst": 10_000}
        port = envoy({"identity": self.port["keys"], "sample": self.port["api"]}, **unbounded)
        return f"http://{HOST}:{port}/api/sample"


@pytest.fixture
def processes(run_dir: Path, mongo_url: str, kafka_bootstrap: str) -> Iterator[Processes]:
    folder = run_dir / f"processes-{secrets.token_hex(3)}"
    folder.mkdir()
    running = Processes(folder, mongo_url, kafka_bootstrap)
    yield running
    running.programs.stop_all([])
    running.database.client.drop_database(running.database.name)
    running.database.client.close()


async def post_until(stop: asyncio.Event, address: str, caller: int) -> list[str]:
    """Post parcels one after the other, each again under its key until it is answered; gives the ids told."""
    told: list[str] = []
    token = a_token("ann", {"hq": ["*"]}, MovableClock(utc_now()))
    async with httpx.AsyncClient(base_url=address, timeout=30) as http:
        while not stop.is_set():
            label = f"{caller}-{len(told)}"

            async def answered(label: str = label) -> httpx.Response | None:
                headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": label}
                try:
                    body = {"label": label, "value": {"amount": "1"}}
                    answer = await http.post("/parcels", json=body, headers=headers)
                except httpx.TransportError:
                    return None
                return None if answer.status_code == 503 else answer  # the gateway's, while nothing is behind it

            answer = await eventually(answered, "an answer")
            assert answer is not None
            assert answer.status_code == 201, answer.text
            told.append(answer.json()["id"])
    return told


@asynccontextmanager
async def load(processes: Processes, address: str, callers: int = CALLERS) -> AsyncIterator[list[str]]:
    """Callers that post all the while; afterwards every id that one was told is in the list."""
    stop, told = asyncio.Event(), list[str]()
    posting = [asyncio.create_task(post_until(stop, address, caller)) for caller in range(callers)]
    await at_least(processes, "parcels", 100)
    yield told
    stop.set()
    told += [parcel for ids in await asyncio.gather(*posting) for parcel in ids]


async def at_least(processes: Processes, collection: str, count: int) -> None:
    async def there() -> bool:
        return await asyncio.to_thread(processes.count, collection) >= count

    await eventually(there, f"{count} in {collection}", within=60)


async def assert_each_once(processes: Processes, told: list[str]) -> None:
    """Everything that a caller was told is there once, was told once, and is copied; nothing else is there."""
    assert len(told) == len(set(told)) == processes.count("parcels")
    await at_least(processes, "copy_parcels", len(told))
    await at_least(processes, "event_log", len(told))
    assert (processes.count("copy_parcels"), processes.count("event_log")) == (len(told), len(told))
    assert processes.count("parked") == 0


async def test_an_api_and_a_worker_ended_under_load_behind_the_gateway_lose_no_request_and_double_none(
    processes: Processes, envoy: StartEnvoy
):
    processes.start("api", "worker", "worker-2")
    address = await asyncio.to_thread(processes.gateway, envoy)
    async with load(processes, address) as told:
        await asyncio.to_thread(processes.programs.stop, "api")
        assert processes.log("api").count('"level": "error"') == 0
        kept = processes.count("parcels")
        processes.programs.start(processes.program("api"))
        await at_least(processes, "parcels", kept + 50)
        await asyncio.to_thread(processes.programs.stop, "worker")  # in the midst of what it relays and consumes
        assert processes.log("worker").count('"level": "error"') == 0
        await at_least(processes, "parcels", processes.count("parcels") + 50)
    await assert_each_once(processes, told)
    memory = {name: processes.mebibytes(name) for name in processes.programs.pids()}
    assert max(memory.values()) < MOST_MIB, memory


async def test_a_worker_stopped_for_longer_than_its_lease_and_resumed_beside_the_next_loses_and_doubles_nothing(
    processes: Processes,
):
    processes.start("api", "worker", "worker-2")
    async with load(processes, f"http://{HOST}:{processes.port['api']}", callers=2) as told:
        await at_least(processes, "event_log", 50)
        [holder] = [name for name in ("worker", "worker-2") if processes.relays(name)]
        epoch = processes.epoch()
        os.kill(processes.programs.pids()[holder], signal.SIGSTOP)

        async def taken_over() -> bool:
            return await asyncio.to_thread(processes.epoch) > epoch

        await eventually(taken_over, "the other takes the lease", within=60)
        os.kill(processes.programs.pids()[holder], signal.SIGCONT)
        await at_least(processes, "event_log", processes.count("event_log") + 50)
    await assert_each_once(processes, told)


async def test_old_and_new_code_side_by_side_serve_the_same_documents_and_events_and_lose_nothing(processes: Processes):
    await asyncio.to_thread(processes.start, "api", "worker", "api-next", "worker-next")
    token = a_token("ann", {"hq": ["*"]}, MovableClock(utc_now()))

    async def ask(api: str, method: str, path: str, match: int | None = None, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": secrets.token_hex(8)}
        if match is not None:
            headers["If-Match"] = f'"{match}"'
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{processes.port[api]}", timeout=30) as http:
            answer = await http.request(method, path, headers=headers, json=body or None)
        assert answer.is_success, answer.text
        return answer.json()

    async def post(api: str, label: str, **more: Any) -> str:
        return (await ask(api, "POST", "/parcels", label=label, value={"amount": "1"}, **more))["id"]

    old = [await post("api", f"old {n}") for n in range(10)]
    new = [await post("api-next", f"new {n}", weight_g=5) for n in range(10)]
    for parcel in old:  # the newer code changes what the older wrote, and tells a fact that the older does not know
        assert (await ask("api-next", "POST", f"/parcels/{parcel}/weight", 1))["weight_g"] == 7
        await ask("api", "POST", f"/parcels/{parcel}/delivery", 2)
    for parcel in new:  # the older code reads and changes what the newer wrote
        assert (await ask("api", "GET", f"/parcels/{parcel}"))["version"] == 1
        await ask("api", "POST", f"/parcels/{parcel}/delivery", 1)
    assert len((await ask("api", "GET", "/parcels"))["items"]) == 20
    for parcel, grams in [*((parcel, 7) for parcel in old), *((parcel, 5) for parcel in new)]:
        shown = await ask("api-next", "GET", f"/parcels/{parcel}")
        assert (shown["weight_g"], shown["status"]) == (grams, "delivered"), "the older code kept the weight"

    await at_least(processes, "copy_parcels", 20)
    await at_least(processes, "event_log", 50)
    await asyncio.to_thread(processes.programs.stop, "worker")
    new.append(await post("api", "of the old api, for the new worker"))
    await at_least(processes, "copy_parcels", 21)
    assert processes.count("event_log") == 51
    assert processes.count("parked") == 0
    for name in ("api", "worker", "api-next", "worker-next"):
        assert '"level": "error"' not in processes.log(name)


def test_roles_that_start_at_the_same_moment_make_the_indexes_once(processes: Processes):
    processes.start("api", "worker", "worker-2")
    assert {"_id_", "label", "outbox"} <= set(processes.database["parcels"].index_information())
    for name in ("api", "worker", "worker-2"):
        assert '"level": "error"' not in processes.log(name)


def test_an_index_that_stands_in_another_form_is_told_and_the_service_works(processes: Processes):
    processes.database["parcels"].create_index([("label", 1)], name="label")
    processes.start("api", "worker")
    for name in ("api", "worker"):
        told = [json.loads(line) for line in processes.log(name).splitlines() if '"level": "error"' in line]
        assert [(line["collection"], line["index"]) for line in told] == [("parcels", "label")]
    assert "outbox" in processes.database["parcels"].index_information(), "the others are made all the same"
