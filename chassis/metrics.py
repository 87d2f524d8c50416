"""What operators watch, in Prometheus' text format, or OpenMetrics' with exemplars when it is asked for.

Promises: names and labels stay; labels are few and hold names of ours alone (routes, rules, topics, facts, jobs), never
what somebody sent. Each metric is declared once, with what it counts in: docs/metrics.md is made from here. Does not
promise numbers across processes: each process tells its own, Prometheus adds them up.
"""

import asyncio
import time
from functools import cache
from typing import NamedTuple, TypeVar

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics import MetricWrapperBase

M = TypeVar("M", bound=MetricWrapperBase)
LAG_SECONDS = 0.5
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SHORT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LONG = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
disable_created_metrics()


class Declared(NamedTuple):
    """A metric as docs/metrics.md tells of it; every one also has the label `service`."""

    kind: str
    labels: tuple[str, ...]
    unit: str
    text: str


DECLARED: dict[str, Declared] = {}
"""All metrics of ours, by name."""


def counter(name: str, text: str, unit: str, *labels: str) -> Counter:
    """Declare a counter, with the labels that it has beside `service`."""
    DECLARED[name] = Declared("counter", labels, unit, text)
    return Counter(name, text, ["service", *labels])


def gauge(name: str, text: str, unit: str, *labels: str) -> Gauge:
    """Declare a gauge, with the labels that it has beside `service`."""
    DECLARED[name] = Declared("gauge", labels, unit, text)
    return Gauge(name, text, ["service", *labels])


def histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    """Declare a histogram of seconds, with the labels that it has beside `service`."""
    DECLARED[name] = Declared("histogram", labels, "s", text)
    return Histogram(name, text, ["service", *labels], buckets=buckets)


REQUESTS = histogram(
    "baoqiao_request_seconds", "Time of HTTP requests, from their arrival to their answer", SHORT,
    "method", "route", "status",
)  # fmt: skip
COMMANDS = counter(
    "baoqiao_commands_total",
    "Calls that change something, by operation and outcome: done, repeated (answered as the first call was), refused,"
    " failed",
    "calls",
    *("command", "outcome"),
)
REFUSALS = counter(
    "baoqiao_refusals_total",
    "Refusals by the rule that they come from (docs/rules; `none`: the thing is not there, or no rule is named) and the"
    " door: http, event",
    "refusals",
    *("rule", "door"),
)
LOOP_LAG = histogram("baoqiao_loop_lag_seconds", "How late the event loop is, looked at twice a second", SHORT)
POOL_WAITS = histogram(
    "baoqiao_pool_wait_seconds", "Waits for a connection of MongoDB's pool that took longer than a millisecond", SHORT
)
RELAYED = counter("baoqiao_relayed_total", "Events that Kafka and the event log have, by fact", "events", "type")
PENDING = gauge(
    "baoqiao_outbox_pending",
    "Documents with events that are not published, 10,000 of each collection at most; told by who relays",
    "documents",
)
OLDEST = gauge(
    "baoqiao_outbox_oldest_seconds", "Age of the oldest event that is not published; told by who relays", "s"
)
EPOCH = gauge(
    "baoqiao_relay_epoch",
    "How often the right to relay and to run jobs has changed hands, told by the worker that has it; 0 by the others",
    "changes",
)
LAG = gauge(
    "baoqiao_consumer_lag", "Messages on Kafka that are not handled yet, of the partitions in hand", "messages", "topic"
)
CONSUMED = counter(
    "baoqiao_consumed_total",
    "Messages by what became of them: handled, not ours (nobody here listens), retried (each further try), parked",
    "messages",
    *("topic", "outcome"),
)
HANDLED = histogram(
    "baoqiao_handled_seconds", "From Kafka's time of a message to its effects being durable", LONG, "topic"
)
GONE = counter("baoqiao_gone_total", "Messages that Kafka had dropped before they were read", "messages", "topic")
CUT = counter(
    "baoqiao_cut_total",
    "Partitions of Kafka that ended before what was read: their data was lost",
    "partitions",
    "topic",
)
PARKED = gauge("baoqiao_parked", "Parked messages; told by who relays", "messages")
JOBS = histogram("baoqiao_job_seconds", "Time of scheduled jobs: done, failed", LONG, "job_name", "outcome")
JOB_DONE = gauge(
    "baoqiao_job_done_timestamp_seconds", "When a scheduled job was last done here", "s since 1970", "job_name"
)
JOB_INTERVAL = gauge("baoqiao_job_interval_seconds", "How often a scheduled job is to run", "s", "job_name")

request = cache(REQUESTS.labels)
command = cache(COMMANDS.labels)
refusal = cache(REFUSALS.labels)
consumed = cache(CONSUMED.labels)
handled = cache(HANDLED.labels)
relayed = cache(RELAYED.labels)
"""The children of what is counted often: prometheus_client's own look-up costs four times the counting."""


def outcome_of(status: int, *, repeated: bool) -> str:
    """What became of a command, by its answer."""
    if status >= 500:
        return "failed"
    if status >= 400:
        return "refused"
    return "repeated" if repeated else "done"


def refused(service: str, rule: str, door: str) -> None:
    """Count a refusal."""
    refusal(service, rule or "none", door).inc()


def exemplar(trace: str) -> dict[str, str] | None:
    """What leads from a number to the trace of one of its cases; None when nobody takes traces."""
    return {"trace_id": trace} if trace else None


async def tell_loop_lag(service: str) -> None:
    """Tell for ever how late the event loop is."""
    told = LOOP_LAG.labels(service)
    while True:
        due = time.perf_counter() + LAG_SECONDS
        await asyncio.sleep(LAG_SECONDS)
        told.observe(max(0.0, time.perf_counter() - due))


def exposed(accept: str = "") -> tuple[bytes, str]:
    """All of them as text, and its media type, in a form that the reader accepts."""
    encode, media_type = choose_encoder(accept)
    return encode(REGISTRY), media_type
