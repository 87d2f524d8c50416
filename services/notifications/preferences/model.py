"""When a user is left alone, and how reminders reach him."""

from typing import Annotated

from pydantic import Field

from chassis.model import Aggregate

Hour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""Time of day in Shanghai, "08:30"."""


class Preferences(Aggregate):
    """A user's settings; the id is the user's. Equal ends of the quiet hours mean none."""

    quiet_from: Hour = "20:00"
    quiet_until: Hour = "08:00"
    digest: bool = True
    """Reminders come in one e-mail a day, at `digest_at`."""
    digest_at: Hour = "08:30"
