"""An endpoint outside gets what it was registered for, signed and in order."""

import asyncio
import json
import re
import secrets
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from chassis.ids import new_id
from chassis.kafka import Message, Publisher, ensure_topics
from chassis.resealing import reseal
from chassis.sealing import Keyring
from chassis.spans import Spans
from chassis.worker import Worker
from contracts import wire
from contracts.clients import ClientNoticeIssued
from contracts.facts import Envelope, Fact
from contracts.identity import UserChanged
from contracts.personal import EmailAddress
from contracts.placement import PolicyDelivered, PolicyExpired
from services.webhooks.model import Webhook
from services.webhooks.rules import BranchUnknown
from services.webhooks.service import service
from services.webhooks.store import AT_ONCE, Deliveries, Webhooks
from tests.structure.house import ROOT
from tests.support.collector import collecting
from tests.support.https import Endpoint
from tests.support.numbers import Since
from tests.support.service import HQ, KEYRING, RunningService, running
from tests.support.waiting import eventually
from tests.support.webhooks import EXPIRED, arrived, deliveries, registered, sent


async def on_the_bus(webhooks: RunningService, fact: Fact, subject: str) -> str:
    """Put a fact on Kafka as its service's relay does; gives the event's id."""
    event = Envelope(
        id=new_id(),
        source="/baoqiao/test",
        type=fact.type,
        subject=subject,
        time=webhooks.clock(),
        aggregateversion=1,
        branch=HQ,
        actor="u",
        correlationid="test",
    )
    settings = webhooks.host.settings
    await ensure_topics(settings, [fact.topic])
    publisher = Publisher(settings)
    value = fact.model_dump_json(context={"sealer": KEYRING.sealed}).encode()
    message = Message(f"{settings.namespace}{fact.topic}", subject.encode(), value, wire.headers_of(event))
    await publisher.publish([message], lambda: None)
    await publisher.renew()
    return event.id


