"""`baoqiao secure`: the services' topics, and their own users on the servers."""

from pathlib import Path
from typing import Annotated

import typer
from confluent_kafka import KafkaException

from chassis.access import Administrator
from chassis.operating.desk import Told, run, say, tell
from chassis.serve import service_named
from chassis.starting import administrator


def secure(
    services: Annotated[list[str], typer.Argument(help=say("服务名", "identity, clients, placement, …"))],
    access: Annotated[
        Path,
        typer.Option(
            help=say(
                "含 <服务>/mongo-password 与 <服务>/kafka-password 的文件夹",
                "folder with <service>/mongo-password and <service>/kafka-password for each of them",
            )
        ),
    ],
) -> None:
    """建立主题,并为各服务建立只有所需权限的用户 · Make services' topics and users, with no more rights than they need.

    The settings are those of an administrator; may run again.
    """
    settings = administrator()

    async def act() -> None:
        admin = Administrator(settings)
        try:
            for name in services:
                await _give(admin, name, access / name)
        finally:
            await admin.close()

    run(act())


async def _give(admin: Administrator, name: str, passwords: Path) -> None:
    service = service_named(name)
    try:
        await admin.give(service, passwords)
    except FileNotFoundError as error:
        raise Told(
            f"无法读取 {error.filename}:请先放入该服务的密码",
            f"{error.filename} cannot be read: put the service's password there",
        ) from error
    except KafkaException as error:
        raise Told(f"Kafka:{error}", f"Kafka: {error}") from error
    heard = len(service.topics_heard)
    tell(
        f"{name}:访问自己的数据库,写入 {name}.*,读取 {heard} 个主题",
        f"{name}: reaches its own database, writes {name}.*, reads {heard} topics",
    )
