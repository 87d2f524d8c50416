"""Keeping processes: each is started, asked until it answers, restarted when it dies, and stopped in the reverse order.

No child outlives its keeper, however the keeper ends: the kernel kills the children of a killed keeper.
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.1
RESTART_SECONDS = (1, 2, 5, 10, 30)

_libc = ctypes.CDLL(None)


class NotReady(Exception):
    """A program did not answer in time, or ended while it was waited for."""


@dataclass(frozen=True)
class Program:
    """A process to keep: its command, its additions to the environment, and the question that tells it is ready."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool]
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    stop_seconds: float = 10


@dataclass
class _Kept:
    program: Program
    process: subprocess.Popen[bytes]
    deaths: int = 0
    restart_at: float | None = None


class Programs:
    """The running programs of one keeper, in the order in which they were started.

    Everything is to be called from the main thread: the kernel ties the children's lives to the thread that made them.
    """

    def __init__(self, log_dir: Path, cwd: Path) -> None:
        self._log_dir = log_dir
        self._cwd = cwd
        self._kept: dict[str, _Kept] = {}
        log_dir.mkdir(parents=True, exist_ok=True)

    def start(self, program: Program) -> None:
        """Start a program and return at once."""
        self._kept.pop(program.name, None)
        self._kept[program.name] = _Kept(program, self._spawn(program))

    def wait_ready(self, programs: Iterable[Program], seconds: float) -> None:
        """Wait until every one of the programs answers.

        Raises:
            NotReady: one did not answer in `seconds`, or ended.
        """
        waiting = list(programs)
        deadline = time.monotonic() + seconds
        while waiting:
            for program in waiting:
                if (code := self._kept[program.name].process.poll()) is not None:
                    raise self._ended(program, code)
            waiting = [program for program in waiting if not program.ready()]
            if waiting and time.monotonic() > deadline:
                names = ", ".join(program.name for program in waiting)
                raise NotReady(f"no answer within {seconds:.0f} s from {names}: see {self._log_dir}")
            if waiting:
                time.sleep(POLL_SECONDS)

    def run(self, program: Program) -> None:
        """Run a program that ends by itself, to its end; its `ready` is not asked.

        Raises:
            NotReady: it ended with a code other than 0.
        """
        self.start(program)
        code = self._kept[program.name].process.wait()
        del self._kept[program.name]
        if code != 0:
            raise self._ended(program, code)

    def stop(self, name: str) -> None:
        """Ask a program to end, and kill it when it has not within its time."""
        self._end([self._kept.pop(name)])

    def kill(self, name: str) -> None:
        """End a program at once; it stays known, and may be started again."""
        process = self._kept[name].process
        process.kill()
        process.wait()

    def stop_all(self, groups: Iterable[Iterable[str]]) -> None:
        """Stop group after group; the programs of one group end at the same time, and what no group names ends last."""
        for names in groups:
            self._end([self._kept.pop(name) for name in names if name in self._kept])
        self._end([self._kept.pop(name) for name in reversed(list(self._kept))])

    def kill_all(self) -> None:
        """End everything at once."""
        for kept in self._kept.values():
            kept.process.kill()
        for kept in self._kept.values():
            kept.process.wait()
        self._kept.clear()

    def pids(self) -> dict[str, int]:
        """Return the process id of each kept program."""
        return {name: kept.process.pid for name, kept in self._kept.items()}

    def is_alive(self, name: str) -> bool:
        """Tell whether a kept program has not ended."""
        return self._kept[name].process.poll() is None

    def log_path(self, name: str) -> Path:
        """Where a program's output goes."""
        return self._log_dir / f"{name}.log"

    def mend(self, say: Callable[[str], None]) -> float | None:
        """Restart what died, after a pause that grows with each death; return the seconds until the next restart."""
        now = time.monotonic()
        for kept in self._kept.values():
            if kept.restart_at is None and (code := kept.process.poll()) is not None:
                pause = RESTART_SECONDS[min(kept.deaths, len(RESTART_SECONDS) - 1)]
                kept.deaths += 1
                kept.restart_at = now + pause
                say(f"{kept.program.name} ended with code {code}; again in {pause} s")
            if kept.restart_at is not None and kept.restart_at <= now:
                kept.restart_at = None
                kept.process = self._spawn(kept.program)
                say(f"{kept.program.name} started again")
        return min((kept.restart_at - now for kept in self._kept.values() if kept.restart_at is not None), default=None)

    def _ended(self, program: Program, code: int) -> NotReady:
        last_words = self.log_path(program.name).read_text(errors="replace").strip().rpartition("\n")[2]
        return NotReady(
            f"{program.name} ended with code {code}, see {self.log_path(program.name)}; last it said: {last_words}"
        )

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        with self.log_path(program.name).open("ab") as log:
            return subprocess.Popen(
                program.command,
                cwd=self._cwd,
                env={**os.environ, **program.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal reaches the keeper alone, which stops them in order
                preexec_fn=dies_with(os.getpid()),  # noqa: PLW1509 (two system calls, no lock taken)
            )

    @staticmethod
    def _end(several: list[_Kept]) -> None:
        for kept in several:
            kept.process.send_signal(signal.SIGCONT)
            kept.process.terminate()
        for kept in several:
            try:
                kept.process.wait(kept.program.stop_seconds)
            except subprocess.TimeoutExpired:
                kept.process.kill()
                kept.process.wait()


def dies_with(keeper: int) -> Callable[[], None]:
    """Return what a child runs before its command, so that the kernel kills it when its keeper is gone."""

    def bind_to_keeper() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())  # what the keeper holds back its children shall hear
        if os.getppid() != keeper:  # it went between fork and prctl
            os._exit(1)

    return bind_to_keeper
