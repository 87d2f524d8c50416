"""Each service's user of Kafka writes the service's own topics and reads those that it listens to, as the declarations
say, and is refused everywhere else. Services and topics are those that there are, so that new ones are looked at too.
"""

# confluent_kafka names its classes in no __all__
# pyright: reportPrivateImportUsage=false

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    KafkaError,
    TopicAuthorizationFailedError,
)
from confluent_kafka import KafkaException, Message, Producer
from confluent_kafka.admin import (
    AdminClient,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from chassis.access import Administrator, connection, rights
from chassis.kafka import client_settings, ensure_topics
from chassis.serve import service_named
from contracts.catalogue import facts
from tests.support.access import NAMES, Access
from tests.support.own_servers import in_containers
from tests.support.servers import Addresses
from tests.support.waiting import eventually, until

pytestmark = pytest.mark.skipif(in_containers(), reason="nobody signs in to the containers' Kafka")
NOBODYS = "nobody.things"
TOPICS = sorted({fact.topic for fact in facts().values()} | {NOBODYS})
SIGNING_IN = 4
"""Readers at once: proving a password takes a busy machine a while, and a reader waits ten seconds for its topic."""
ANSWER_SECONDS = 30
NOT_ALLOWED = {29, 30, 31, 65}
"""TOPIC_, GROUP_ and CLUSTER_AUTHORIZATION_FAILED; 65 is that of delegated rights."""


@pytest.fixture(scope="module")
async def access(addresses: Addresses, run_dir: Path) -> AsyncIterator[Access]:
    made = Access(addresses, run_dir / "kafka-users")
    await asyncio.to_thread(made.give)
    await ensure_topics(made.admin, TOPICS)
    assert written(made, None, TOPICS) == set(TOPICS)  # something to read is everywhere
    yield made
    await made.forget()


def told(access: Access, service: str | None) -> dict[str, Any]:
    """How a service's user, or the administrator, is connected."""
    return connection(access.settings(service) if service else access.admin)


def written(access: Access, service: str | None, topics: Iterable[str]) -> set[str]:
    """The topics to which the service's user could write."""
    done: set[str] = set()
    refused: set[str] = set()

    def kept(topic: str) -> Callable[[Any, Message], None]:
        def delivered(error: Any, _: Message) -> None:
            (refused if error else done).add(topic)
            assert error is None or error.code() in NOT_ALLOWED, error

        return delivered

    producer = Producer({**told(access, service), "enable.idempotence": True, "acks": "all"})
    for topic in topics:
        producer.produce(access.user(topic), b"{}", key=b"one", on_delivery=kept(topic))
    assert producer.flush(ANSWER_SECONDS) == 0
    assert done | refused == set(topics)
    return done


async def may_read(access: Access, service: str, topic: str, room: asyncio.Semaphore) -> bool:
    """Whether the service's user could read the first message of a topic."""
    settings = access.settings(service)
    async with room:
        reader = AIOKafkaConsumer(access.user(topic), **client_settings(settings), auto_offset_reset="earliest")
        try:
            await reader.start()
            async with asyncio.timeout(ANSWER_SECONDS):
                await reader.getone()
        except TopicAuthorizationFailedError:
            return False
        finally:
            await reader.stop()
        return True


async def may_use(client: AIOKafkaAdminClient, group: str) -> bool:
    """Whether the client's user may see how far a group has read."""

    async def answered() -> list[bool]:
        try:
            await client.list_consumer_group_offsets(group)
        except GroupCoordinatorNotAvailableError:
            return []  # Kafka makes the topic of groups at the first question
        except GroupAuthorizationFailedError:
            return [False]
        return [True]

    [allowed] = await eventually(answered, "the groups' coordinator")
    return allowed


def refused(future: "Future[Any]") -> bool:
    """Whether Kafka says that the user may not."""
    try:
        future.result(ANSWER_SECONDS)
    except KafkaException as failure:
        return failure.args[0].code() in NOT_ALLOWED
    return False


@pytest.mark.parametrize("name", NAMES)
def test_a_service_writes_its_own_topics_and_no_others(access: Access, name: str):
    assert written(access, name, TOPICS) == {topic for topic in TOPICS if topic.startswith(f"{name}.")}


@pytest.mark.parametrize("name", NAMES)
async def test_a_service_reads_the_topics_that_it_listens_to_and_no_others(access: Access, name: str):
    heard = {fact.topic for consumers in service_named(name).consumers for fact, _ in consumers.handlers}
    room = asyncio.Semaphore(SIGNING_IN)
    may = await asyncio.gather(*(may_read(access, name, topic, room) for topic in TOPICS))
    assert {topic for topic, allowed in zip(TOPICS, may, strict=True) if allowed} == heard


@pytest.mark.parametrize("name", NAMES)
async def test_a_service_reaches_its_own_group_and_no_other(access: Access, name: str):
    client = AIOKafkaAdminClient(**client_settings(access.settings(name)))
    await client.start()
    reached = {group for group in [*NAMES, "nobody"] if await may_use(client, access.user(group))}
    await client.close()
    assert reached == {name}


@pytest.mark.parametrize("name", NAMES)
def test_a_service_makes_changes_and_deletes_no_topic_and_gives_no_rights(access: Access, name: str):
    client = AdminClient(told(access, name))
    own = access.user(next(topic for topic in TOPICS if topic.startswith(f"{name}.")))
    easy = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    asked: list[dict[Any, Future[Any]]] = [
        client.create_topics([NewTopic(access.user(f"{name}.news"), 1, 1)]),
        client.create_partitions([NewPartitions(own, 5)]),
        client.delete_topics([own]),
        client.describe_configs([ConfigResource(ResourceType.TOPIC, own)]),
        client.create_acls(list(rights(service_named("identity"), f"{access.namespace}{name}"))),
        client.alter_user_scram_credentials([UserScramCredentialUpsertion(access.user("identity"), easy, b"mine")]),
        client.delete_consumer_groups([access.user("identity")]),
    ]
    for futures in asked:
        for what, future in futures.items():
            assert refused(future), what


async def test_a_service_whose_topics_are_missing_waits_until_an_administrator_made_them(access: Access):
    waiting = asyncio.create_task(ensure_topics(access.settings("hr"), ["hr.made_later"]))
    await asyncio.wait([waiting], timeout=1)
    assert not waiting.done()
    await ensure_topics(access.admin, ["hr.made_later"])
    await waiting


async def test_without_a_user_or_with_anothers_password_nobody_is_let_in(access: Access):
    right: dict[str, Any] = client_settings(access.settings("hr"))
    wrongs: list[dict[str, Any]] = [
        {**right, "sasl_plain_password": access.password("finance", "kafka")},
        {**right, "sasl_plain_username": access.user("nobody")},
        {**right, "sasl_mechanism": "PLAIN"},
        {**right, "security_protocol": "PLAINTEXT"},
    ]
    for wrong in wrongs:
        client = AIOKafkaAdminClient(**wrong)
        with pytest.raises(KafkaError):
            await client.start()
        await client.close()


async def test_rights_that_somebody_added_are_taken_back_by_the_next_run(access: Access):
    foreign = next(topic for topic in TOPICS if topic not in service_named("hr").topics_heard)
    [more] = [right for right in rights(service_named("hr"), access.namespace) if right.name == access.user("hr.")]
    more.name = access.user(foreign)
    somebody = AdminClient(told(access, None))
    for future in somebody.create_acls([more]).values():
        future.result(ANSWER_SECONDS)
    await asyncio.to_thread(until, lambda: written(access, "hr", [foreign]) == {foreign})  # brokers learn it soon after
    admin = Administrator(access.admin)
    await admin.give(service_named("hr"), access.folder("hr"))
    await admin.close()
    await asyncio.to_thread(until, lambda: written(access, "hr", [foreign]) == set())
    own = {topic for topic in TOPICS if topic.startswith("hr.")}
    assert await asyncio.to_thread(written, access, "hr", own) == own, "its own rights stay"
