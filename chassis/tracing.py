"""W3C trace context, carried through HTTP and Kafka, so that one trace id links a click with its last effect."""

import re
import secrets

_PARENT = re.compile(r"00-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-[0-9a-f]([0-9a-f])")
_SAMPLED = frozenset("13579bdf")


def new_trace_id() -> str:
    """32 random hex digits."""
    return secrets.token_hex(16)


def child_of(traceparent: str) -> str:
    """A new span below a `traceparent`, recorded if that is; a new trace when it is empty or malformed."""
    parent = _PARENT.fullmatch(traceparent)
    if not parent:
        return f"00-{new_trace_id()}-{secrets.token_hex(8)}-01"
    return f"00-{parent[1]}-{secrets.token_hex(8)}-{'01' if parent[3] in _SAMPLED else '00'}"


def is_sampled(traceparent: str) -> bool:
    """Whether its spans are to be recorded: whoever began the trace says so."""
    return traceparent[-1:] in _SAMPLED


def parts(traceparent: str) -> tuple[str, str] | None:
    """Trace id and span id in hex; None when there is none."""
    parent = _PARENT.fullmatch(traceparent)
    return (parent[1], parent[2]) if parent else None


def trace_id(traceparent: str) -> str:
    """The trace's id; empty when there is none."""
    parent = _PARENT.fullmatch(traceparent)
    return parent[1] if parent else ""
