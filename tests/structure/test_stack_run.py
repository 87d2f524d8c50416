"""`make run`, as a person meets it: it starts, answers, obeys, outlives a kill, keeps its data, and ends clean."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.local import HOST, ROOT, ports, services
from deploy.local.programs import dies_with
from tests.support.waiting import until

COMMAND = (sys.executable, "-m", "deploy.local")
READY_SECONDS = 300  # the demonstration company is loaded, and other work may keep the machine busy


def deploy_local(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], cwd=ROOT, capture_output=True, text=True, check=False)


class Run:
    """One running `run` over a folder of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.output = folder.with_suffix(".out")
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [*COMMAND, "run", "--dir", str(folder), "--port", str(port)],
                cwd=ROOT,
                stdout=output,
                stderr=output,
                preexec_fn=dies_with(os.getpid()),  # noqa: PLW1509 (a killed test run leaves nothing behind either)
            )
        until(lambda: "Sign in as admin" in self.says() or self.process.poll() is not None, READY_SECONDS)
        assert self.process.poll() is None, self.says()

    def says(self) -> str:
        return self.output.read_text()

    def order(self, *words: str) -> str:
        done = deploy_local(*words, "--dir", str(self.folder))
        assert done.returncode == 0, done.stderr
        return done.stdout

    def pids(self) -> dict[str, int]:
        return {name: int(pid) for name, pid in (line.split() for line in self.order("status").splitlines())}

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://{HOST}:{self.port}{path}", timeout=30)

    def end(self, how: signal.Signals) -> int:
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(how)
        code = self.process.wait(60)
        _, alive = psutil.wait_procs(children, 10)
        assert alive == []
        return code


@pytest.fixture(scope="module")
def running(run_dir: Path) -> Iterator[Run]:
    folder = run_dir / "run"
    folder.mkdir()
    run = Run(folder, ports.choose(["gateway"], folder / "gateway.json")["gateway"])
    yield run
    if run.process.poll() is None:
        run.end(signal.SIGTERM)


def test_every_role_of_every_service_runs_beside_its_servers(running: Run):
    ours = {f"{name}-{role}" for name in services.discover() for role in services.ROLES}
    assert set(running.pids()) == {"mongod", "kafka", "mail", "envoy"} | ours


def test_the_gateway_answers_for_every_service_and_hides_what_is_inside(running: Run):
    for name in services.discover():
        assert running.get(f"/api/{name}/openapi.json").status_code == 200
        assert running.get(f"/api/{name}/anything").status_code == 401
        assert running.get(f"/api/{name}/metrics").status_code == 404


def test_the_operators_command_finds_nothing_wrong(running: Run):
    told = dict(re.findall(r"export (\w+)='(.*)'", running.order("environment")))
    done = subprocess.run(
        [ROOT / "baoqiao", "doctor"],
        env=os.environ | told | {"LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_listens_beyond_this_machine(running: Run):
    listening = {
        connection.laddr.ip
        for pid in [running.process.pid, *running.pids().values()]
        for connection in psutil.Process(pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening <= {HOST, f"::ffff:{HOST}"}


def test_one_role_is_restarted_while_the_rest_stays(running: Run):
    before = running.pids()
    name = f"{services.discover()[0]}-api"
    running.order("restart", name)
    after = running.pids()
    assert after.pop(name) != before.pop(name)
    assert after == before


def test_a_second_run_over_the_same_data_is_refused_in_one_line(running: Run):
    second = deploy_local("run", "--dir", str(running.folder), "--port", "1")
    assert second.returncode == 1
    assert re.fullmatch(r"Baoqiao already runs here \(process \d+\)\n", second.stderr)


def test_killed_it_leaves_nothing_behind_and_the_next_start_goes_on_with_the_same_data(running: Run):
    password = (running.folder / "admin-password").read_text()
    running.end(signal.SIGKILL)
    again = Run(running.folder, running.port)
    assert "company" not in again.says().split("Baoqiao answers")[0]
    assert (running.folder / "admin-password").read_text() == password
    assert again.end(signal.SIGINT) == 0
