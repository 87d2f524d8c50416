"""Counters and timings that operators watch, in Prometheus' text format."""

from functools import cache

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

MEDIA_TYPE = CONTENT_TYPE_LATEST
REQUESTS = Histogram("baoqiao_request_seconds", "Time of HTTP requests", ["service", "method", "route", "status"])
CONSUMED = Counter("baoqiao_consumed_total", "Messages by what became of them", ["service", "topic", "outcome"])
GONE = Counter("baoqiao_gone_total", "Messages that Kafka had dropped before they were read", ["service", "topic"])
RELAYED = Counter("baoqiao_relayed_total", "Events published", ["service"])
OLDEST = Gauge("baoqiao_outbox_oldest_seconds", "Age of the oldest event that is not published", ["service"])
PARKED = Gauge("baoqiao_parked", "Parked messages", ["service"])
JOBS = Histogram("baoqiao_job_seconds", "Time of scheduled jobs", ["service", "job", "outcome"])


def request(service: str, method: str, route: str, status: int, seconds: float) -> None:
    """Count one HTTP request."""
    _requests(service, method, route, status).observe(seconds)


@cache
def _requests(service: str, method: str, route: str, status: int) -> Histogram:
    return REQUESTS.labels(service, method, route, str(status))


def exposed() -> bytes:
    """All of them, as text."""
    return generate_latest()
