"""The HTTP door of webhooks."""

from typing import Annotated

from fastapi import APIRouter

from chassis.http import Listing, Page, Work, paged, refusals, requires
from services.webhooks import actions
from services.webhooks.model import DeliveryStatus
from services.webhooks.rules import (
    DeliveryMissing,
    FactUnknown,
    NotParked,
    TargetRefused,
    TooManyKeys,
    WebhookMissing,
)
from services.webhooks.schemas import ChangeWebhook, DeliveryView, RegisterWebhook, WebhookView, WebhookWithSecret
from services.webhooks.store import Deliveries, Webhooks

router = APIRouter(tags=["webhooks"])
paging = Annotated[Listing, paged()]
READ, WRITE = "webhooks:read", "webhooks:write"


@router.post(
    "/webhooks",
    status_code=201,
    dependencies=[requires(WRITE)],
    responses=refusals(WebhookMissing, TargetRefused, FactUnknown),
)
async def register_webhook(body: RegisterWebhook, work: Work) -> WebhookWithSecret:
    """Tell an HTTPS endpoint of chosen facts of a branch and those below it, signed with the key in the answer.

    Rules: WHK-001, WHK-002, WHK-003.
    """
    return WebhookWithSecret.told(*await actions.register(body.url, body.facts, body.note, body.branch, work))


@router.get("/webhooks", dependencies=[requires(READ)])
async def list_webhooks(work: Work, listing: paging) -> Page[WebhookView]:
    """The webhooks of the caller's branches."""
    found = await Webhooks(work).page(listing)
    return Page(items=[WebhookView.of(one) for one in found.items], next=found.next)


@router.get("/webhooks/{webhook_id}", dependencies=[requires(READ)], responses=refusals(WebhookMissing))
async def show_webhook(webhook_id: str, work: Work) -> WebhookView:
    """One webhook."""
    return WebhookView.of(await Webhooks(work).get(webhook_id))


@router.put("/webhooks/{webhook_id}", dependencies=[requires(WRITE)], responses=refusals(WebhookMissing, FactUnknown))
async def change_webhook(webhook_id: str, body: ChangeWebhook, work: Work) -> WebhookView:
    """Choose other facts, or switch it off or on. What waits for one that is off waits on. Rule: WHK-001."""
    return WebhookView.of(await actions.change(webhook_id, body.facts, body.note, body.status, work))


@router.post(
    "/webhooks/{webhook_id}/keys",
    dependencies=[requires(WRITE)],
    responses=refusals(WebhookMissing, TooManyKeys),
)
async def rotate_webhook_key(webhook_id: str, work: Work) -> WebhookWithSecret:
    """Sign with a new key, which the answer shows; the one before signs beside it for 24 hours. Rule: WHK-003."""
    return WebhookWithSecret.told(*await actions.rotate(webhook_id, work))


@router.post(
    "/webhooks/{webhook_id}/pings", status_code=201, dependencies=[requires(WRITE)], responses=refusals(WebhookMissing)
)
async def ping_webhook(webhook_id: str, work: Work) -> DeliveryView:
    """Send a test message; what becomes of it shows among the deliveries. Rule: WHK-004."""
    return DeliveryView.of(await actions.ping(webhook_id, work))


@router.get("/webhooks/{webhook_id}/deliveries", dependencies=[requires(READ)], responses=refusals(WebhookMissing))
async def list_deliveries(
    webhook_id: str, work: Work, listing: paging, status: DeliveryStatus | None = None
) -> Page[DeliveryView]:
    """What was sent, waits, or is parked. Those delivered are shown for 30 days."""
    await Webhooks(work).get(webhook_id)
    found = await Deliveries(work).page(webhook_id, listing, status)
    return Page(items=[DeliveryView.of(one) for one in found.items], next=found.next)


@router.post(
    "/deliveries/{delivery_id}/redelivery",
    dependencies=[requires(WRITE)],
    responses=refusals(DeliveryMissing, NotParked),
)
async def redeliver(delivery_id: str, work: Work) -> DeliveryView:
    """Send what is parked once more, and what waits behind it. Rule: WHK-004."""
    return DeliveryView.of(await actions.redeliver(delivery_id, work))
