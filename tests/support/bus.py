"""Messages on the sample service's topic, as a foreign or broken producer would send them, and what lies there."""

import json
import struct
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c
from aiokafka.structs import ConsumerRecord

from chassis.clock import utc_now
from chassis.kafka import MOST_BYTES, client_settings, reader_of
from chassis.relay import envelope
from chassis.settings import Settings
from contracts import wire
from tests.support.service import RunningService

POSTED = "baoqiao.sample.parcels.parcel_posted.v1"


Message = tuple[str | None, bytes | None, wire.Headers]
"""Key, value, headers."""


async def send(service: RunningService, *messages: Message) -> None:
    """Messages in this order, acknowledged by Kafka."""
    producer = AIOKafkaProducer(bootstrap_servers=service.host.settings.kafka_bootstrap, max_request_size=MOST_BYTES)
    await producer.start()
    topic = f"{service.host.settings.namespace}sample.parcels"
    for key, value, headers in messages:
        lies_under: Any = None if key is None else key.encode()
        sent: Any = value
        await producer.send_and_wait(topic, value=sent, key=lies_under, headers=headers)
    await producer.stop()


async def send_unreadable(service: RunningService) -> None:
    """A message that Kafka's client cannot read: the name of a header is no UTF-8, as clients in other languages can
    send it."""
    producer = AIOKafkaProducer(**client_settings(service.host.settings))
    await producer.start()
    batch = producer.create_batch()
    name = "\x01\x02\x03"
    batch.append(timestamp=None, key=b"foreign", value=b"{}", headers=[(name, b"")])
    batch.close()
    data = bytearray(batch._build())
    at = data.index(name.encode())
    data[at : at + len(name)] = b"\xff\xfe\xfd"
    struct.pack_into(">I", data, CHECKSUM_AT, calc_crc32c(bytes(data[CHECKSUM_AT + 4 :])))
    batch._buffer = data
    topic = f"{service.host.settings.namespace}sample.parcels"
    await (await producer.send_batch(batch, topic, partition=0))
    await producer.stop()


CHECKSUM_AT = 17
"""In a batch of records; it covers what comes after it."""


def a_posting(key: str, version: int = 1, **more: str) -> wire.Headers:
    """The headers of a parcel's posting; `more` are other attributes of the event, as its outbox entry holds them."""
    event: dict[str, Any] = {
        "id": f"e-{key}-{version}",
        "type": POSTED,
        "v": version,
        "at": utc_now(),
        "branch": "hq",
        "actor": "u",
        "correlation": "c",
        "causation": "",
        "trace": "",
    }
    return wire.headers_of(envelope("sample", key, event | more))


def a_label(key: str, label: str, **more: Any) -> bytes:
    """The value of a parcel's posting."""
    return json.dumps({"parcel_id": key, "label": label, **more}).encode()


async def on_kafka(settings: Settings, topic: str, count: int) -> list[ConsumerRecord[bytes, bytes]]:
    """The first messages of a topic, at least `count`, read from the beginning as another subscriber would."""
    consumer = reader_of(settings, topic)
    await consumer.start()
    try:
        messages: list[ConsumerRecord[bytes, bytes]] = []
        while len(messages) < count:
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                messages += batch
        return messages
    finally:
        await consumer.stop()
