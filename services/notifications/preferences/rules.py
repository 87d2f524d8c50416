"""When a mail may reach a user."""

from datetime import datetime, time

from chassis.clock import COMPANY_ZONE
from chassis.refusals import Missing
from services.notifications.calendars.deadlines import at
from services.notifications.calendars.model import DAY
from services.notifications.preferences.model import Preferences


class PreferencesMissing(Missing):
    """The user never set any."""

    rule = "SYS-007"
    zh = "用户 {id} 没有自己的设置"
    en = "User {id} has no settings of his own"


def not_before(preferences: Preferences, now: datetime) -> datetime:
    """The instant from which a mail that is not urgent may be sent: now, or the end of the quiet hours.

    Rule: NTF-032.
    """
    local = now.astimezone(COMPANY_ZONE)
    starts, ends = time.fromisoformat(preferences.quiet_from), time.fromisoformat(preferences.quiet_until)
    clock = local.time()
    over_midnight = starts > ends
    if not ((clock >= starts or clock < ends) if over_midnight else starts <= clock < ends):
        return now
    return at(local.date() + DAY if over_midnight and clock >= starts else local.date(), ends)


def next_digest(preferences: Preferences, now: datetime) -> datetime:
    """The instant of the next daily mail, after now. Rule: NTF-033."""
    local = now.astimezone(COMPANY_ZONE)
    today = at(local.date(), time.fromisoformat(preferences.digest_at))
    return today if now < today else at(local.date() + DAY, time.fromisoformat(preferences.digest_at))
