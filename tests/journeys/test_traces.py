"""One trace from the gateway to the last effect, as a collector gets it."""

import asyncio

from deploy.local.demo.story import Story
from tests.support.collector import Collector, Told
from tests.support.stack import Stack
from tests.support.waiting import eventually

ISSUED = "baoqiao.placement.documents.placement_document_issued.v1"
QUEUED = "baoqiao.notifications.messages.message_queued.v1"


def named(spans: list[Told], name: str, service: str = "") -> Told:
    """The span of this name, of that service if one is named; the first of several."""
    return next(span for span in spans if span.name == name and service in span.service)


async def test_a_mail_is_in_the_trace_of_the_request_that_caused_it(story: Story, stack: Stack, collector: Collector):
    for host in stack.hosts.values():
        await asyncio.to_thread(host.spans._provider.force_flush)

    async def whole() -> list[Told]:
        """The spans of a trace that reaches from the gateway to a mail with a document of placement's."""
        for mail in (span for span in collector.spans if span.name == "send mail"):
            found = collector.of_trace(mail.trace)
            if {"baoqiao-gateway", "baoqiao-placement"} <= {span.service for span in found}:
                return found
        return []

    spans = await eventually(whole, "a mail in the trace of a request to placement")
    gateway = next(span for span in spans if span.service == "baoqiao-gateway")
    request = next(span for span in spans if span.service == "baoqiao-placement" and span.kind == SERVER)
    published, handled = named(spans, f"publish {ISSUED}"), named(spans, f"handle {ISSUED}", "notifications")
    mail = named(spans, "send mail")
    assert gateway.parent == "", "the gateway begins it"
    assert request.parent == gateway.id
    assert request.name == f"{request.name.split()[0]} {request.attributes['http.route']}"
    assert published.parent == request.id
    assert (published.service, handled.service) == ("baoqiao-placement", "baoqiao-notifications")
    assert handled.parent == request.id
    assert (mail.service, mail.parent) == ("baoqiao-notifications", handled.id)
    assert named(spans, f"publish {QUEUED}").parent == handled.id
    assert named(spans, "publish baoqiao.notifications.messages.message_sent.v1").parent == mail.id


SERVER = 2


async def test_the_gateways_spans_name_neither_path_nor_query(story: Story, collector: Collector):
    told = [span for span in collector.spans if span.service == "baoqiao-gateway"]
    assert len(told) > 50
    assert {span.attributes["http.url"].partition("//")[2].partition("/")[2] for span in told} == {""}
