"""The base of all domain events, their registry, and the envelope that carries them (CloudEvents 1.0)."""

import re
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Part(BaseModel):
    """A value inside a fact. Consumers read open: unknown fields are dropped."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Fact(Part):
    """A domain event's data. Within a version only optional fields may be added; anything else is a new version.

    Declare with `topic` and, from the second on, `revision`: `class QuoteReceived(Fact, topic="placement.quotes"):
    ...`.
    """

    topic: ClassVar[str] = ""
    type: ClassVar[str] = ""
    contract_version: ClassVar[int] = 1

    def __init_subclass__(cls, topic: str = "", revision: int = 1, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if topic:
            cls.topic, cls.contract_version = topic, revision
            name = _WORD.sub("_", re.sub(r"V\d+$", "", cls.__name__)).lower()
            cls.type = f"baoqiao.{topic}.{name}.v{revision}"
            if cls.type in FACTS:
                raise TypeError(f"{cls.type} is declared twice")
            FACTS[cls.type] = cls


FACTS: dict[str, type[Fact]] = {}


def without_version(type_name: str) -> str:
    """What all versions of a fact share: baoqiao.<service>.<aggregate>.<fact>."""
    return type_name.rpartition(".")[0]


class Envelope(Part):
    """What CloudEvents says of a fact: attributes and our extensions (ce_ headers on the wire)."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    aggregateversion: int
    branch: str
    actor: str
    correlationid: str
    causationid: str = ""
    traceparent: str = ""
    alsoas: str = ""
    """The other versions of its contract in which the same fact was told, in the same write: types, by spaces."""
