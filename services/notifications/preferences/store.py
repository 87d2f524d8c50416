"""Preferences in MongoDB."""

from chassis.store import Store
from services.notifications.preferences.model import Preferences
from services.notifications.preferences.rules import PreferencesMissing


class AllPreferences(Store[Preferences]):
    """One document for each user that changed his settings."""

    collection = "preferences"
    model = Preferences
    missing = PreferencesMissing
