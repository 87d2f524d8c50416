"""Spans for a collector, by OTLP over HTTP: one for each HTTP request, published event, handled message, run of a job
and tried mail. Off unless a setting names a collector; nothing of OpenTelemetry's SDK is loaded before.

Promises: a span has the ids of the `traceparent` that its work carries, so that logs, events and spans name the same
trace; spans are sent in batches beside the work and dropped when the collector is away; they hold names of ours, ids
and the class of an error, never its words, which may quote somebody's data. Does not promise spans of single database
calls: the stock instrumentors cost more than they tell (docs/decisions/0007-tracing.md).
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from chassis.tracing import child_of, is_sampled, parts

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import Span

Told = Mapping[str, str]
NOTHING: Told = {}
Kind = Literal["SERVER", "PRODUCER", "CONSUMER", "CLIENT", "INTERNAL"]


_NONE = nullcontext()


class _Ids:
    """Gives a new span the ids that the work in hand has already."""

    trace = span = 0

    def generate_trace_id(self) -> int:
        return self.trace

    def generate_span_id(self) -> int:
        return self.span

    def is_trace_id_random(self) -> bool:
        return True


class Spans:
    """The spans of one process; `otlp_url` is a collector's address, or empty: none."""

    def __init__(self, service: str, otlp_url: str) -> None:
        self._tracer: Any = None
        self._provider: Any = None
        if otlp_url:
            self._begin(service, otlp_url)

    def _begin(self, service: str, otlp_url: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        self._ids = _Ids()
        resource = Resource.create({"service.name": f"baoqiao-{service}"})
        self._provider = TracerProvider(resource=resource, id_generator=self._ids)  # type: ignore[arg-type]
        exporter = OTLPSpanExporter(endpoint=f"{otlp_url.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("baoqiao")

    @property
    def on(self) -> bool:
        """Whether anybody takes the spans."""
        return self._tracer is not None

    def span(
        self, name: str, traceparent: str, parent: str = "", kind: Kind = "INTERNAL", told: Told = NOTHING
    ) -> AbstractContextManager["Span | None"]:
        """A span while it is open: its ids are those of `traceparent`, its parent is another's; None while off, or
        when the trace is not recorded."""
        if self._tracer is None or not is_sampled(traceparent):
            return _NONE
        return self._open(name, traceparent, parent, kind, told)

    @contextmanager
    def _open(self, name: str, traceparent: str, parent: str, kind: Kind, told: Told) -> Iterator["Span"]:
        from opentelemetry.trace import use_span

        opened = self._opened(name, traceparent, parent, kind, told)
        try:
            with use_span(opened, record_exception=False, set_status_on_exception=False):
                yield opened
        except Exception as error:
            _failed(opened, error)
            raise
        finally:
            opened.end()

    def over(self, name: str, parent: str, began_at: datetime, kind: Kind, told: Told) -> None:
        """A span below `parent` of something that began at an aware instant and has its end now; for a trace that is
        recorded, while on."""
        if self._tracer is not None and is_sampled(parent):
            began = min(int(began_at.timestamp() * 1e9), time.time_ns())
            self._opened(name, child_of(parent), parent, kind, told, began).end()

    def _opened(
        self, name: str, traceparent: str, parent: str, kind: Kind, told: Told, began: int | None = None
    ) -> "Span":
        from opentelemetry.context import Context
        from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags, set_span_in_context

        within = Context()
        if above := parts(parent):
            remote = SpanContext(int(above[0], 16), int(above[1], 16), is_remote=True, trace_flags=TraceFlags(1))
            within = set_span_in_context(NonRecordingSpan(remote), within)
        trace, span = parts(traceparent) or ("0", "0")
        self._ids.trace, self._ids.span = int(trace, 16), int(span, 16)
        return self._tracer.start_span(name, within, SpanKind[kind], told, start_time=began)

    def close(self) -> None:
        """Send what waits."""
        if self._provider is not None:
            self._provider.shutdown()


OFF = Spans("", "")
"""Nobody takes any."""


def _failed(span: "Span", error: Exception) -> None:
    from opentelemetry.trace import Status, StatusCode

    span.set_status(Status(StatusCode.ERROR))
    span.set_attribute("error.type", type(error).__name__)
