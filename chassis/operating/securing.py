"""`baoqiao secure`: the services' own users on the servers."""

from pathlib import Path
from typing import Annotated

import typer

from chassis.access import give_database
from chassis.operating.desk import Told, run, say, tell
from chassis.serve import service_named
from chassis.starting import administrator


def secure(
    services: Annotated[list[str], typer.Argument(help=say("服务名", "identity, clients, placement, …"))],
    access: Annotated[
        Path,
        typer.Option(
            help=say(
                "含 <服务>/mongo-password 的文件夹", "folder in which <service>/mongo-password stands for each of them"
            )
        ),
    ],
) -> None:
    """为各服务建立只有所需权限的用户 · Give services their own users, with the rights that they need and no other.

    The settings are those of an administrator; may run again.
    """
    admin = administrator()

    async def act() -> None:
        for name in services:
            file = access / name / "mongo-password"
            try:
                password = file.read_text().strip()
            except OSError as error:
                raise Told(
                    f"无法读取 {file}:请先放入该服务的密码", f"{file} cannot be read: put the service's password there"
                ) from error
            await give_database(admin, service_named(name).name, password)
            tell(f"{name}:其用户只能访问自己的数据库", f"{name}: its user reaches its own database only")

    run(act())
