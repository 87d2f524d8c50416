"""Everything under one keeper: started in order, kept running, told to stop one part or all, stopped in order."""

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from chassis.settings import read
from deploy.envoy.render import GatewaySettings
from deploy.local import HOST, ROOT, gateway, kafka, keys, mail, mongo, ports, services
from deploy.local.programs import Program, Programs

SERVERS_SECONDS = 90
SERVICES_SECONDS = 120
LOGIN = "admin"
OPERATOR = "chassis.operating.__main__"
COMPANY = "沐渡保险经纪有限公司"


class AlreadyRunning(Exception):
    """Another stack uses the same folder."""


class PortTaken(Exception):
    """Something else listens where the gateway should."""


class UnknownProgram(Exception):
    """There is no program of that name."""


class Stack:
    """All programs of one folder. Not thread-safe: to be used from the main thread alone."""

    def __init__(self, folder: Path, gateway_port: int, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._access = folder.resolve() / "access"
        self._gateway_port = gateway_port
        self._say = say
        self._programs = Programs(folder / "log", ROOT)
        self._known: dict[str, Program] = {}
        self._env: dict[str, str] = {}

    def start(self) -> None:
        """Start everything and wait until all of it answers; load the demonstration company into a new database.

        Raises:
            PortTaken: the gateway's port is in use.
            NotReady: a program did not come up.
            WrongSettings: the environment tells the gateway something wrong.
        """
        if not ports.is_free(self._gateway_port):
            raise PortTaken(
                f"Port {self._gateway_port} of {HOST} is in use; name another one: make run BAOQIAO_PORT=8090"
            )
        keys.field_keys(self._folder / "keys")
        keys.admin_password(self.password_file)
        names = services.discover()
        keys.access(self._access, names)
        roles = [f"{name}-{role}" for name in names for role in services.ROLES]
        fixed = ["mongod", "kafka", "kafka-controller", "mail", "envoy-admin", "identity-api"]
        port = ports.choose(dict.fromkeys([*fixed, *roles]), self._folder / "ports.json")
        self._start_group("MongoDB, Kafka, mail sink", self._servers(port), SERVERS_SECONDS)
        self._env = services.environment(self._folder, port, mongo.url(port["mongod"]))
        self._secure(names)
        ours = [
            services.program(name, role, port[f"{name}-{role}"], self._env | services.own(name, self._access))
            for name in names
            for role in services.ROLES
        ]
        self._start_group("Services", ours, SERVICES_SECONDS)
        self._start_group("Gateway", [self._gateway(port, names)], SERVERS_SECONDS)  # identity's keys are there for it
        self._load_company()

    @property
    def password_file(self) -> Path:
        """Where the demonstration company's first password stands."""
        return self._folder / "admin-password"

    def stop(self) -> None:
        """Stop everything in order: our services, then what they need."""
        ours = [name for name in self._known if name.endswith(services.ROLES)]
        self._programs.stop_all([ours, ["envoy", "mail"], ["kafka"], ["mongod"]])

    def kill(self) -> None:
        """End everything at once."""
        self._programs.kill_all()

    def mend(self) -> None:
        """Restart what died."""
        self._programs.mend(self._say)

    def pids(self) -> dict[str, int]:
        """Return the process id of each running program."""
        return self._programs.pids()

    def stop_one(self, name: str) -> None:
        """Stop one program, or both roles of a service, until it is started again.

        Raises:
            UnknownProgram: there is none of that name.
        """
        for program in self._named(name):
            if program.name in self.pids():
                self._programs.stop(program.name)
                self._say(f"{program.name} stopped")

    def start_one(self, name: str) -> None:
        """Start what was stopped and wait until it answers.

        Raises:
            UnknownProgram: there is none of that name.
            NotReady: it did not come up.
        """
        wanted = [program for program in self._named(name) if program.name not in self.pids()]
        for program in wanted:
            self._programs.start(program)
        self._programs.wait_ready(wanted, SERVERS_SECONDS)
        for program in wanted:
            self._say(f"{program.name} started")

    def _named(self, name: str) -> list[Program]:
        names = [name, *(f"{name}-{role}" for role in services.ROLES)]
        found = [self._known[each] for each in names if each in self._known]
        if not found:
            raise UnknownProgram(f"There is no {name}; there are {', '.join(self._known)}")
        return found

    def _servers(self, port: Mapping[str, int]) -> list[Program]:
        return [
            mongo.program(self._folder / "mongo", port["mongod"], self._access),
            kafka.program(self._folder / "kafka", port["kafka"], port["kafka-controller"], self._access),
            mail.program(self._folder / "mail", port["mail"]),
        ]

    def _gateway(self, port: Mapping[str, int], names: Iterable[str]) -> Program:
        settings = read(GatewaySettings, port=self._gateway_port, admin_port=port["envoy-admin"])
        upstreams = {name: f"{HOST}:{port[f'{name}-api']}" for name in dict.fromkeys(["identity", *names])}
        return gateway.program(self._folder / "envoy", settings, upstreams)

    def _start_group(self, title: str, programs: Iterable[Program], seconds: float) -> None:
        began = time.monotonic()
        wanted = list(programs)
        for program in wanted:
            self._known[program.name] = program
            self._programs.start(program)
        self._programs.wait_ready(wanted, seconds)
        self._say(f"{title}: ready after {time.monotonic() - began:.1f} s")

    def _secure(self, names: Iterable[str]) -> None:
        began = time.monotonic()
        arguments = ("secure", *names, "--access", str(self._access))
        told = self._env | services.administrator(self._access)
        if program := services.once(OPERATOR, arguments, told):
            self._programs.run(program)
            self._say(f"Users and rights: as they must be after {time.monotonic() - began:.1f} s")

    def _load_company(self) -> None:
        loaded = self._folder / "company-loaded"
        if loaded.exists():
            return
        arguments = ("--login", LOGIN, "--password-file", str(self.password_file.resolve()))
        env = self._env | services.own("identity", self._access)
        for title, module, words in (
            ("First administrator", OPERATOR, ("admin", "create", *arguments, "--headquarters", COMPANY)),
            (
                "Demonstration company",
                "deploy.local.company",
                (*arguments, "--address", f"http://{HOST}:{self._gateway_port}"),
            ),
        ):
            if program := services.once(module, words, env):
                began = time.monotonic()
                self._programs.run(program)
                self._say(f"{title}: made after {time.monotonic() - began:.1f} s")
        loaded.touch()


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder for this process alone.

    Raises:
        AlreadyRunning: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "running").open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.seek(0)
            raise AlreadyRunning(f"Baoqiao already runs here (process {held.read().strip()})") from None
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield
