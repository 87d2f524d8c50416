"""`baoqiao parked`: messages that could not be handled."""

import json
from contextlib import suppress
from typing import Annotated, Any

import typer
from rich.table import Table

from chassis.delivery import Deliveries
from chassis.operating.desk import (
    OneTopic,
    ServiceName,
    ServiceNames,
    Told,
    all_services,
    at,
    console,
    progress,
    run,
    say,
    tell,
)
from chassis.parking import Parking

app = typer.Typer(help=say("搁置的消息", "Messages that could not be handled"), no_args_is_help=True)
MOST_SHOWN = 100
MOST_BYTES_SHOWN = 4000


@app.command("list")
def show_list(services: ServiceNames = None) -> None:
    """列出搁置的消息,最早的在前 · List what is parked, oldest first: message, aggregate, since when, why."""

    async def act() -> None:
        for service in services or all_services():
            async with at(service) as host:
                parked = host.db["parked"]
                found = await parked.find({}, {"value": 0, "headers": 0}).sort("at", 1).limit(MOST_SHOWN).to_list()
                count = await parked.count_documents({})
            if found:
                console.print(_table(found))
            tell(f"{service}:搁置 {count} 条", f"{count} parked in {service}")

    run(act())


def _table(found: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for zh, en in (("消息", "message"), ("事项", "aggregate"), ("搁置于", "parked at"), ("原因", "why")):
        table.add_column(say(zh, en), overflow="fold")
    for one in found:
        table.add_row(one["_id"], one["key"], f"{one['at']:%Y-%m-%d %H:%M:%S}", one["error"][:200])
    return table


@app.command()
def show(
    service: ServiceName, message: Annotated[str, typer.Argument(help=say("消息,见 list", "as `list` names it"))]
) -> None:
    """显示一条搁置的消息,个人信息保持加密 · Show one with its reason, headers and value; personal data stays sealed."""

    async def act() -> None:
        async with at(service) as host:
            found = await host.db["parked"].find_one({"_id": message})
        if found is None:
            raise Told(
                f"{service} 没有搁置 {message};baoqiao parked list {service} 列出全部",
                f"{service} has not parked {message}; baoqiao parked list {service} lists all that it has",
            )
        tell(f"原因:{found['error']}", f"why: {found['error']}")
        for name, text in found["headers"]:
            console.print(f"{name}: {bytes(text or b'').decode(errors='replace')}", markup=False)
        console.print(_readable(found["value"]), markup=False)

    run(act())


def _readable(value: bytes | None) -> str:
    text = bytes(value or b"").decode(errors="replace")
    with suppress(ValueError):
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    return text[:MOST_BYTES_SHOWN]


@app.command()
def redrive(service: ServiceName, topic: OneTopic = None) -> None:
    """按序重新处理搁置的消息;有剩余则以 1 结束 · Handle what is parked, each aggregate in order; 1 if some is left.

    After Ctrl-C the rest is still parked.
    """

    async def act() -> int:
        async with at(service) as host:
            parking = Parking(host.db, service)
            deliveries, done = Deliveries(host), 0
            with progress("重新处理", "Handling", await parking.count()) as shown:

                async def deliver(headers: Any, value: bytes | None) -> None:
                    nonlocal done
                    done += 1
                    shown(done)
                    await deliveries.deliver(headers, value)

                handled, left = await parking.redrive(deliver, topic)
        tell(f"已处理 {handled} 条,剩余 {left} 条", f"{handled} handled, {left} left")
        return left

    if run(act()):
        raise typer.Exit(1)
