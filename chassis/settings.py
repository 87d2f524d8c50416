"""What a process is told from outside: environment variables `BAOQIAO_…`, secrets by the files that they name.

The docstrings of the fields are the text of docs/configuration.md (`make docs`).
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

T = TypeVar("T", bound=BaseSettings)
NEAR = 0.87
"""How like two names are when one is taken for the other misspelt (difflib's ratio)."""


@dataclass(frozen=True)
class Unit:
    """Mark of a setting: what its number counts, or what its text is."""

    name: str


@dataclass(frozen=True)
class Secret:
    """Mark of a setting: it holds a secret or names the file that does. Its value is never shown."""


def _readable(file: Path) -> Path:
    try:
        file.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    return file


ReadableFile = Annotated[Path, AfterValidator(_readable)]
"""A file that is there when the process starts."""


class WrongSettings(Exception):
    """A process is told something that it cannot work with. `faults` are all of them, as lines for an operator."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = sorted(faults)
        count = "1 setting is wrong" if len(self.faults) == 1 else f"{len(self.faults)} settings are wrong"
        super().__init__("\n".join([f"{count} (docs/configuration.md tells of each):", *self.faults]))


class Settings(BaseSettings):
    """What every process of a service reads."""

    model_config = SettingsConfigDict(env_prefix="BAOQIAO_", frozen=True, use_attribute_docstrings=True)

    mongo_url: Annotated[str, Field(pattern=r"^mongodb(\+srv)?://."), Unit("URL"), Secret()] = (
        "mongodb://127.0.0.1:27017/?replicaSet=rs0"
    )
    """MongoDB, which must be a replica set; it may hold the user and password too."""
    mongo_user: Annotated[str, Unit("text")] = ""
    """Whom MongoDB lets in with the password of the file below; empty: the service's own name, after the namespace."""
    mongo_password_file: Annotated[ReadableFile | None, Unit("file"), Secret()] = None
    """The password for MongoDB, in a file of its own. Empty: as the URL says."""
    mongo_ca_file: Annotated[ReadableFile | None, Unit("file")] = None
    """The CA certificates that MongoDB's are checked against (PEM, read anew when it changed); with it the connection
    is TLS. Empty: as the URL says, with the system's CAs."""
    kafka_bootstrap: Annotated[str, Field(pattern=r"^\S+:\d+$"), Unit("host:port, …")] = "127.0.0.1:9092"
    """Kafka's brokers, or some of them."""
    kafka_protocol: Annotated[Literal["PLAINTEXT", "SASL_PLAINTEXT", "SSL", "SASL_SSL"], Unit("protocol")] = "PLAINTEXT"
    """How Kafka is spoken to: with SASL a user signs in, with SSL the connection is TLS."""
    kafka_mechanism: Annotated[Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"], Unit("mechanism")] = "SCRAM-SHA-512"
    """How the user signs in to Kafka."""
    kafka_user: Annotated[str, Unit("text")] = ""
    """Whom Kafka lets in with the password of the file below; empty: the service's own name, after the namespace."""
    kafka_password_file: Annotated[ReadableFile | None, Unit("file"), Secret(), Field(validate_default=True)] = None
    """The password for Kafka, where the protocol is one with SASL."""
    kafka_ca_file: Annotated[ReadableFile | None, Unit("file")] = None
    """The CA certificates that Kafka's are checked against (PEM, read anew when it changed), where the protocol is one
    with SSL. Empty: the system's."""
    namespace: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]*$"), Unit("text")] = ""
    """Prefix of database, topic and group names: lets several companies or test runs share servers."""
    keys_dir: Annotated[Path, Unit("folder"), Secret()] = Path(".run/keys")
    """Where `field-keys.json` lies: the keys that seal fields and files."""
    jwks_url: Annotated[str, Field(pattern=r"^(https?|file)://."), Unit("URL")] = (
        "http://127.0.0.1:8080/api/identity/jwks"
    )
    """Identity's public keys, which check the tokens."""
    issuer: Annotated[str, Field(min_length=1), Unit("text")] = "baoqiao"
    """Who signs the tokens; the same for all services and the gateway."""
    audience: Annotated[str, Field(min_length=1), Unit("text")] = "baoqiao"
    """Whom the tokens are for; the same for all services and the gateway."""
    topic_partitions: Annotated[int, Field(ge=1), Unit("partitions")] = 12
    """Of topics that do not exist yet. So many workers of a service share its messages at most."""
    topic_replicas: Annotated[int, Field(ge=1, le=32767), Unit("replicas")] = 1
    """Of topics that do not exist yet; all but one must have a message before it counts as kept. 3 in production."""
    fetch_wait_ms: Annotated[int, Field(ge=1), Unit("ms")] = 500
    """How long a consumer's question waits at an idle broker. Longer costs less; news are answered at once either way,
    but partitions that are newly assigned or resumed are asked for only after it."""
    mongo_pool: Annotated[int, Field(ge=1), Unit("connections")] = 100
    """The most that a process opens to a MongoDB server: as many as it may have to do at once."""
    mongo_timeout_ms: Annotated[int, Field(ge=1), Unit("ms")] = 5_000
    """How long an operation of MongoDB may take, the wait for a connection included."""
    request_seconds: Annotated[float, Field(gt=0), Unit("s")] = 15.0
    """How long a request may take; then it is answered with 503."""
    max_body_bytes: Annotated[int, Field(ge=1), Unit("bytes")] = 10 * 1024 * 1024
    """The longest body of a request."""
    otlp_url: Annotated[str, Field(pattern=r"^(https?://[^\s/]+/?)?$"), Unit("URL")] = ""
    """Where a collector takes spans, by OTLP over HTTP, as `http://collector:4318`; empty: no spans. Headers and
    certificates are told by OpenTelemetry's own `OTEL_EXPORTER_OTLP_…`."""
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], Unit("level")] = "INFO"
    """The least important lines that are logged."""

    def of(self, service: str) -> Self:
        """The same for a service: it signs in to the servers under its own name where no other is told."""
        own = f"{self.namespace}{service}"
        return self.model_copy(update={"mongo_user": self.mongo_user or own, "kafka_user": self.kafka_user or own})

    @field_validator("kafka_password_file")
    @classmethod
    def _there_where_a_user_signs_in(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        if file is None and "SASL" in info.data.get("kafka_protocol", ""):
            raise ValueError("must be told: with this protocol a user signs in")
        return file


def read(kind: type[T], **told: Any) -> T:
    """Settings from the environment, but for what is told here. Raises WrongSettings."""
    if faults := faults_of([kind], **told):
        raise WrongSettings(faults)
    return kind(**told)


def faults_of(kinds: Iterable[type[BaseSettings]], **told: Any) -> list[str]:
    """Everything that is wrong with what these classes read: values, names that are lacking, names misspelt.

    A name of ours that resembles none of theirs is passed over: it may belong to another program of this environment.
    """
    kinds = list(kinds)
    faults = [fault for kind in kinds for fault in _wrong_values(kind, told)]
    known = {name_of(kind, field) for kind in kinds for field in kind.model_fields}
    for name in sorted(os.environ):
        if name.startswith("BAOQIAO_") and name not in known and (meant := _meant(name, known)):
            faults.append(f"  {name}: there is no such setting; is {meant} meant?")
    return faults


def name_of(kind: type[BaseSettings], field: str) -> str:
    """The environment variable of a field."""
    return f"{kind.model_config.get('env_prefix', '')}{field}".upper()


def is_secret(kind: type[BaseSettings], field: str) -> bool:
    """Whether the value of a field must not be shown."""
    return any(isinstance(mark, Secret) for mark in kind.model_fields[field].metadata)


def _wrong_values(kind: type[BaseSettings], told: dict[str, Any]) -> Iterable[str]:
    try:
        kind(**told)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False):
            field = str(fault["loc"][0])
            shown = "" if fault["type"] == "missing" or is_secret(kind, field) else f" = {fault['input']}"
            yield f"  {name_of(kind, field)}{shown}: {fault['msg']}"


def _meant(name: str, known: set[str]) -> str | None:
    """The setting whose name this one misspells, shortens or lengthens; None when it resembles none."""
    short = name.removeprefix("BAOQIAO_")
    by_short = {each.removeprefix("BAOQIAO_"): each for each in sorted(known)}
    for each, whole in by_short.items():
        if each.startswith(f"{short}_") or short.startswith(f"{each}_"):
            return whole
    near = get_close_matches(short, by_short, 1, NEAR)
    return by_short[near[0]] if near else None
