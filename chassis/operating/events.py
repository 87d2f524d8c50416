"""`baoqiao events`: what was told, as it is told, and told again."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord

from chassis.kafka import Publisher, ensure_topics, known_topics, reader_of
from chassis.operating.desk import (
    Anew,
    OneTopic,
    ServiceName,
    Told,
    all_services,
    at,
    console,
    progress,
    run,
    say,
    tell,
)
from chassis.places import Place
from chassis.relay import replay as replay_log
from chassis.relay import topics_of
from chassis.service import Host
from contracts.catalogue import facts

app = typer.Typer(help=say("事件", "Events"), no_args_is_help=True)
SHOWN = 160


@app.command()
def tail(
    topic: OneTopic = None,
    last: Annotated[int, typer.Option(min=0, help=say("先显示最近的几条", "begin with so many of the newest"))] = 10,
    follow: Annotated[bool, typer.Option(help=say("继续等待新事件", "wait for new ones, until Ctrl-C"))] = True,
) -> None:
    """显示 Kafka 上的事件,个人信息保持加密 · Show events as Kafka gets them; personal data stays sealed."""

    async def act() -> None:
        async with at(all_services()[0]) as host:
            consumer = reader_of(host.settings, *await _there(host, topic))
            await consumer.start()
            try:
                for record in await _newest(consumer, last):
                    console.print(_line(record), markup=False)
                while follow:
                    for records in (await consumer.getmany(timeout_ms=1000)).values():
                        for record in records:
                            console.print(_line(record), markup=False)
            finally:
                await consumer.stop()

    run(act())


async def _there(host: Host, topic: str | None) -> list[str]:
    prefix = host.settings.namespace
    ours = {fact.topic for fact in facts().values()} & {
        name.removeprefix(prefix) for name in await known_topics(host.settings) if name.startswith(prefix)
    }
    if topic is None and ours:
        return sorted(ours)
    if topic not in ours:
        there = ", ".join(sorted(ours)) or "-"
        raise Told(
            f"Kafka 上没有主题 {topic or ''};现有:{there}。baoqiao prepare <服务> 建立主题",
            f"Kafka has no topic {topic or ''}; there are: {there}. baoqiao prepare <service> makes them",
        )
    return [topic]


async def _newest(consumer: AIOKafkaConsumer, count: int) -> list[ConsumerRecord[bytes, bytes]]:
    """The newest records of all partitions together, oldest first; the consumer then stands behind them."""
    places = sorted(consumer.assignment())
    begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    for place in places:
        consumer.seek(place, max(begins[place], ends[place] - count))
    found: list[ConsumerRecord[bytes, bytes]] = []
    while left := [place for place in places if await consumer.position(place) < ends[place]]:
        for records in (await consumer.getmany(*left, timeout_ms=500)).values():
            found += records
    return sorted(found, key=lambda record: record.timestamp)[-count:] if count else []


def _line(record: ConsumerRecord[bytes, bytes]) -> str:
    told = {name: (text or b"").decode(errors="replace") for name, text in record.headers}
    value = (record.value or b"").decode(errors="replace")
    value = value if len(value) <= SHOWN else f"{value[:SHOWN]} …"
    return " ".join([*(told.get(f"ce_{name}", "?") for name in ("time", "id", "type", "subject")), value])


@app.command()
def show(event: Annotated[str, typer.Argument(help=say("事件编号", "the event's id"))]) -> None:
    """显示一个事件,个人信息保持加密 · Show one event of any service's log; personal data stays sealed."""

    async def act() -> None:
        for service in all_services():
            async with at(service) as host:
                if entry := await host.db["event_log"].find_one({"_id": event}):
                    _print(entry)
                    return
        raise Told(
            f"任何服务的日志中都没有事件 {event};未发布的见 baoqiao outbox",
            f"No service's log has the event {event}; baoqiao outbox lists what is not published yet",
        )

    run(act())


def _print(entry: dict[str, Any]) -> None:
    console.print(f"topic: {entry['topic']}", markup=False)
    for name, text in entry["headers"]:
        console.print(f"{name}: {text}", markup=False)
    console.print(json.dumps(json.loads(entry["value"]), ensure_ascii=False, indent=1), markup=False)


@app.command()
def replay(
    service: ServiceName,
    topic: OneTopic = None,
    anew: Anew = False,
) -> None:
    """重新发送事件日志,最早的在前 · Send the event log to Kafka again, oldest first.

    For a new subscriber, or after a loss; consumers drop what they have seen. Interrupted, it is run again and goes on
    where it stopped.
    """

    async def act() -> None:
        async with at(service) as host:
            place = Place(host.db, f"replay {topic or ''}".strip())
            after = None if anew else await place.read()
            if after is not None:
                tell("接着上次中断处", "It goes on where it stopped")
            whole = topic is None and after is None
            total = await host.db["event_log"].estimated_document_count() if whole else None
            with progress("重新发送", "Sending", total) as shown:

                async def keep(count: int, seq: int) -> None:
                    shown(count)
                    await place.keep(seq)

                sent = await send_again(host, topic, after, keep)
                shown(sent)
            await place.forget()
        tell(f"已重新发送 {sent} 个事件", f"{sent} events sent again")

    run(act())


async def send_again(
    host: Host,
    topic: str | None = None,
    after: int | None = None,
    keep: Callable[[int, int], Awaitable[None]] | None = None,
) -> int:
    """Send the event log, or one topic of it, to Kafka, from behind a place in it; gives how many events.

    The service's topics are made if they are gone. `keep` as `chassis.relay.replay` calls it.
    """
    publisher = Publisher(host.settings)
    try:
        await ensure_topics(host.settings, topics_of(host.service.name))
        return await replay_log(host.db, host.settings.namespace, publisher, topic, after, keep)
    finally:
        await publisher.renew()
