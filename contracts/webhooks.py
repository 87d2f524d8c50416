"""What the webhooks service tells: who outside the company hears of events over HTTPS."""

from .facts import Fact


class WebhookRegistered(Fact, topic="webhooks.webhooks"):
    """An endpoint outside is told of chosen facts from now on."""

    webhook_id: str
    facts: list[str]


class WebhookChanged(Fact, topic="webhooks.webhooks"):
    """Which facts it hears of was changed, or it was switched off or on again."""

    webhook_id: str
    status: str
    """active or disabled"""
    facts: list[str]


class WebhookKeyRotated(Fact, topic="webhooks.webhooks"):
    """It has a new signing key; the one before still signs for a while."""

    webhook_id: str
    key_id: str
