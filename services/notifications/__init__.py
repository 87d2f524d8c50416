"""Notifications: the diary with its clocks, reminders, escalation, and messages that are handed over."""
