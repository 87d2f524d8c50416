"""`baoqiao prepare`: indexes and topics ahead of the processes."""

from chassis.delivery import Deliveries
from chassis.kafka import ensure_topics
from chassis.operating.desk import ServiceName, at, run, tell
from chassis.relay import topics_of


def prepare(service: ServiceName) -> None:
    """建立缺少的索引与主题,可重复运行 · Make the service's indexes and topics that are missing; may run again."""

    async def act() -> None:
        async with at(service) as host:
            await host.prepare()
            topics = topics_of(service) | Deliveries(host).topics
            await ensure_topics(host.settings, topics)
        tell(f"{service}:索引已就绪,主题 {len(topics)} 个", f"{service}: indexes stand, and {len(topics)} topics")

    run(act())
