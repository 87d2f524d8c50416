"""What HTTP sends and receives of webhooks."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from chassis.http import Body, View
from services.webhooks.model import DeliveryStatus, Status, Webhook

Facts = Annotated[list[Annotated[str, Field(max_length=120)]], Field(min_length=1, max_length=300)]
Note = Annotated[str, Field(max_length=500)]


class RegisterWebhook(Body):
    """An HTTPS endpoint outside, and which facts it is told: types, or `*` for all."""

    branch: Annotated[str, Field(max_length=64)]
    url: Annotated[str, Field(max_length=2000, pattern=r"^https://[\x21-\x7e]+$")]
    facts: Facts
    note: Note = ""


class ChangeWebhook(Body):
    """Which facts it is told from now on, and whether it is told any."""

    facts: Facts
    note: Note = ""
    status: Status


class KeyView(View):
    """A signing key without its secret."""

    id: str
    until_at: datetime | None


class WebhookView(View):
    """A webhook; the secrets of its keys are not shown."""

    id: str
    version: int
    branch: str
    url: str
    facts: list[str]
    note: str
    status: Status
    keys: list[KeyView]
    made_by: str


class WebhookWithSecret(WebhookView):
    """A webhook with the secret of its newest key, shown in the answer to the request that made it."""

    secret: str

    @classmethod
    def told(cls, webhook: Webhook, secret: str) -> "WebhookWithSecret":
        """The view with the secret."""
        return cls(**WebhookView.of(webhook).model_dump(), secret=secret)


class DeliveryView(View):
    """What became of one event for one webhook."""

    id: str
    webhook_id: str
    event_id: str
    fact: str
    subject: str
    sequence: int
    status: DeliveryStatus
    made_at: datetime
    next_at: datetime
    tries: int
    answer: str
    delivered_at: datetime | None
