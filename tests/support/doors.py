"""A service's application, called directly: no server, no client library, so that many thousand calls take seconds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        """The problem document; empty for an answer that is none."""
        return json.loads(self.body) if self.headers.get("content-type") == "application/problem+json" else {}

    @property
    def kind(self) -> str:
        """Status and the last part of the problem's type: `404 client-not-found`."""
        return f"{self.status} {self.problem.get('type', '').rpartition(':')[2]}".strip()


async def call(app: ASGIApp, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
    """One request; `target` is path and query, not percent-encoded further."""
    parts = urlsplit(target)
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("service", 80),
    }
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    await app(scope, receive, send)
    answered = {name.decode(): value.decode("latin-1") for name, value in told[0]["headers"]}
    return Answer(told[0]["status"], answered, b"".join(message.get("body", b"") for message in told[1:]))
