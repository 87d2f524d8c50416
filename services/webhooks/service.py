"""The webhooks service: events for systems outside, over HTTPS."""

from chassis import branches
from chassis.service import Service
from services.webhooks import consumers, endpoints, jobs
from services.webhooks.sending import WebhookSettings
from services.webhooks.store import INDEXES, Webhooks

service = Service(
    name="webhooks",
    title="对外事件推送 · Webhooks: events for systems outside",
    routers=[endpoints.router],
    stores=[Webhooks],
    consumers=[branches.consumers, consumers.consumers],
    jobs=[jobs.jobs],
    indexes=INDEXES,
    settings=[WebhookSettings],
)