def genuine() -> Any:
    """The function that docs/webhooks.md gives to receivers."""
    page = (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    found = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert found
    exec(found[1], names)  # noqa: S102 - the page is ours
    return names["genuine"]


@pytest.mark.rule("WHK-001", "WHK-003")
async def test_an_endpoint_gets_what_it_chose_signed_and_once(webhooks: RunningService, outside: Endpoint):
    admin = webhooks.user("admin")
    hook = await registered(admin, outside, PolicyExpired.type)
    event = await webhooks.receives(EXPIRED, "p1", 7)
    await webhooks.receives(EXPIRED, "p1", 7, event_id=event)  # Kafka delivers at least once
    await webhooks.receives(PolicyDelivered(policy_id="p1", client_id="c1", delivered_on="2026-03-02"), "p1", 8)  # type: ignore[arg-type]
    await sent(webhooks)
    await sent(webhooks)
    [(headers, body)] = outside.got
    told = json.loads(body)
    assert (told["id"], told["type"], told["data"]["policy_id"]) == (event, PolicyExpired.type, "p1")
    assert headers["Baoqiao-Event-Id"] == event
    known, now = {hook["keys"][0]["id"]: hook["secret"]}, webhooks.clock().timestamp()
    assert genuine()(headers, body, known, now)
    assert not genuine()(headers, body + b" ", known, now)
    assert not genuine()(headers, body, known, now + 301)


@pytest.mark.rule("WHK-001")
async def test_an_endpoint_hears_of_its_branch_and_those_below_only(webhooks: RunningService, outside: Endpoint):
    await registered(webhooks.user("admin"), outside, "*", branch="gd")
    for subject, branch in (("above", HQ), ("own", "gd"), ("below", "sz")):
        await webhooks.receives(EXPIRED, subject, branch=branch)
    await sent(webhooks)
    assert sorted(json.loads(body)["subject"] for _, body in outside.got) == ["below", "own"]
    asked = {"branch": "gd", "url": outside.url, "facts": ["*"]}
    assert (await webhooks.user("ann", "sz").request("POST", "/webhooks", json=asked)).status_code == 404


@pytest.mark.rule("WHK-001")
async def test_an_event_of_a_branch_that_is_not_known_yet_waits_for_it(webhooks: RunningService, outside: Endpoint):
    await registered(webhooks.user("admin"), outside, "*")
    with pytest.raises(BranchUnknown):
        await webhooks.receives(EXPIRED, "p1", branch="new", event_id="e1")
    await webhooks.knows_branch("new")
    await webhooks.receives(EXPIRED, "p1", branch="new", event_id="e1")
    await sent(webhooks)
    assert [headers["Baoqiao-Event-Id"] for headers, _ in outside.got] == ["e1"]


async def test_events_of_one_moment_ask_once_who_hears_of_them(
    webhooks: RunningService, outside: Endpoint, monkeypatch: pytest.MonkeyPatch
):
    await registered(webhooks.user("admin"), outside, "*", branch="gd")
    really_active, readings = Webhooks.active, list[Webhooks]()

    async def active(self: Webhooks) -> list[Webhook]:
        readings.append(self)
        if len(readings) == 1:  # an endpoint that is registered while this is read has to hear of the next event
            seen = await really_active(self)
            await registered(webhooks.user("admin"), outside, "*", branch="sz")
            await webhooks.receives(EXPIRED, "later", branch="sz")
            return seen
        return await really_active(self)

    monkeypatch.setattr(Webhooks, "active", active)
    subjects = [f"p{number}" for number in range(20)]
    await asyncio.gather(*(webhooks.receives(EXPIRED, subject, branch="sz") for subject in subjects))
    assert len(readings) == 2
    await sent(webhooks)
    assert sorted(json.loads(body)["subject"] for _, body in outside.got) == sorted([*subjects, "later", "later"])


@pytest.mark.rule("WHK-004")
async def test_a_failing_endpoint_is_tried_again_then_parked_and_order_holds(
    webhooks: RunningService, outside: Endpoint
):
    admin = webhooks.user("admin")
    hook = await registered(admin, outside, "*")
    outside.answers = 500
    outcomes = ({"outcome": outcome} for outcome in ("taken", "parked", "retried"))
    counted = Since("baoqiao_webhooks_total", *outcomes, service="webhooks")
    for version in (1, 2):
        await webhooks.receives(EXPIRED, "p1", version)
    await webhooks.receives(ClientNoticeIssued(notice_id="n", client_id="c", edition="1", issued_on="2026-03-02"), "n")  # type: ignore[arg-type]
    await sent(webhooks)
    await sent(webhooks)  # its pause is not over
    assert [json.loads(body)["subject"] for _, body in sorted(outside.got, key=lambda got: got[1])] in (
        ["n", "p1"],
        ["p1", "n"],
    )
    for _ in range(40):
        webhooks.clock.move(hours=3)
        await sent(webhooks)
    page = f"/webhooks/{hook['id']}/deliveries"
    parked = (await admin.request("GET", f"{page}?status=parked")).json()["items"]
    assert sorted((one["subject"], one["sequence"], one["answer"]) for one in parked) == [
        ("n", 1, "HTTP 500"), ("p1", 1, "HTTP 500"),
    ]  # fmt: skip
    outside.answers, outside.got = 200, []
    [first] = [one["id"] for one in parked if one["subject"] == "p1"]
    for _ in range(2):  # the answer may have been lost
        assert (await admin.request("POST", f"/deliveries/{first}/redelivery", key="k")).status_code == 200
    assert (await admin.request("POST", f"/deliveries/{first}/redelivery")).status_code == 409
    await sent(webhooks)
    await sent(webhooks)
    assert [json.loads(body)["aggregateversion"] for _, body in outside.got] == [1, 2]
    taken, given_up, retried = counted.grown()
    assert (taken, given_up, retried > 20) == (2, 2, True), "what operators watch"


@pytest.mark.rule("WHK-004")
async def test_a_redelivery_that_is_broken_off_is_asked_for_once_more(
    webhooks: RunningService, outside: Endpoint, monkeypatch: pytest.MonkeyPatch
):
    admin = webhooks.user("admin")
    hook = await registered(admin, outside, "*")
    await webhooks.receives(EXPIRED, "p1")
    outside.answers = 500
    while [one["status"] for one in await deliveries(admin, hook)] != ["parked"]:
        await sent(webhooks)
        webhooks.clock.move(hours=13)
    outside.answers = 200
    [parked] = await deliveries(admin, hook)

    async def broken_off(*_: object) -> None:
        raise AutoReconnect

    with monkeypatch.context() as broken:
        broken.setattr(Deliveries, "_stir", broken_off)
        assert (await admin.request("POST", f"/deliveries/{parked['id']}/redelivery", key="k")).status_code == 503
    assert (await admin.request("POST", f"/deliveries/{parked['id']}/redelivery", key="k")).status_code == 200
    await sent(webhooks)
    assert [one["status"] for one in await deliveries(admin, hook)] == ["delivered"]


@pytest.mark.rule("WHK-004")
async def test_what_a_sender_that_died_had_sent_comes_again_as_the_same_event(
    webhooks: RunningService, outside: Endpoint
):
    admin = webhooks.user("admin")
    hook = await registered(admin, outside, "*")
    event = await webhooks.receives(EXPIRED, "p1")
    outside.at_hand.clear()  # it has the request and has not answered yet
    sending = asyncio.create_task(sent(webhooks))
    await eventually(lambda: arrived(outside, 1), "the first request")
    sending.cancel()
    await asyncio.wait([sending])
    outside.at_hand.set()
    [waiting] = await deliveries(admin, hook)
    assert (waiting["status"], waiting["tries"]) == ("waiting", 0)
    await sent(webhooks)
    await sent(webhooks)
    assert [headers["Baoqiao-Event-Id"] for headers, _ in outside.got] == [event, event]
    [delivery] = await deliveries(admin, hook)
    assert (delivery["status"], delivery["tries"]) == ("delivered", 1)


@pytest.mark.rule("WHK-004")
async def test_an_endpoint_with_much_to_get_keeps_no_other_waiting(webhooks: RunningService, outside: Endpoint):
    admin = webhooks.user("admin")
    await registered(admin, outside, PolicyExpired.type)
    other = await registered(admin, outside, ClientNoticeIssued.type)
    for n in range(AT_ONCE + 5):
        await webhooks.receives(EXPIRED, f"p{n}")
    notice = ClientNoticeIssued(notice_id="n", client_id="c", edition="1", issued_on="2026-03-02")  # type: ignore[arg-type]
    await webhooks.receives(notice, "n")
    await sent(webhooks)
    assert len(outside.got) == AT_ONCE + 1
    assert [one["status"] for one in await deliveries(admin, other)] == ["delivered"]


@pytest.mark.rule("WHK-001")
async def test_what_is_told_on_kafka_reaches_the_endpoint_with_personal_data_sealed(
    mongo_url: str, kafka_bootstrap: str, outside: Endpoint
):
    async with running(service, mongo_url, kafka_bootstrap=kafka_bootstrap) as webhooks:
        await registered(webhooks.user("admin"), outside, UserChanged.type)
        worker = Worker(webhooks.host)
        await worker.start()
        try:
            told = UserChanged(user_id="u1", name="王芳", email=EmailAddress("wang.fang@example.com"), language="zh")
            event = await on_the_bus(webhooks, told, "u1")
            await eventually(lambda: arrived(outside, 1), "the request")
        finally:
            await worker.stop()
    [(headers, body)] = outside.got
    data = json.loads(body)["data"]
    assert (headers["Baoqiao-Event-Id"], data["name"]) == (event, "王芳")
    assert b"wang" not in body
    assert KEYRING.open(data["email"]) == "wang.fang@example.com"


@pytest.mark.rule("WHK-003")
async def test_a_new_key_signs_beside_the_old_one_for_a_day(webhooks: RunningService, outside: Endpoint):
    admin = webhooks.user("admin")
    hook = await registered(admin, outside, "*")
    answer = await admin.request("POST", f"/webhooks/{hook['id']}/keys", match=hook["version"])
    rotated = answer.json()
    await webhooks.receives(EXPIRED, "p1")
    await sent(webhooks)
    webhooks.clock.move(hours=25)
    await webhooks.receives(EXPIRED, "p2")
    await sent(webhooks)
    old, new = {hook["keys"][0]["id"]: hook["secret"]}, {rotated["keys"][0]["id"]: rotated["secret"]}
    (headers, body), (later, later_body) = outside.got
    at, now = webhooks.clock().timestamp() - 25 * 3600, webhooks.clock().timestamp()
    assert genuine()(headers, body, old, at) and genuine()(headers, body, new, at)
    assert genuine()(later, later_body, new, now) and not genuine()(later, later_body, old, now)
    assert "secret" not in (await admin.request("GET", f"/webhooks/{hook['id']}")).json()


@pytest.mark.rule("WHK-003")
async def test_no_more_than_five_keys_sign_at_once(webhooks: RunningService, outside: Endpoint):
    admin = webhooks.user("admin")
    hook = await registered(admin, outside, "*")
    page = f"/webhooks/{hook['id']}/keys"
    answers = [await admin.request("POST", page, match=hook["version"] + n) for n in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 409]
    webhooks.clock.move(hours=25)
    assert (await admin.request("POST", page, match=hook["version"] + 4)).status_code == 200


@pytest.mark.rule("WHK-001")
async def test_what_waits_is_sealed_anew_when_the_field_key_is_rotated(webhooks: RunningService, outside: Endpoint):
    outside.answers = 500
    await registered(webhooks.user("admin"), outside, "*")
    told = UserChanged(user_id="u1", name="王芳", email=EmailAddress("wang.fang@example.com"), language="zh")
    await webhooks.receives(told, "u1")
    await sent(webhooks)
    ring = Keyring("k2", {"k2": secrets.token_bytes(32)}, b"h" * 32)
    ring._ciphers |= KEYRING._ciphers
    webhooks.host.db.keyring = ring
    await reseal(webhooks.host.db)
    outside.answers = 204
    webhooks.clock.move(minutes=1)
    await sent(webhooks)
    [_, (_, body)] = outside.got
    email = json.loads(body)["data"]["email"]
    assert email.startswith("k2.")
    assert ring.open(email) == "wang.fang@example.com"


@pytest.mark.rule("WHK-001")
async def test_an_endpoint_that_is_off_gets_nothing_and_facts_are_checked(webhooks: RunningService, outside: Endpoint):
    admin = webhooks.user("admin")
    hook = await registered(admin, outside, "*")
    path = f"/webhooks/{hook['id']}"
    off = {"facts": ["*"], "status": "disabled"}
    assert (await admin.request("PUT", path, json=off, match=hook["version"])).json()["status"] == "disabled"
    await webhooks.receives(EXPIRED, "p1")
    await sent(webhooks)
    assert not outside.got
    unknown = {"facts": ["baoqiao.no.such.fact.v1"], "status": "active"}
    refused = await admin.request("PUT", path, json=unknown, match=hook["version"] + 1)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/facts/0")


async def test_a_delivery_is_told_in_the_trace_of_its_event(webhooks: RunningService, outside: Endpoint):
    await registered(webhooks.user("admin"), outside, "*")
    trace, cause = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    event = Envelope(
        id=new_id(), source="/baoqiao/placement", type=EXPIRED.type, subject="p1", time=webhooks.clock(),
        aggregateversion=1, branch=HQ, actor="u", correlationid="c", traceparent=f"00-{trace}-{cause}-01",
    )  # fmt: skip
    await webhooks.deliveries.handle(EXPIRED, event)
    with collecting() as collector:
        webhooks.host.spans = Spans("webhooks", collector.url)
        await sent(webhooks)
        await asyncio.to_thread(webhooks.host.spans.close)
    assert [(span.name, span.trace, span.parent) for span in collector.spans] == [("send webhook", trace, cause)]
