"""`baoqiao copies`: what a service keeps of others."""

from typing import Annotated

import typer

from chassis.operating.desk import Anew, ServiceName, Told, at, progress, run, say, tell
from chassis.rebuilding import CannotRebuild, goes_on
from chassis.rebuilding import rebuild as rebuild_copy

app = typer.Typer(help=say("副本", "Copies"), no_args_is_help=True)


@app.callback()
def group() -> None:
    """副本 · Copies of what other services tell."""


@app.command()
def rebuild(
    service: ServiceName,
    copy: Annotated[str, typer.Argument(help="copy_clients, copy_users, copy_branches, …")],
    anew: Anew = False,
) -> None:
    """从第一个事件起重建副本,服务照常运行 · Build a copy anew while all goes on; 1 if some could not be.

    Interrupted, it is run again and goes on where it stopped.
    """

    async def act() -> int:
        async with at(service) as host:
            if not anew and await goes_on(host, copy):
                tell("接着上次中断处", "It goes on where it stopped")
            with progress("读取事件", "Reading events") as shown:
                try:
                    rebuilt = await rebuild_copy(host, copy, shown, anew=anew)
                except CannotRebuild as error:
                    raise Told(f"无法重建:{error}", f"It cannot be rebuilt: {error}") from error
        tell(f"{copy}:重建 {rebuilt.documents} 份", f"{rebuilt.documents} rebuilt in {copy}")
        for count, zh, en in (
            (rebuilt.incomplete, "Kafka 缺少其部分事件", "Kafka lacks events of theirs"),
            (rebuilt.unknown, "Kafka 上没有其事件", "Kafka knows nothing of them"),
        ):
            if count:
                tell(
                    f"{count} 份保持原样:{zh};请 baoqiao events replay 该主题后再重建",
                    f"{count} left as they were: {en}; replay the topic (baoqiao events replay), then rebuild",
                )
        return rebuilt.incomplete + rebuilt.unknown

    if run(act()):
        raise typer.Exit(1)
