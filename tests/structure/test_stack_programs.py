"""The keeper of the local stack: nothing is left behind, what dies comes back, the order of stopping holds."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from pymongo import MongoClient

from deploy.local import HOST, ROOT, keys, machine, ports, servers
from deploy.local.programs import NotReady, Program, Programs
from tests.support.waiting import until

SLEEP = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
)


def a_program(
    name: str, code: str = SLEEP, ready: Callable[[], bool] = lambda: True, stop_seconds: float = 5
) -> Program:
    return Program(name, (sys.executable, "-c", code), ready, stop_seconds=stop_seconds)


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    made = Programs(tmp_path / "log", ROOT)
    yield made
    made.kill_all()


def test_a_program_that_ends_while_it_is_waited_for_is_told_with_its_log(programs: Programs):
    broken = a_program("broken", "import sys; sys.exit('no disk')", ready=lambda: False)
    programs.start(broken)
    with pytest.raises(NotReady, match=r"broken ended with code 1, see .*broken\.log; last it said: no disk"):
        programs.wait_ready([broken], 10)


def test_a_program_that_never_answers_is_not_waited_for_for_ever(programs: Programs):
    mute = a_program("mute", ready=lambda: False)
    programs.start(mute)
    with pytest.raises(NotReady, match=r"no answer within 0 s from mute"):
        programs.wait_ready([mute], 0.2)


def test_a_program_that_died_is_started_again(programs: Programs):
    programs.start(a_program("mortal"))
    first = programs.pids()["mortal"]
    psutil.Process(first).kill()
    said: list[str] = []
    until(lambda: programs.mend(said.append) is None and programs.pids()["mortal"] != first)
    assert said == ["mortal ended with code -9; again in 1 s", "mortal started again"]


def test_a_program_that_was_stopped_stays_stopped(programs: Programs):
    programs.start(a_program("one"))
    pid = programs.pids()["one"]
    programs.stop("one")
    programs.mend(pytest.fail)
    assert programs.pids() == {}
    assert not psutil.pid_exists(pid)


def test_a_program_that_does_not_end_when_asked_is_killed(programs: Programs):
    programs.start(a_program("deaf", STUBBORN, stop_seconds=0.2))
    pid = programs.pids()["deaf"]
    until(lambda: "deaf" in programs.log_path("deaf").read_text())
    programs.stop("deaf")
    assert not psutil.pid_exists(pid)


def test_programs_end_in_the_order_that_is_named(programs: Programs, tmp_path: Path):
    told = tmp_path / "ends"
    last_word = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        f"    open({str(told)!r}, 'a').write(sys.argv[1] + ' ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('hears', flush=True)\n"
        "time.sleep(600)\n"
    )
    for name in ("database", "broker", "service"):
        programs.start(Program(name, (sys.executable, "-c", last_word, name), lambda: True))
    until(lambda: all("hears" in programs.log_path(name).read_text() for name in programs.pids()))
    programs.stop_all([["service"], ["broker"], ["database"]])
    assert told.read_text().split() == ["service", "broker", "database"]


def test_a_killed_keeper_leaves_no_orphan(tmp_path: Path):
    keeper = (
        "import time\n"
        "from pathlib import Path\n"
        "from deploy.local.programs import Program, Programs\n"
        f"programs = Programs(Path({str(tmp_path)!r}), Path('.'))\n"
        f"programs.start(Program('child', ({sys.executable!r}, '-c', {SLEEP!r}), lambda: True))\n"
        "print(programs.pids()['child'], flush=True)\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", keeper], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    assert psutil.pid_exists(child)
    process.kill()
    process.communicate()
    until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)


def test_a_port_is_remembered_while_it_is_free_and_chosen_anew_when_it_is_taken(tmp_path: Path):
    memory = tmp_path / "ports.json"
    first = ports.choose(["a", "b"], memory)
    assert ports.choose(["a", "b"], memory) == first
    with socket.socket() as taken:
        taken.bind((HOST, first["a"]))
        taken.listen()
        second = ports.choose(["a", "b"], memory)
    assert second["a"] != first["a"]
    assert second["b"] == first["b"]


def test_keys_and_the_first_password_are_made_once_and_for_the_owner_alone(tmp_path: Path):
    keys.field_keys(tmp_path / "keys")
    keys.admin_password(tmp_path / "password")
    made = [tmp_path / "keys" / "field-keys.json", tmp_path / "password"]
    before = [file.read_text() for file in made]
    keys.field_keys(tmp_path / "keys")
    keys.admin_password(tmp_path / "password")
    assert [file.read_text() for file in made] == before
    assert [file.stat().st_mode & 0o077 for file in [tmp_path / "keys", *made]] == [0, 0, 0]


def test_the_servers_keep_their_data_over_a_restart_even_on_another_port(run_dir: Path):
    folder = run_dir / "restarted"
    first = servers.start(folder)
    with MongoClient[dict[str, object]](first.mongo_url) as client:
        client.kept.notes.insert_one({"_id": 1, "says": "still here"})
    first.stop()
    with socket.socket() as taken:
        taken.bind((HOST, int(first.mongo_url.rpartition(":")[2].partition("/")[0])))
        second = servers.start(folder)
        with MongoClient[dict[str, object]](second.mongo_url) as client:
            found = client.kept.notes.find_one({"_id": 1})
        second.stop()
    assert second.mongo_url != first.mongo_url
    assert found == {"_id": 1, "says": "still here"}


def test_a_gateway_port_that_is_taken_is_told_in_one_line(run_dir: Path):
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "deploy.local", "run", "--dir", str(run_dir / "taken"), "--port", str(port)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == f"Port {port} of {HOST} is in use; name another one: make run BAOQIAO_PORT=8090\n"


def test_a_missing_system_library_is_told_in_one_line_with_its_remedy():
    lacking = (
        "from deploy.local import machine\n"
        "machine.LIBRARIES = {'libnowhere.so.9': 'apt install nowhere'}\n"
        "print(machine.lacks())"
    )
    ended = subprocess.run([sys.executable, "-c", lacking], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout == "MongoDB needs the system library libnowhere.so.9; apt install nowhere\n"


def test_this_machine_lacks_nothing():
    assert machine.lacks() is None


def test_an_order_without_a_running_stack_is_told_in_one_line(run_dir: Path):
    command = [sys.executable, "-m", "deploy.local", "status", "--dir", str(run_dir / "nothing")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (1, "Baoqiao does not run here; start it: make run\n")


def test_signals_that_the_keeper_holds_back_still_reach_its_children(programs: Programs):
    held = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM,))
    try:
        programs.start(a_program("child", stop_seconds=60))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
    began = time.monotonic()
    programs.stop("child")
    assert time.monotonic() - began < 30
