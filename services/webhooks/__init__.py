"""Webhooks: events for systems outside that cannot reach Kafka (I2)."""
