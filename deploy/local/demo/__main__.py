"""`make demo`: tell the story of a placement over the public API of the running stack."""

import asyncio
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from deploy.local import ROOT
from deploy.local.api import Gateway, NotAsTold
from deploy.local.demo import advice, aftermath, client, cover, market, risk
from deploy.local.demo.story import Story

CHAPTERS = (
    client.import_files,
    client.take_on_client,
    client.register_project,
    risk.ask_client,
    market.enquire,
    market.quotes_come_in,
    advice.advise,
    cover.place,
    cover.check_policy,
    aftermath.finance_and_diary,
)
BRANCH_FILES = ROOT.parent / "shared/data"
CLOSING_SECONDS = 30


def main(
    port: Annotated[int, typer.Option(envvar="BAOQIAO_PORT", help="Where the gateway listens.")] = 8080,
    folder: Annotated[Path, typer.Option("--dir", help="The running stack's folder.")] = ROOT / ".run",
    data: Annotated[Path | None, typer.Option(envvar="BAOQIAO_DEMO_DATA", help="A branch's files.")] = None,
) -> None:
    """Tell the story; ends with 1 when something is not as told."""
    console = Console(highlight=False, soft_wrap=True)
    files = data or (BRANCH_FILES if BRANCH_FILES.is_dir() else client.default_files())
    secret = folder / "admin-password"
    if not secret.is_file():
        console.print(f"There is no running stack in {folder}; start it with: make run")
        raise typer.Exit(1)

    async def no_shortcut() -> None:
        console.print("   [dim]… the closing time comes[/dim]")

    async def tell() -> None:
        address = f"http://127.0.0.1:{port}/api"
        async with httpx.AsyncClient(base_url=address, timeout=30) as http:
            gateway = Gateway(http, time.time)
            password = secret.read_text(encoding="utf-8").splitlines()[0]
            now = lambda: datetime.now(UTC)  # noqa: E731
            mail = folder / "mail"
            story = Story(gateway, password, now, files, mail, console.print, no_shortcut, CLOSING_SECONDS)
            console.print(f"The demonstration company stands at {address}; the branch's files come from {files}")
            for chapter in CHAPTERS:
                await chapter(story)
            console.print("\n[green]All as told.[/green]")

    try:
        asyncio.run(tell())
    except (NotAsTold, httpx.TransportError) as error:
        console.print(f"\n[red]Not as told:[/red] {os.fspath(str(error))}", markup=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    typer.run(main)
