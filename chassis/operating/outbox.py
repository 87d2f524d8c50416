"""`baoqiao outbox`: events that are committed and not yet on Kafka."""

from datetime import datetime

from rich.table import Table

from chassis.operating.desk import ServiceNames, all_services, at, console, run, say
from chassis.service import Host

Waiting = tuple[str, int, int, datetime | None]
"""Collection, documents that wait, their events, since when the oldest waits."""


def outbox(services: ServiceNames = None) -> None:
    """列出尚未发布的事件 · List what is committed and not yet on Kafka, by collection, and since when."""

    async def act() -> None:
        table = Table(box=None, pad_edge=False)
        heads = (("服务", "service"), ("集合", "collection"), ("文档", "documents"), ("事件", "events"))
        for zh, en in (*heads, ("最早", "oldest"), ("已等待(秒)", "waits (s)")):
            table.add_column(say(zh, en))
        for service in services or all_services():
            async with at(service) as host:
                for name, documents, events, oldest in await waiting(host):
                    since = f"{oldest:%Y-%m-%d %H:%M:%S}" if oldest else "-"
                    age = f"{(host.clock() - oldest).total_seconds():.0f}" if oldest else "-"
                    table.add_row(service, name, str(documents), str(events), since, age)
        console.print(table)

    run(act())


async def waiting(host: Host) -> list[Waiting]:
    """What waits in each collection of a service."""
    found: list[Waiting] = []
    for store in host.service.stores:
        steps = [
            {"$match": {"outbox_at": {"$exists": True}}},
            {"$group": {
                "_id": None,
                "documents": {"$sum": 1},
                "events": {"$sum": {"$size": "$outbox"}},
                "oldest": {"$min": "$outbox_at"},
            }},
        ]  # fmt: skip
        [told] = await (await host.db[store.collection].aggregate(steps)).to_list() or [{}]
        found.append((store.collection, told.get("documents", 0), told.get("events", 0), told.get("oldest")))
    return found
