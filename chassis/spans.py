"""Spans for a collector: one for each HTTP request, handled message and run of a job. Off unless a setting names an
exporter; nothing of OpenTelemetry's SDK is loaded before.

Promises: a span has the ids of the `traceparent` that its work carries, so that logs, events and spans name the same
trace; spans are sent in batches beside the work and dropped when the collector is away. Does not promise spans of
single database calls: the stock instrumentors cost more than they tell (docs/decisions/0007-tracing.md).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from chassis.tracing import parts

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import Span


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
    """The spans of one process; `exporter` is `module:Class` of an OpenTelemetry span exporter, or empty."""

    def __init__(self, service: str, exporter: str) -> None:
        self._tracer: Any = None
        self._provider: Any = None
        if exporter:
            self._begin(service, exporter)

    def _begin(self, service: str, exporter: str) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        module, _, name = exporter.partition(":")
        self._ids = _Ids()
        resource = Resource.create({"service.name": f"baoqiao-{service}"})
        self._provider = TracerProvider(resource=resource, id_generator=self._ids)  # type: ignore[arg-type]
        self._provider.add_span_processor(BatchSpanProcessor(getattr(import_module(module), name)()))
        self._tracer = self._provider.get_tracer("baoqiao")

    @property
    def on(self) -> bool:
        """Whether anybody takes the spans."""
        return self._tracer is not None

    @contextmanager
    def span(self, name: str, traceparent: str, parent: str = "", **attributes: str) -> Iterator["Span | None"]:
        """A span while it is open: its ids are those of `traceparent`, its parent is another's; None while off."""
        if self._tracer is None:
            yield None
            return
        from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

        above = parts(parent)
        within = None
        if above:
            remote = SpanContext(int(above[0], 16), int(above[1], 16), is_remote=True, trace_flags=TraceFlags(1))
            within = set_span_in_context(NonRecordingSpan(remote))
        trace, span = parts(traceparent) or ("0", "0")
        self._ids.trace, self._ids.span = int(trace, 16), int(span, 16)
        with self._tracer.start_as_current_span(name, context=within, attributes=attributes) as opened:
            yield opened

    def close(self) -> None:
        """Send what waits."""
        if self._provider is not None:
            self._provider.shutdown()
