"""Processes of a service: started side by side, loaded, and ended by SIGTERM."""

import asyncio
import json
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pymongo import MongoClient

from chassis.clock import utc_now
from deploy.local import HOST, ROOT, keys, ports
from deploy.local.http import is_ok
from deploy.local.programs import Program, Programs
from tests.support.service import SIGNING, MovableClock, a_token
from tests.support.waiting import eventually

CALLERS = 8
MOST_MIB = 120


class Processes:
    """Both roles of the sample service as processes on one database."""

    def __init__(self, folder: Path, mongo_url: str, kafka_bootstrap: str) -> None:
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
        self.port = ports.choose(["api", "worker", "worker-2"], folder / "ports.json")

    def program(self, name: str) -> Program:
        """One role; the name's first part says which."""
        port = self.port[name]
        command = (sys.executable, "-m", "tests.support.sample_process", name.partition("-")[0], str(port))
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


@pytest.fixture
def processes(run_dir: Path, mongo_url: str, kafka_bootstrap: str) -> Iterator[Processes]:
    folder = run_dir / f"processes-{secrets.token_hex(3)}"
    folder.mkdir()
    running = Processes(folder, mongo_url, kafka_bootstrap)
    yield running
    running.programs.stop_all([])
    running.database.client.drop_database(running.database.name)
    running.database.client.close()


async def post_until(stop: asyncio.Event, port: int, caller: int) -> list[str]:
    """Post parcels one after the other, each again under its key until it is answered; gives the ids told."""
    told: list[str] = []
    token = a_token("ann", {"hq": ["*"]}, MovableClock(utc_now()))
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", timeout=30) as http:
        while not stop.is_set():
            label = f"{caller}-{len(told)}"

            async def answered(label: str = label) -> httpx.Response | None:
                headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": label}
                try:
                    return await http.post("/parcels", json={"label": label, "value": {"amount": "1"}}, headers=headers)
                except httpx.TransportError:
                    return None

            answer = await eventually(answered, "an answer")
            assert answer is not None
            assert answer.status_code == 201, answer.text
            told.append(answer.json()["id"])
    return told


async def test_an_api_that_is_ended_under_load_loses_no_request_and_doubles_none(processes: Processes):
    processes.start("api", "worker", "worker-2")
    stop, port = asyncio.Event(), processes.port["api"]
    callers = [asyncio.create_task(post_until(stop, port, caller)) for caller in range(CALLERS)]

    async def some(count: int) -> bool:
        return await asyncio.to_thread(processes.database["parcels"].estimated_document_count) >= count

    await eventually(lambda: some(100), "the first hundred")
    await asyncio.to_thread(processes.programs.stop, "api")
    assert processes.log("api").count('"level": "error"') == 0
    kept = processes.database["parcels"].count_documents({})
    processes.programs.start(processes.program("api"))
    await eventually(lambda: some(kept + 100), "a hundred more")
    stop.set()
    told = [parcel for ids in await asyncio.gather(*callers) for parcel in ids]
    assert len(told) == len(set(told)) == processes.database["parcels"].count_documents({})

    await asyncio.to_thread(processes.programs.stop, "worker")

    async def all_copied() -> bool:
        return await asyncio.to_thread(processes.database["copy_parcels"].count_documents, {}) == len(told)

    await eventually(all_copied, "a copy of each, by the worker that is left", within=60)
    assert processes.database["event_log"].count_documents({}) == len(told)
    assert processes.database["parked"].count_documents({}) == 0
    memory = {name: processes.mebibytes(name) for name in processes.programs.pids()}
    assert max(memory.values()) < MOST_MIB, memory


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
