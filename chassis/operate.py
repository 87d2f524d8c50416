"""What an operator does by hand: `python -m chassis.operate secure|prepare|parked|redrive|replay|rebuild|reseal
<service>`.

Reads the same settings as the service; `secure` alone needs those of an administrator. `redrive` and `replay` may run
while the service runs: consumers drop what they have seen.
"""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from chassis.access import give_database
from chassis.delivery import Deliveries
from chassis.kafka import Publisher, ensure_topics
from chassis.parking import Parking
from chassis.rebuilding import CannotRebuild, Rebuilt
from chassis.rebuilding import rebuild as rebuild_copy
from chassis.relay import replay as replay_log
from chassis.relay import topics_of
from chassis.resealing import reseal as reseal_all
from chassis.serve import service_named
from chassis.service import Host
from chassis.starting import administrator, started

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console(highlight=False, soft_wrap=True)
ServiceName = Annotated[str, typer.Argument(help="identity, clients, placement, …")]
MOST_SHOWN = 100


def _with_host(name: str, act: Any) -> Any:
    async def run() -> Any:
        host = started(service_named(name))
        try:
            return await act(host)
        finally:
            await host.db.close()

    running: Coroutine[Any, Any, Any] = run()
    return asyncio.run(running)


@app.command()
def secure(
    services: Annotated[list[str], typer.Argument(help="identity, clients, placement, …")],
    access: Annotated[Path, typer.Option(help="folder in which <service>/mongo-password stands for each of them")],
) -> None:
    """Give services their own users, with the rights that they need and no other. The settings are those of an
    administrator; may run again."""
    admin = administrator()

    async def act() -> None:
        for name in services:
            password = (access / name / "mongo-password").read_text().strip()
            await give_database(admin, service_named(name).name, password)
            console.print(f"{name}: its user reaches its own database only")

    asyncio.run(act())


@app.command()
def prepare(service: ServiceName) -> None:
    """Make the service's indexes and topics that are missing, as its processes do at their start; may run again."""

    async def act(host: Host) -> None:
        await host.prepare()
        topics = topics_of(service) | Deliveries(host).topics
        await ensure_topics(host.settings, topics)
        console.print(f"{service}: indexes stand, and {len(topics)} topics")

    _with_host(service, act)


@app.command()
def parked(service: ServiceName) -> None:
    """List what is parked, oldest first: message, aggregate, reason."""

    async def show(host: Host) -> None:
        found = await host.db["parked"].find({}, {"value": 0, "headers": 0}).sort("at", 1).limit(MOST_SHOWN).to_list()
        for document in found:
            console.print(
                f"{document['at']:%Y-%m-%d %H:%M:%S}  {document['_id']}  {document['key']}  {document['error'][:200]}"
            )
        console.print(f"{await host.db['parked'].count_documents({})} parked in {service}")

    _with_host(service, show)


@app.command()
def redrive(service: ServiceName, topic: Annotated[str | None, typer.Option(help="only of this topic")] = None) -> None:
    """Handle what is parked, each aggregate in order; ends with 1 when something is left."""

    async def act(host: Host) -> int:
        handled, left = await Parking(host.db, service).redrive(Deliveries(host).deliver, topic)
        console.print(f"{handled} handled, {left} left")
        return left

    if _with_host(service, act):
        raise typer.Exit(1)


@app.command()
def replay(service: ServiceName, topic: Annotated[str | None, typer.Option(help="only this topic")] = None) -> None:
    """Send the service's event log to Kafka again, oldest first: for a new subscriber, or after Kafka was lost."""

    async def act(host: Host) -> None:
        sent = await send_again(host, topic, lambda n: console.print(f"{n} …"))
        console.print(f"{sent} events sent again")

    _with_host(service, act)


async def send_again(host: Host, topic: str | None = None, tell: Callable[[int], None] | None = None) -> int:
    """Send the event log, or one topic of it, to Kafka; the service's topics are made if they are gone. Gives how
    many events."""
    publisher = Publisher(host.settings)
    try:
        await ensure_topics(host.settings, topics_of(host.service.name))
        return await replay_log(host.db, host.settings.namespace, publisher, topic, tell)
    finally:
        await publisher.renew()


@app.command()
def rebuild(
    service: ServiceName, copy: Annotated[str, typer.Argument(help="copy_clients, copy_users, copy_branches, …")]
) -> None:
    """Build a copy anew from the first event on while the service runs; ends with 1 when some could not be built."""

    async def act(host: Host) -> Rebuilt:
        return await rebuild_copy(host, copy, lambda n: console.print(f"{n} events …"))

    try:
        rebuilt = _with_host(service, act)
    except CannotRebuild as error:
        raise typer.BadParameter(str(error)) from error
    console.print(f"{rebuilt.documents} rebuilt in {copy}")
    if rebuilt.incomplete:
        console.print(
            f"{rebuilt.incomplete} left as they were: Kafka lacks events of theirs; replay the topic, rebuild"
        )
    if rebuilt.unknown:
        console.print(f"{rebuilt.unknown} left as they were: Kafka knows nothing of them; replay the topic, rebuild")
    if rebuilt.incomplete or rebuilt.unknown:
        raise typer.Exit(1)


@app.command()
def reseal(service: ServiceName) -> None:
    """Seal anew with the current field key what older keys sealed; may run while the service runs, and again."""

    async def act(host: Host) -> int:
        done = await reseal_all(host.db, lambda name, n: console.print(f"{name}: {n} …"))
        console.print(f"{done.changed} values resealed, {done.left} left (changed meanwhile; run it again)")
        return done.left

    if _with_host(service, act):
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
