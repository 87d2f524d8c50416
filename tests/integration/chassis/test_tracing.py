"""One trace from a click to its last effect: request, event, Kafka, the consumer's log, the events it causes."""

import asyncio
import subprocess
import sys
from typing import Any

import pytest
import structlog
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from chassis.app import create_app
from chassis.spans import Spans
from chassis.tracing import child_of, trace_id
from chassis.worker import Worker
from tests.support.bus import on_kafka
from tests.support.collector import collecting
from tests.support.sample import ParcelPosted
from tests.support.sample import service as sample_service
from tests.support.service import RunningService, running
from tests.support.waiting import eventually

PARCEL = {"label": "return me", "value": {"amount": "12.50"}}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def test_a_child_keeps_the_trace_and_has_a_span_of_its_own():
    child = child_of(TRACEPARENT)
    assert trace_id(child) == TRACE
    assert child != TRACEPARENT
    assert len(trace_id(child_of("rubbish"))) == 32


async def test_the_trace_of_a_request_is_found_at_every_step(sample_worker: tuple[RunningService, Worker]):
    service, worker = sample_worker
    headers = {"traceparent": TRACEPARENT, "X-Request-Id": "click-0001"}
    with capture_logs(processors=[merge_contextvars]) as lines:
        posted = (await service.user("ann").post("/parcels", PARCEL, headers=headers)).json()["id"]

        async def events() -> list[dict[str, Any]]:
            found = await service.host.db["event_log"].find({}).sort("seq", 1).to_list()
            return found if len(found) == 2 else []

        first, second = await eventually(events, "the event and the one that it causes")

        async def both_handled() -> bool:
            return len(handled(lines)) == 2

        await eventually(both_handled, "both messages in the consumer's log")

    assert first["key"] == posted
    told, caused = dict(first["headers"]), dict(second["headers"])
    assert [trace_id(headers["ce_traceparent"]) for headers in (told, caused)] == [TRACE, TRACE]
    assert [headers["ce_correlationid"] for headers in (told, caused)] == ["click-0001"] * 2
    assert caused["ce_causationid"] == told["ce_id"]
    requested = [line for line in lines if line["event"] == "request"]
    for line in (*requested, *handled(lines)):
        assert (line["trace"], line["correlation"]) == (TRACE, "click-0001")
    assert {told["ce_id"], caused["ce_id"]} <= {line["event_id"] for line in handled(lines)}
    assert await in_kafka(service, worker) == {TRACE}


def handled(lines: list[Any]) -> list[Any]:
    return [line for line in lines if line["event"] == "handled"]


async def in_kafka(service: RunningService, worker: Worker) -> set[str]:
    """The traces of all messages, read from the beginning as another subscriber would."""
    messages = await on_kafka(worker.host.settings, "sample.parcels", 2)
    return {trace_id(dict(message.headers)["ce_traceparent"].decode()) for message in messages}


async def test_a_job_begins_a_trace_of_its_own(sample: RunningService):
    from chassis.jobs import Job

    seen: list[dict[str, Any]] = []

    async def tell(work: Any) -> None:
        seen.append({**structlog.contextvars.get_contextvars(), "of work": trace_id(work.traceparent)})

    worker = Worker(sample.host)
    assert await worker.lease.hold()
    await worker.run_job(Job("tell", tell))
    await worker.run_job(Job("tell", tell))
    assert [line["job"] for line in seen] == ["tell", "tell"]
    assert seen[0]["trace"] == seen[0]["of work"] != seen[1]["trace"]
    assert "job" not in structlog.contextvars.get_contextvars()


async def test_spans_carry_the_ids_of_the_work_and_are_told_to_a_collector(mongo_url: str):
    with collecting() as collector:
        async with running(sample_service, mongo_url, otlp_url=collector.url) as service:
            ann = service.user("ann")
            await ann.post("/parcels", PARCEL, headers={"traceparent": TRACEPARENT})
            [event] = await service.events("parcels")
            await service.receives(ParcelPosted(parcel_id="p", label="x"), "p")
            await ann.get("/parcels", headers={"traceparent": f"{TRACEPARENT[:-2]}00"})
            numbers = await service.http.get("/metrics", headers={"Accept": "application/openmetrics-text"})
            await asyncio.to_thread(service.host.spans.close)
    request, message = collector.spans
    assert (request.service, request.name) == ("baoqiao-sample", "POST /parcels")
    assert (request.trace, request.parent) == (TRACE, "00f067aa0ba902b7")
    assert request.attributes["http.response.status_code"] == "201"
    assert event["trace"] == f"00-{TRACE}-{request.id}-01"
    assert message.name == "handle baoqiao.sample.parcels.parcel_posted.v1"
    assert f'# {{trace_id="{TRACE}"}}' in numbers.text, "an exemplar leads from a number to its trace"


async def test_of_what_failed_a_span_names_the_class_alone(mongo_url: str):
    with collecting() as collector:
        spans = Spans("sample", collector.url)
        with pytest.raises(ValueError), spans.span("look", TRACEPARENT):
            raise ValueError("110101199001011237")
        await asyncio.to_thread(spans.close)
    [told] = collector.raw
    assert "'error.type': 'ValueError'" in told
    assert "110101199001011237" not in told


async def test_fastapis_own_telemetry_which_tells_queries_is_off_whatever_the_environment_says(
    sample: RunningService, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    told = create_app(sample.host)._telemetry
    assert not any(told.get(part) for part in ("tracing", "metrics", "logs", "auto_configure"))


def test_without_a_collector_neither_sdk_nor_exporter_is_loaded():
    look = "import sys, chassis.app, chassis.worker; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert "chassis.spans" in told.stdout.split()
    assert not {"opentelemetry.sdk", "opentelemetry.exporter", "google.protobuf"} & set(told.stdout.split())
