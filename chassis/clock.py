"""Time as the doors read it; rules get it as an argument. Business dates are dates in the company's zone."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

COMPANY_ZONE = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """The aware UTC instant, cut to the millisecond that a document can keep."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def business_date(instant: datetime) -> date:
    """The calendar date of an instant in the company's zone (Asia/Shanghai)."""
    return instant.astimezone(COMPANY_ZONE).date()
