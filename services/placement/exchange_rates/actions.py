"""Recording rates, and using them."""

from datetime import date

from chassis.work import Work
from contracts.money import Money
from contracts.placement import ExchangeRateRecorded
from services.placement.exchange_rates import rules
from services.placement.exchange_rates.model import ExchangeRate
from services.placement.exchange_rates.store import ExchangeRates


async def record_rate(currency: str, on: date, rate: str, source: str, work: Work) -> ExchangeRate:
    """Record what a currency was worth in yuan on a date; raises RateZero, RateRecorded for a second. Rule: PLC-014."""
    recorded = ExchangeRate(
        id=work.new_id("exchange_rates"),
        branch=work.actor.branch,
        currency=currency,
        on=on,
        rate=rate,
        source=source,
        recorded_by=work.actor.id,
    )
    rules.check_rate(recorded)
    fact = ExchangeRateRecorded(rate_id=recorded.id, currency=currency, on=on, rate=rate, source=source)
    return await ExchangeRates(work).add(recorded, fact)


async def to_yuan(amount: Money, work: Work) -> tuple[Money, ExchangeRate | None]:
    """The amount in CNY at the rate recorded for today, and that rate (none for yuan); raises RateMissing.

    Rule: PLC-014.
    """
    rate = None
    if amount.currency != "CNY":
        known = {"currency": amount.currency, "on": {"$lte": work.today}}
        rate = await ExchangeRates(work).first(known, [("on", -1)])
    return rules.in_yuan(amount, rate, work.today), rate
