"""AsyncAPI 3 from the contracts: a channel for each topic, a message for each fact."""

from collections.abc import Mapping
from typing import Any

from .describing import WORDS, Describing, words
from .facts import Envelope, Fact

SEALED = "k1.q83vEjRWeJCrze8SNFZ4kA"
"""Personal data travels sealed: the id of the key, a dot, the ciphertext."""


def document(facts: Mapping[str, type[Fact]]) -> dict[str, Any]:
    """The AsyncAPI document of all facts."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for type_name, fact in sorted(facts.items()):
        told = fact.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
        schemas |= told.pop("$defs", {})
        schemas[type_name] = told
        messages[type_name] = {
            "name": type_name,
            "title": fact.__name__,
            "summary": (fact.__doc__ or "").strip(),
            "contentType": "application/json",
            "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
            "payload": {"$ref": f"#/components/schemas/{type_name}"},
        }
        channel = channels.setdefault(fact.topic, {"address": fact.topic, "messages": {}})
        channel["messages"][type_name] = {"$ref": f"#/components/messages/{type_name}"}
        operations[f"send.{fact.topic}"] = {"action": "send", "channel": {"$ref": f"#/channels/{fact.topic}"}}
    schemas["CloudEventHeaders"] = _headers()
    describing = Describing(words(WORDS), schemas)
    for name in schemas:
        describing.definition(name, lambda _: SEALED)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Baoqiao domain events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in Kafka's binary mode; the key is the aggregate's id.",
        },
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def _headers() -> dict[str, Any]:
    attributes = {f"ce_{name}": {"type": "string"} for name in Envelope.model_fields}
    required = [f"ce_{name}" for name, told in Envelope.model_fields.items() if told.is_required()]
    return {
        "type": "object",
        "properties": {"ce_specversion": {"const": "1.0"}, **attributes},
        "required": ["ce_specversion", *required],
    }
