"""Register webhooks, queue what they are to hear, send it."""

import asyncio
import json
import secrets
from collections.abc import Sequence

from chassis.ids import derived_id
from chassis.logs import log
from chassis.metrics import counter
from chassis.tracing import child_of
from chassis.work import Work
from contracts.catalogue import facts as known_facts
from contracts.facts import Envelope, Fact
from contracts.webhooks import WebhookChanged
from services.webhooks import rules
from services.webhooks.model import PING, Delivery, DeliveryStatus, Key, Status, Webhook
from services.webhooks.sending import Sender, WebhookSettings, checked_address
from services.webhooks.store import Deliveries, Webhooks

TRIES = counter(
    "baoqiao_webhooks_total",
    "Deliveries to webhooks by what came of a try: taken, retried (it waits for the next try), parked",
    "tries",
    "outcome",
)
BECAME = {DeliveryStatus.DELIVERED: "taken", DeliveryStatus.WAITING: "retried", DeliveryStatus.PARKED: "parked"}
for outcome in BECAME.values():
    TRIES.labels("webhooks", outcome)  # told from 0 on, or the first one would not be seen


def _new_key(work: Work) -> tuple[Key, str]:
    """A key and its secret, which is shown once."""
    secret = secrets.token_urlsafe(32)
    return Key(id=f"k{secrets.token_hex(4)}", sealed=work.db.keyring.seal(secret)), secret


async def register(url: str, facts: Sequence[str], note: str, branch: str, work: Work) -> tuple[Webhook, str]:
    """Register an endpoint; gives it with the secret of its first key. Raises TargetRefused, FactUnknown.

    Rules: WHK-001, WHK-002, WHK-003.
    """
    rules.check_facts(facts, list(known_facts()))
    await checked_address(url, WebhookSettings())
    key, _ = _new_key(work)
    webhook = Webhook(
        id=work.new_id("webhooks"),
        branch=branch,
        url=url,
        facts=tuple(facts),
        note=note,
        keys=(key,),
        made_by=work.actor.id,
    )
    kept = await Webhooks(work).add(*rules.register(webhook))
    return kept, work.db.keyring.open(kept.keys[0].sealed)


async def change(webhook_id: str, facts: Sequence[str], note: str, status: Status, work: Work) -> Webhook:
    """Change what a webhook hears, or switch it off or on. Raises FactUnknown. Rule: WHK-001."""

    def decide(webhook: Webhook) -> tuple[Webhook, WebhookChanged]:
        rules.check_facts(facts, list(known_facts()))
        return rules.change(webhook, tuple(facts), note, status)

    return await Webhooks(work).change(webhook_id, decide)


async def rotate(webhook_id: str, work: Work) -> tuple[Webhook, str]:
    """Give a webhook a new key; gives it with the secret of its newest key. Raises TooManyKeys. Rule: WHK-003."""
    key, _ = _new_key(work)
    rotated = await Webhooks(work).change(webhook_id, lambda one: rules.rotate(one, key, work.now))
    return rotated, work.db.keyring.open(rotated.keys[0].sealed)


async def ping(webhook_id: str, work: Work) -> Delivery:
    """Queue a test message, which nothing else can hold up."""
    webhook = await Webhooks(work).get(webhook_id)
    ping_id = work.new_id("pings")
    told = Envelope(
        id=ping_id,
        source="/baoqiao/webhooks",
        type=PING,
        subject=ping_id,
        time=work.now,
        aggregateversion=1,
        branch=webhook.branch,
        actor=work.actor.id,
        correlationid=work.correlation,
    )
    delivery = _delivery(webhook, told, {"webhook_id": webhook.id}, work)
    await Deliveries(work).add(delivery)
    return await Deliveries(work).get(delivery.id)


def _delivery(webhook: Webhook, event: Envelope, data: object, work: Work) -> Delivery:
    attributes = {name: value for name, value in event.model_dump(mode="json").items() if value != ""}
    told = {"specversion": "1.0", **attributes, "datacontenttype": "application/json", "data": data}
    return Delivery(
        id=derived_id("webhook deliveries", webhook.id, event.id),
        branch=webhook.branch,
        webhook_id=webhook.id,
        event_id=event.id,
        fact=event.type,
        subject=event.subject,
        sequence=event.aggregateversion,
        told=told,
        made_at=work.now,
        next_at=work.now,
    )


async def queue(fact: Fact, work: Work) -> None:
    """Queue an event for each webhook that is to hear of it, once however often it is delivered.

    A webhook hears of its branch and those below. Personal data stays sealed, as on Kafka. Raises BranchUnknown.
    Rule: WHK-001.
    """
    event = work.event
    assert event is not None
    hearing = await Webhooks(work).hearing()
    wanting = [one for one in hearing.webhooks if one.wants(event.type)]
    if not wanting:
        return
    if event.branch and event.branch not in await hearing.tree.known():
        raise rules.BranchUnknown(id=event.branch)
    data = json.loads(fact.model_dump_json(context={"sealer": work.db.keyring.sealed}))
    for webhook in wanting:
        if event.branch in await hearing.tree.below([webhook.branch], work.today):
            await Deliveries(work).add(_delivery(webhook, event, data, work))


async def send_due(work: Work) -> None:
    """Send what is due, all side by side: so many aggregates of each webhook, the next event of each. Rule: WHK-004."""
    deliveries = Deliveries(work)
    webhooks = {one.id: one for one in await Webhooks(work).active()}
    due = await deliveries.due([*webhooks])
    if not due:
        return
    sender = Sender(WebhookSettings(), work.db.keyring)
    async with sender.http:

        async def send(delivery: Delivery) -> None:
            webhook = webhooks[delivery.webhook_id]
            parent = delivery.told.get("traceparent", "")
            with work.spans.span("send webhook", child_of(parent), parent, "CLIENT"):
                taken, answer = await sender.send(delivery, webhook, work.now)
            after = rules.tried(delivery, work.now, answer, taken=taken)
            TRIES.labels(work.service, BECAME[after.status]).inc()
            await deliveries.settle(delivery, after)
            if not taken:
                log.warning("webhook not taken", webhook=webhook.id, delivery=delivery.id, answer=answer)

        await asyncio.gather(*map(send, due))


async def redeliver(delivery_id: str, work: Work) -> Delivery:
    """Send what is parked once more. Raises NotParked. Rule: WHK-004."""
    deliveries = Deliveries(work)
    before = await deliveries.get(delivery_id)
    after = rules.again(before, work.mark(), work.now)
    if after is not before:
        await deliveries.put_back(before, after)
    return after
