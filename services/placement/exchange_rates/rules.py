"""Foreign amounts in yuan, for the authority matrix. Pure."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from chassis.refusals import Conflict, Fault, Invalid
from contracts.money import MINOR_DIGITS, Money
from services.placement.exchange_rates.model import ExchangeRate

OLDEST_DAYS = 10
"""A rate older than this many days (the longest holiday, with a margin) is not the day's rate any more."""


class RateMissing(Conflict):
    """No rate for the currency was recorded on the day or shortly before it."""

    rule = "PLC-014"
    zh = "没有 {currency} 在 {on} 的汇率记录"
    en = "No exchange rate of {currency} is recorded for {on}"
    todo_zh = "请先登记当日汇率及来源"
    todo_en = "Record the day's rate and its source first"


class RateZero(Invalid):
    """A currency is worth something."""

    rule = "PLC-014"
    zh = "汇率须大于零"
    en = "A rate is more than zero"


def check_rate(rate: ExchangeRate) -> None:
    """Refuse a rate of zero: amounts at it would count for nothing. Rule: PLC-014."""
    if rate.factor() <= 0:
        raise RateZero([Fault("/rate", RateZero.zh, RateZero.en)])


def in_yuan(amount: Money, rate: ExchangeRate | None, on: date) -> Money:
    """The amount in CNY at the newest recorded rate, half a fen rounded up; yuan stay as they are.

    Raises:
        RateMissing: there is no rate, or it is more than ten days older than `on`.

    Rule: PLC-014.
    """
    if amount.currency == "CNY":
        return amount
    if rate is None or on - rate.on > timedelta(days=OLDEST_DAYS):
        raise RateMissing(currency=amount.currency, on=on)
    units = Decimal(amount.amount_minor).scaleb(-MINOR_DIGITS[amount.currency])
    fen = (units * rate.factor() * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return Money(amount_minor=int(fen), currency="CNY")
