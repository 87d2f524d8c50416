"""What the benchmarks of the bus share: clients that were put on file, as the outbox, Kafka and finance see them."""

import secrets
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer

from bench.bed import HQ
from chassis.ids import new_id
from chassis.kafka import MOST_BYTES, Message, client_settings
from chassis.relay import PLAIN, envelope, topic_of
from chassis.settings import Settings
from chassis.work import Work
from contracts import wire
from contracts.clients import ClientAdded
from contracts.personal import EmailAddress, IdentityNumber, PersonName, PhoneNumber
from services.clients.clients import rules
from services.clients.clients.model import Client, Contact, Identity, Kind, NumberKind
from services.clients.clients.store import Clients

Document = dict[str, Any]


def a_client(number: int) -> Client:
    """A company with one contact; no other number has its code or identity number."""
    contact = Contact(
        id="c1",
        name=PersonName("赵一"),
        phone=PhoneNumber("13800001234"),
        email=EmailAddress("zhao@example.com"),
        may_sign=True,
    )
    return Client(
        id=new_id(),
        branch=HQ,
        kind=Kind.COMPANY,
        code=f"B-{number:07d}",
        name=f"上海启朗{number}电子科技有限公司",
        identity=Identity(kind=NumberKind.USCC, number=IdentityNumber(f"91310000MA{number:08d}")),
        region="31",
        contacts=(contact,),
        on_file_since_on=datetime.now(UTC).date(),
    )


def added(number: int, work: Work) -> tuple[Client, ClientAdded]:
    """A new client and its fact."""
    return rules.add(a_client(number), work.today)


def backlog(like: Document, events: int) -> list[Document]:
    """Documents like this one whose events wait: one event and two in turns."""
    documents: list[Document] = []
    left, now = events, datetime.now(UTC)
    while left:
        client_id, count = new_id(), min(left, 1 + len(documents) % 2)
        outbox = [{**like["outbox"][0], "id": new_id(), "v": v, "at": now} for v in range(1, count + 1)]
        trace = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
        told = {"correlation": secrets.token_hex(16), "trace": trace}
        outbox = [{**event, **told, "data": event["data"].replace(like["_id"], client_id)} for event in outbox]
        marks = {"number": client_id, "codes": [client_id], "name": client_id, "keys": [client_id]}
        documents.append({**like, "_id": client_id, "v": count, "x": marks, "outbox": outbox, "outbox_at": now})
        left -= count
    return documents


def messages(documents: list[Document], namespace: str = "") -> list[Message]:
    """What Kafka gets of these documents' events, ready to send."""
    return [
        Message(
            f"{namespace}{topic_of(event['type'])}",
            document["_id"].encode(),
            event["data"].encode(),
            wire.headers_of(envelope("clients", document["_id"], event)),
        )
        for document in documents
        for event in document["outbox"]
    ]


async def like_one(work: Work) -> Document:
    """A client's document as the service keeps it, sealed, with its event waiting; it is gone again from the
    collection."""
    client, fact = added(0, work)
    await Clients(work).add(client, fact)
    found = await work.db["clients"].with_options(PLAIN).find_one_and_delete({"_id": client.id})
    assert found is not None
    return found


def bare_producer(settings: Settings) -> AIOKafkaProducer:
    """The floor's producer: as safe as ours."""
    return AIOKafkaProducer(
        **client_settings(settings),
        enable_idempotence=True,
        acks="all",
        max_request_size=MOST_BYTES,
        max_batch_size=128 * 1024,
        linger_ms=0,
    )
