"""W3C trace context, carried through HTTP and Kafka, so that one trace id links a click with its last effect."""

import re
import secrets

_PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


def new_trace_id() -> str:
    """32 random hex digits."""
    return secrets.token_hex(16)


def child_of(traceparent: str) -> str:
    """A new span below a `traceparent`; a new trace when that is empty or malformed."""
    parent = _PARENT.fullmatch(traceparent)
    trace = parent[1] if parent else new_trace_id()
    return f"00-{trace}-{secrets.token_hex(8)}-01"


def parts(traceparent: str) -> tuple[str, str] | None:
    """Trace id and span id in hex; None when there is none."""
    parent = _PARENT.fullmatch(traceparent)
    return (parent[1], parent[2]) if parent else None


def trace_id(traceparent: str) -> str:
    """The trace's id; empty when there is none."""
    parent = _PARENT.fullmatch(traceparent)
    return parent[1] if parent else ""
