"""Preferences: a user's quiet hours and daily digest."""
