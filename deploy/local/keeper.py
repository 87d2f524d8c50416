"""The foreground process of `run`: keeps the stack, hears Ctrl-C, and takes orders from `stop`, `start`, `restart`."""

import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from chassis.settings import WrongSettings
from deploy.local import HOST
from deploy.local.programs import NotReady
from deploy.local.stack import LOGIN, AlreadyRunning, PortTaken, Stack, UnknownProgram, alone_in

LOOK_SECONDS = 1
ORDER_SECONDS = 90


class Ended(BaseException):
    """Somebody asked this process to end."""


def run(folder: Path, gateway_port: int) -> int:
    """Run the stack of a folder until it is told to end; return the exit code."""
    try:
        with alone_in(folder):
            return _keep(Stack(folder, gateway_port, _say), folder, gateway_port)
    except AlreadyRunning as refusal:
        print(refusal, file=sys.stderr)
        return 1


def order(folder: Path, words: str) -> int:
    """Give an order (`stop kafka`, `start kafka`, `restart clients-worker`, `status`) to the running stack, and print
    what it answers; return the exit code."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ORDER_SECONDS)
        try:
            connection.connect(str(_door(folder)))
        except OSError:
            print("Baoqiao does not run here; start it: make run", file=sys.stderr)
            return 1
        connection.sendall(words.encode() + b"\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b"")).decode()
    outcome, _, text = answer.partition("\n")
    print(text, end="")
    return 0 if outcome == "done" else 1


def _keep(stack: Stack, folder: Path, gateway_port: int) -> int:
    def end(number: int, frame: FrameType | None) -> None:
        raise Ended

    _on_end(end)
    try:
        stack.start()
        _say(f"\nBaoqiao answers at http://{HOST}:{gateway_port}/api/")
        _say(f"Sign in as {LOGIN}; the password stands in {stack.password_file} (demonstration company only)")
        _say("Ctrl-C stops everything; the data stay. Logs: " + str(folder / "log"))
        _serve(stack, folder)
        return 0
    except (PortTaken, NotReady, WrongSettings) as failure:
        print(failure, file=sys.stderr)
        return 1
    except Ended:
        _say("\nStopping")
        return 0
    finally:
        _stop(stack)


def _stop(stack: Stack) -> None:
    def kill(number: int, frame: FrameType | None) -> None:
        stack.kill()

    _on_end(kill)  # who asks twice does not want to wait
    stack.stop()


def _on_end(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        signal.signal(signal.SIGHUP, handler)


def _serve(stack: Stack, folder: Path) -> None:
    door = _door(folder)
    door.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listening, selectors.DefaultSelector() as waiting:
        listening.bind(str(door))
        listening.listen()
        waiting.register(listening, selectors.EVENT_READ)
        while True:
            for _ in waiting.select(LOOK_SECONDS):
                connection, _ = listening.accept()
                with connection:
                    _obey(stack, connection)
            stack.mend()


def _obey(stack: Stack, connection: socket.socket) -> None:
    connection.settimeout(LOOK_SECONDS)
    try:
        verb, _, name = connection.makefile().readline().strip().partition(" ")
        connection.settimeout(ORDER_SECONDS)
        connection.sendall(_answer(stack, verb, name).encode())
    except OSError:
        return  # who gave the order has gone


def _answer(stack: Stack, verb: str, name: str) -> str:
    def restart(name: str) -> None:
        stack.stop_one(name)
        stack.start_one(name)

    if verb == "status":
        return "done\n" + "".join(f"{name} {pid}\n" for name, pid in stack.pids().items())
    orders: dict[str, Callable[[str], None]] = {"stop": stack.stop_one, "start": stack.start_one, "restart": restart}
    try:
        orders[verb](name)
    except (UnknownProgram, NotReady) as failure:
        return f"failed\n{failure}\n"
    return "done\n"


def _door(folder: Path) -> Path:
    return Path(os.path.relpath(folder / "orders.sock"))  # a socket's path must be short


def _say(line: str) -> None:
    print(line, flush=True)
