"""One trace from a click to its last effect: request, event, Kafka, the consumer's log, the events it causes."""

from typing import Any

import pytest
import structlog
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from chassis.tracing import child_of, trace_id
from chassis.worker import Worker
from tests.support.bus import on_kafka
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


async def test_spans_carry_the_ids_of_the_work_and_are_off_unless_asked_for(
    mongo_url: str, monkeypatch: pytest.MonkeyPatch
):
    kept = InMemorySpanExporter()
    monkeypatch.setattr("opentelemetry.sdk.trace.export.in_memory_span_exporter.InMemorySpanExporter", lambda: kept)
    asked = "opentelemetry.sdk.trace.export.in_memory_span_exporter:InMemorySpanExporter"
    async with running(sample_service, mongo_url, span_exporter=asked) as service:
        made = await service.user("ann").post("/parcels", PARCEL, headers={"traceparent": TRACEPARENT})
        [event] = await service.events("parcels")
        await service.receives(ParcelPosted(parcel_id="p", label="x"), "p")
        service.host.spans.close()
    request, message = kept.get_finished_spans()
    assert (request.name, made.status_code) == ("POST /parcels", 201)
    assert request.context is not None
    assert request.parent is not None
    assert f"{request.context.trace_id:032x}" == TRACE
    assert f"{request.parent.span_id:016x}" == "00f067aa0ba902b7"
    assert event["trace"] == f"00-{TRACE}-{request.context.span_id:016x}-01"
    assert message.name == "handle baoqiao.sample.parcels.parcel_posted.v1"
