"""What a service may do on MongoDB and Kafka, and how an administrator gives it that and nothing else.

On MongoDB a service's user reads and writes the database of its name: it makes indexes there and listens to changes,
but drops no database, sees no other, and asks nothing of the server's administration. On Kafka it writes the topics
that begin with its name, reads those of the facts that its consumers listen to, in the group of its name, and makes,
changes and deletes none. All of it follows from the service's declaration; nothing is listed elsewhere.
"""

# confluent_kafka names its classes in no __all__
# pyright: reportPrivateImportUsage=false

from collections.abc import Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from chassis.database import Document, connection_to
from chassis.kafka import ensure_topics
from chassis.relay import topics_of
from chassis.service import Service
from chassis.settings import Settings

EXISTS_ALREADY = 51003
ANSWER_SECONDS = 30
ITERATIONS = 8192
"""Of SCRAM-SHA-512: what a guess at a stolen hash costs."""


class Administrator:
    """Signed in to both servers as somebody who may give rights. Raises pymongo's and confluent_kafka's errors."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        milliseconds = ANSWER_SECONDS * 1000
        self._mongo: AsyncMongoClient[Document] = AsyncMongoClient(
            settings.mongo_url, **connection_to(settings), serverSelectionTimeoutMS=milliseconds, timeoutMS=milliseconds
        )
        self._kafka = AdminClient(connection(settings))

    async def give(self, service: Service, passwords: Path) -> None:
        """Make the service's users, or set their passwords (the files `mongo-password` and `kafka-password` of a
        folder) and rights to what they must be, and make the topics that are missing. May run again."""
        user = f"{self.settings.namespace}{service.name}"
        await self._give_database(user, (passwords / "mongo-password").read_text().strip())
        await ensure_topics(self.settings, topics_of(service.name) | service.topics_heard)
        self._let_into_kafka(user, (passwords / "kafka-password").read_text().strip())
        self._give_topics(user, set(rights(service, self.settings.namespace)))

    async def take(self, service: str) -> None:
        """Forget the service's users; its database and topics stay."""
        user = f"{self.settings.namespace}{service}"
        await self._mongo.admin.command("dropUser", user)
        self._give_topics(user, set())

    async def close(self) -> None:
        """Give the connections back."""
        await self._mongo.close()

    async def _give_database(self, user: str, password: str) -> None:
        told = {"pwd": password, "roles": [{"role": "readWrite", "db": user}]}
        try:
            await self._mongo.admin.command("createUser", user, **told)
        except OperationFailure as refused:
            if refused.code != EXISTS_ALREADY:
                raise
            await self._mongo.admin.command("updateUser", user, **told)

    def _let_into_kafka(self, user: str, password: str) -> None:
        how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
        wanted = UserScramCredentialUpsertion(user, how, password.encode())
        _done(self._kafka.alter_user_scram_credentials([wanted]).values())

    def _give_topics(self, user: str, wanted: set[AclBinding]) -> None:
        """New rights come before old ones go, so that a running service misses none that it keeps."""
        anything: Any = None
        theirs = (f"User:{user}", anything, AclOperation.ANY, AclPermissionType.ANY)
        every = AclBindingFilter(ResourceType.ANY, anything, ResourcePatternType.ANY, *theirs)
        [standing] = _done([self._kafka.describe_acls(every)])
        if missing := wanted - set(standing):
            _done(self._kafka.create_acls(list(missing)).values())
        if too_many := set(standing) - wanted:
            _done(self._kafka.delete_acls([_exactly(right) for right in too_many]).values())


def rights(service: Service, namespace: str) -> Iterable[AclBinding]:
    """What a service does on Kafka. Writing a topic is all that an idempotent producer needs; reading and writing
    include to see what there is of a topic."""
    user = f"User:{namespace}{service.name}"

    def allowed(kind: ResourceType, name: str, pattern: ResourcePatternType, operation: AclOperation) -> AclBinding:
        return AclBinding(kind, name, pattern, user, "*", operation, AclPermissionType.ALLOW)

    own = f"{namespace}{service.name}."  # also what only a newer version tells: an older worker relays it
    yield allowed(ResourceType.TOPIC, own, ResourcePatternType.PREFIXED, AclOperation.WRITE)
    for topic in service.topics_heard:
        yield allowed(ResourceType.TOPIC, f"{namespace}{topic}", ResourcePatternType.LITERAL, AclOperation.READ)
    group = f"{namespace}{service.name}"
    yield allowed(ResourceType.GROUP, group, ResourcePatternType.LITERAL, AclOperation.READ)


def _exactly(right: AclBinding) -> AclBindingFilter:
    place: tuple[Any, ...] = (right.restype, right.name, right.resource_pattern_type)
    allowed: tuple[Any, ...] = (right.principal, right.host, right.operation, right.permission_type)
    return AclBindingFilter(*place, *allowed)


def _done(asked: Iterable[Future[Any]]) -> list[Any]:
    return [future.result(ANSWER_SECONDS) for future in asked]


def connection(settings: Settings) -> dict[str, Any]:
    """How the client of `confluent_kafka` is told to connect."""
    told: dict[str, Any] = {
        "bootstrap.servers": settings.kafka_bootstrap,
        "security.protocol": settings.kafka_protocol,
    }
    if settings.kafka_password_file is not None:
        told["sasl.mechanism"] = settings.kafka_mechanism
        told["sasl.username"] = settings.kafka_user
        told["sasl.password"] = settings.kafka_password_file.read_text().strip()
    if settings.kafka_ca_file is not None:
        told["ssl.ca.location"] = str(settings.kafka_ca_file)
    return told
