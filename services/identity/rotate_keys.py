"""Make the next signing key now, whatever the schedule.

    python -m services.identity.rotate_keys
    python -m services.identity.rotate_keys --compromised

Without the option the key is published for an hour before it signs, and nobody notices. With it the new key signs at
once and the old ones are void: access tokens are refused when the copies of the key set are renewed, in five minutes.
"""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from chassis.starting import started
from services.identity.keys.actions import rotate
from services.identity.service import service

console = Console(highlight=False, soft_wrap=True)


def main(
    compromised: Annotated[
        bool, typer.Option("--compromised", help="the old keys are known to somebody: void them at once")
    ] = False,
) -> None:
    """Make the next signing key now."""

    async def run() -> None:
        host = started(service)
        try:
            signs_from = await rotate(host.system_work(), compromised=compromised)
        finally:
            await host.db.close()
        console.print(
            f"A new key signs from {signs_from.isoformat(timespec='minutes')}"
            + ("; the old ones are void" if compromised else "")
        )

    asyncio.run(run())


if __name__ == "__main__":
    typer.run(main)
