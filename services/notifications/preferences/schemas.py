"""What the settings' routes send and receive."""

from chassis.http import Body, View
from services.notifications.preferences.model import Hour


class ChangePreferences(Body):
    """What is to be changed; times of day in Shanghai."""

    quiet_from: Hour = "20:00"
    quiet_until: Hour = "08:00"
    digest: bool = True
    digest_at: Hour = "08:30"


class PreferencesView(View):
    """A user's settings; version 0 are the defaults."""

    id: str
    version: int
    quiet_from: str
    quiet_until: str
    digest: bool
    digest_at: str
