"""What the operator's commands share: two languages, services by name, errors that say what to do, progress."""

import asyncio
import importlib
import importlib.util
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from aiokafka.errors import KafkaError
from pymongo.errors import OperationFailure, PyMongoError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from chassis.faults import is_away
from chassis.serve import service_named
from chassis.service import Host
from chassis.starting import started

T = TypeVar("T")
INTERRUPTED = 130
REFUSED = (13, 18)
"""Unauthorized, AuthenticationFailed."""
console = Console(highlight=False, soft_wrap=True)
aside = Console(stderr=True, highlight=False, soft_wrap=True)


class Told(Exception):
    """Something is not as the command needs it; its text, in the operator's language, says what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(say(zh, en))


def say(zh: str, en: str) -> str:
    """The text in the operator's language: Chinese where the locale says so, English elsewhere."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return zh if locale.startswith("zh") else en


def tell(zh: str, en: str) -> None:
    """Print a line in the operator's language."""
    console.print(say(zh, en), markup=False)


ServiceName = Annotated[str, typer.Argument(help=say("服务名,如 placement", "a service: identity, clients, …"))]
ServiceNames = Annotated[
    list[str] | None, typer.Argument(help=say("服务名;缺省为全部", "services; all of them when none is named"))
]
OneTopic = Annotated[
    str | None, typer.Option("--topic", help=say("仅此主题,如 clients.clients", "only this topic: clients.clients"))
]
Anew = Annotated[bool, typer.Option("--anew", help=say("不接着上次中断处", "not from where it stopped"))]


def all_services() -> list[str]:
    """The services whose code is here: in an image one, else all."""
    found = importlib.util.find_spec("services")
    places = found.submodule_search_locations if found and found.submodule_search_locations else ()
    return sorted(file.parent.name for place in places for file in Path(place).glob("*/service.py"))


def add_commands_of_services(app: typer.Typer) -> None:
    """Add the operator's commands that services bring: `services/<service>/commands.py` says how, by `add_to(app)`."""
    for name in all_services():
        if importlib.util.find_spec(f"services.{name}.commands"):
            importlib.import_module(f"services.{name}.commands").add_to(app)


@asynccontextmanager
async def at(service: str) -> AsyncIterator[Host]:
    """A service as its own processes see it."""
    host = started(service_named(service))
    try:
        yield host
    finally:
        await host.db.close()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command to its end. A fault that an operator can mend is told in a sentence, and the command ends with 1;
    Ctrl-C ends it at a place from which it goes on."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        tell("已中断;再次运行即从此处继续", "Interrupted; run it again and it goes on from here")
        raise typer.Exit(INTERRUPTED) from None
    except Told as error:
        aside.print(str(error), markup=False)
        raise typer.Exit(1) from error
    except (PyMongoError, KafkaError, OSError) as error:
        if (told := fault(error)) is None:
            raise
        aside.print(say("{}:{}。{}", "{}: {}. {}").format(*told), markup=False)
        raise typer.Exit(1) from error


def fault(error: Exception) -> tuple[str, str, str] | None:
    """What is at fault when a server cannot be worked with, how it shows, and what to do; None for another fault."""
    shown = f"{type(error).__name__}"
    if isinstance(error, KafkaError):
        todo = say(
            "请检查 BAOQIAO_KAFKA_BOOTSTRAP,以及 Kafka 是否运行",
            "Look at BAOQIAO_KAFKA_BOOTSTRAP, and whether Kafka runs",
        )
        return "Kafka", say(f"未应答({shown})", f"does not answer ({shown})"), todo
    if isinstance(error, PyMongoError) and is_away(error):
        todo = say(
            "请检查 BAOQIAO_MONGO_URL,以及副本集是否有主节点",
            "Look at BAOQIAO_MONGO_URL, and whether the replica set has a primary",
        )
        return "MongoDB", say(f"未应答({shown})", f"does not answer ({shown})"), todo
    if isinstance(error, OperationFailure) and error.code in REFUSED:
        todo = say(
            "请在 BAOQIAO_MONGO_USER 与 BAOQIAO_MONGO_PASSWORD_FILE 中指明有此权限的用户",
            "Name one that may do this in BAOQIAO_MONGO_USER and BAOQIAO_MONGO_PASSWORD_FILE",
        )
        return "MongoDB", say("拒绝该用户", "refuses this user"), todo
    return None


@contextmanager
def progress(zh: str, en: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar on standard error while something takes long; gives a function that takes how much is done."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=aside) as bar:
        task = bar.add_task(say(zh, en), total=total)
        yield lambda done: bar.update(task, completed=done)
