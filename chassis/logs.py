"""Structured logs: one JSON object a line on stdout, each with the trace of the request, message or job it comes from.

Promises: personal data shows its mask, and long numbers in free text lose their middle. Does not promise to know a name
or an address in free text: those are never put into a sentence that is logged.
"""

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import AbstractContextManager
from typing import Any

import structlog

from chassis.tracing import trace_id
from contracts.personal import Personal

_SHORTEST_NUMBER = 11
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])(\d{3})\d{4,14}([0-9Xx]{4})(?![0-9A-Za-z-])")

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def traced(traceparent: str, correlation: str, **more: Any) -> AbstractContextManager[Any]:
    """While it is open, each line of this task says in which trace and for which request it was written."""
    about = {"trace": trace_id(traceparent), "span": traceparent[36:52]}
    return structlog.contextvars.bound_contextvars(**about, **_safe({"correlation": correlation, **more}))


def masked(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor: personal values become masks, long numbers in text lose their middle."""
    return {name: _safe(value) for name, value in event.items()}


def _safe(value: Any) -> Any:
    if isinstance(value, Personal):
        return str(value)
    if isinstance(value, str):
        return value if len(value) < _SHORTEST_NUMBER else _LONG_NUMBER.sub(r"\1****\2", value)
    if isinstance(value, dict):
        return {name: _safe(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_safe(inner) for inner in value]
    return value


_encoded = json.JSONEncoder(ensure_ascii=False, default=repr).encode  # made once: json.dumps would make one a line


def _line(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    return _encoded(event)


def configure(level: str) -> None:
    """Set up logging of this process."""
    logging.basicConfig(stream=sys.stdout, level=level, format="%(message)s", force=True)
    for noisy in ("aiokafka", "pymongo", "apscheduler", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.format_exc_info,
            masked,  # before what is ours: ids, names of levels, times
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _line,
        ],
        logger_factory=structlog.WriteLoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )
