"""Make headquarters, the default roles and an administrator; may be run again.

    python -m services.identity.first_administrator --login admin --password-file <path>

Reads the same settings as the service (BAOQIAO_MONGO_URL, BAOQIAO_KEYS_DIR, BAOQIAO_NAMESPACE). What exists stays as
it is; an existing login keeps its password.
"""

import asyncio
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chassis.refusals import Refusal
from chassis.starting import started
from chassis.work import Work
from contracts.personal import EmailAddress
from services.identity.branches.actions import found_headquarters
from services.identity.branches.model import HEADQUARTERS_ID
from services.identity.roles.actions import renew_default_roles
from services.identity.service import service
from services.identity.users.actions import add_administrator

console = Console(highlight=False, soft_wrap=True)


def main(
    login: Annotated[str, typer.Option(help="sign-in name of the administrator")],
    password_file: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="its first line is the password, 12 characters or more")
    ],
    name: Annotated[str, typer.Option(help="the administrator's name")] = "系统管理员",
    email: Annotated[str, typer.Option(help="the administrator's address")] = "admin@baoqiao.example",
    headquarters: Annotated[str, typer.Option(help="name of headquarters")] = "总公司",
    code: Annotated[str, typer.Option(help="code of headquarters")] = "HQ",
    region: Annotated[str, typer.Option(help="its province, two digits of GB/T 2260")] = "31",
    since: Annotated[str, typer.Option(help="its first day, YYYY-MM-DD; today without it")] = "",
) -> None:
    """Make headquarters, the default roles and an administrator; what exists stays as it is."""
    password = (password_file.read_text(encoding="utf-8").splitlines() or [""])[0]

    async def run() -> None:
        host = started(service)
        try:
            await host.prepare()
            work = host.system_work()
            await set_up_headquarters(
                code, headquarters, region, date.fromisoformat(since) if since else work.today, work
            )
            await set_up_administrator(login, name, EmailAddress(EmailAddress.cleaned(email)), password, work)
        finally:
            await host.db.close()

    try:
        asyncio.run(run())
    except (Refusal, ValueError) as error:
        faults = "; ".join(fault.en for fault in error.faults) if isinstance(error, Refusal) else ""
        console.print(f"Refused: {error}{f' ({faults})' if faults else ''}")
        raise typer.Exit(1) from error


async def set_up_headquarters(code: str, name: str, region: str, since: date, work: Work) -> None:
    """Headquarters and the default roles, and a line about each."""
    branch, made = await found_headquarters(code, name, region, since, work)
    console.print(f"Headquarters {branch.code} {branch.name}: {'made' if made else 'exists'}")
    changed = await renew_default_roles(work)
    console.print(f"Default roles: {f'{changed} made or renewed' if changed else 'up to date'}")


async def set_up_administrator(login: str, name: str, email: EmailAddress, password: str, work: Work) -> None:
    """The administrator, and a line about him."""
    user, made = await add_administrator(login, name, email, password, HEADQUARTERS_ID, work)
    console.print(f"Administrator {user.login}: {'made' if made else 'exists, password unchanged'}")


if __name__ == "__main__":
    typer.run(main)
