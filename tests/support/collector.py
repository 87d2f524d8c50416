"""A collector of spans, as OpenTelemetry's: takes them by OTLP over HTTP, in this process, and keeps them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.waiting import until


@dataclass(frozen=True)
class Told:
    """One span as it arrived; ids in hex, the parent's empty for the first of a trace."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    kind: int
    attributes: dict[str, str]
    seconds: float


class Collector:
    """What arrived, and where it listens."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.spans: list[Told] = []
        self.raw: list[str] = []
        """What arrived as text: everything that stands in it."""

    def take(self, body: bytes) -> None:
        """Keep the spans of one export."""
        export = ExportTraceServiceRequest.FromString(body)
        for resource in export.resource_spans:
            [service] = [one.value.string_value for one in resource.resource.attributes if one.key == "service.name"]
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                self.spans.append(_told(service, span))
                self.raw.append(str(self.spans[-1]))

    def of_trace(self, trace: str) -> list[Told]:
        """Its spans, by the time of their arrival."""
        return [span for span in self.spans if span.trace == trace]


def _told(service: str, span: Any) -> Told:
    return Told(
        service,
        span.name,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.kind,
        {one.key: one.value.string_value or str(one.value.int_value) for one in span.attributes},
        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
    )


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector while it is open; in a thread of its own, for exporters wait for it."""
    listener = socket.create_server(("127.0.0.1", 0))
    collector = Collector(listener.getsockname()[1])

    async def door(scope: Any, receive: Any, send: Any) -> None:
        assert scope["path"] == "/v1/traces"
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        collector.take(body)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    server = uvicorn.Server(uvicorn.Config(door, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    until(lambda: server.started)
    yield collector
    server.should_exit = True
    thread.join()
