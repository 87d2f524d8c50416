"""Connections to Kafka: topics made when they are missing, a producer that is made anew after a fault, the group's
consumer."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from chassis.logs import log
from chassis.settings import Settings
from chassis.trust import Trusting
from contracts import wire

MOST_BYTES = 4 * 1024 * 1024
"""Of one message."""
FETCH_BYTES = 8 * 1024 * 1024
CLOSE_SECONDS = 5.0
REFUSED_SECONDS = 2.0
_partition = DefaultPartitioner()


class Message(NamedTuple):
    """One message for Kafka; its key says which others it stays in order with."""

    topic: str
    key: bytes
    value: bytes
    headers: wire.Headers


def client_settings(settings: Settings) -> dict[str, Any]:
    """What every client needs."""
    told: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap,
        "security_protocol": settings.kafka_protocol,
        "request_timeout_ms": 10_000,
        "retry_backoff_ms": 100,
    }
    if settings.kafka_password_file is not None:
        told["sasl_mechanism"] = settings.kafka_mechanism
        told["sasl_plain_username"] = settings.kafka_user
        told["sasl_plain_password"] = settings.kafka_password_file.read_text().strip()
    if settings.kafka_protocol.endswith("SSL"):
        told["ssl_context"] = Trusting.the_cas_of(settings.kafka_ca_file)
    return told


def _new(name: str, settings: Settings) -> NewTopic:
    replicas = settings.topic_replicas
    config = {
        "max.message.bytes": str(MOST_BYTES),
        "min.insync.replicas": str(max(1, replicas - 1)),
        "message.timestamp.type": "LogAppendTime",  # a worker's wrong clock neither hinders nor ages a message
    }
    return NewTopic(name, settings.topic_partitions, replicas, topic_configs=config)


async def ensure_topics(settings: Settings, topics: Iterable[str]) -> None:
    """Create the topics that are missing, with the partitions and replicas of the settings, and wait until all are
    known. A user who may not create any waits until an administrator did."""
    admin = AIOKafkaAdminClient(**client_settings(settings))
    try:
        await admin.start()
        names = {f"{settings.namespace}{topic}" for topic in topics}
        while missing := names - set(await admin.list_topics()):
            answer: Any = await admin.create_topics([_new(name, settings) for name in sorted(missing)])
            # one that somebody else is making is answered with an error code: fine
            refused = sorted(
                topic for topic, code, *_ in answer.topic_errors if code == TopicAuthorizationFailedError.errno
            )
            if refused:
                log.warning("topics are missing that an administrator makes (baoqiao secure)", topics=refused)
            await asyncio.sleep(REFUSED_SECONDS if refused else 0.1)
    finally:
        await admin.close()


async def known_topics(settings: Settings) -> set[str]:
    """The names of all topics that Kafka has, with the namespace before those that are ours."""
    admin = AIOKafkaAdminClient(**client_settings(settings))
    try:
        await admin.start()
        return set(await admin.list_topics())
    finally:
        await admin.close()


async def _batches(producer: AIOKafkaProducer, messages: Sequence[Message]) -> list[tuple[str, int, BatchBuilder]]:
    """The messages in batches, each key in the partition that every other client of Kafka would choose for it."""
    batches: list[tuple[str, int, BatchBuilder]] = []
    of_key: dict[tuple[str, bytes], tuple[str, int]] = {}
    filling: dict[tuple[str, int], BatchBuilder] = {}
    for message in messages:
        place = of_key.get((message.topic, message.key))
        if place is None:
            partitions: list[int] = sorted(await producer.partitions_for(message.topic))
            place = of_key[message.topic, message.key] = message.topic, _partition(message.key, partitions, partitions)
        told = {"timestamp": None, "key": message.key, "value": message.value, "headers": message.headers}
        batch = filling.get(place)
        if batch is None or batch.append(**told) is None:
            batch = filling[place] = producer.create_batch()
            batch.append(**told)
            batches.append((place[0], place[1], batch))
    return batches


class Publisher:
    """An idempotent producer, acks=all. After any fault it is closed and made anew, since a failed one may never
    recover."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._lock = asyncio.Lock()

    async def publish(self, messages: Sequence[Message], check: Callable[[], None]) -> None:
        """Send messages, those of one key in their order, and return when Kafka has acknowledged all of them.

        Batches are built here, one for each partition: a message of its own costs aiokafka five times as much. `check`
        is called before each is handed over; what it raises, or a fault, is raised when all that went has its end.
        """
        producer = self._producer or await self._started()
        sent: list[Awaitable[Any]] = []
        try:
            for topic, partition, batch in await _batches(producer, messages):
                check()
                sent.append(await producer.send_batch(batch, topic, partition=partition))
            await asyncio.gather(*sent)
        except Exception:
            await asyncio.gather(*sent, return_exceptions=True)
            raise

    async def _started(self) -> AIOKafkaProducer:
        async with self._lock:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **client_settings(self._settings),
                    enable_idempotence=True,
                    acks="all",
                    max_request_size=MOST_BYTES,
                    max_batch_size=128 * 1024,
                    linger_ms=0,
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def renew(self) -> None:
        """Close the producer; the next message makes a new one. What it has not sent in five seconds it gives up."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            await asyncio.wait_for(producer.stop(), timeout=CLOSE_SECONDS)
        except (TimeoutError, KafkaError) as error:
            log.warning("producer did not close well", error=type(error).__name__)
            await producer._sender.close()  # pyright: ignore[reportPrivateUsage] - or it would send late, behind newer
            await producer.client.close()


class Consumer(AIOKafkaConsumer):
    """aiokafka's consumer, which also tells when it can read nothing more.

    The task that fetches ends by an assertion when a partition without an offset changes its leader at a bad moment
    (aiokafka 0.14, Fetcher._set_error); nobody is told, and every poll from then on is empty.
    """

    async def getmany(self, *partitions: TopicPartition, **how: Any) -> dict[TopicPartition, list[Any]]:
        """As aiokafka's; raises KafkaError when the fetching has ended: only a new consumer helps."""
        batches = await super().getmany(*partitions, **how)
        assert self._fetcher is not None, "started"
        fetching = self._fetcher.error_future
        if not batches and fetching.done() and not fetching.cancelled():
            fetching.result()
        return batches

    async def stop(self) -> None:
        """As aiokafka's; what the fetching ended by was told already."""
        try:
            await super().stop()
        except KafkaError:
            await self._client.close()


def consumer_of(settings: Settings, group: str, topics: Iterable[str]) -> Consumer:
    """The group's consumer: offsets committed by hand; where there is none that Kafka still has, Listening decides."""
    return Consumer(
        *sorted(f"{settings.namespace}{topic}" for topic in topics),
        **client_settings(settings),
        group_id=f"{settings.namespace}{group}",
        enable_auto_commit=False,
        auto_offset_reset="none",
        session_timeout_ms=10_000,
        heartbeat_interval_ms=3_000,
        max_poll_interval_ms=300_000,
        fetch_max_wait_ms=settings.fetch_wait_ms,
        fetch_max_bytes=FETCH_BYTES,
        metadata_max_age_ms=10_000,
    )


def reader_of(settings: Settings, *topics: str) -> Consumer:
    """A reader of whole topics, from the beginning, in no group: nobody's offsets change by it."""
    return Consumer(
        *(f"{settings.namespace}{topic}" for topic in topics),
        **client_settings(settings),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_bytes=FETCH_BYTES,
    )
