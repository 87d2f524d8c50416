"""Foreign amounts in yuan."""

from datetime import date

import pytest

from contracts.money import Money, yuan
from services.placement.exchange_rates.model import ExchangeRate
from services.placement.exchange_rates.rules import RateMissing, RateZero, check_rate, in_yuan

TODAY = date(2026, 3, 12)


def a_rate(rate: str, on: date = TODAY, currency: str = "USD") -> ExchangeRate:
    return ExchangeRate(id="r", branch="hq", currency=currency, on=on, rate=rate, source="中间价", recorded_by="fin")


@pytest.mark.rule("PLC-014")
@pytest.mark.parametrize(
    ("amount", "rate", "expected"),
    [
        (Money(amount_minor=100, currency="USD"), "7.1", "7.10"),
        (Money(amount_minor=1, currency="USD"), "7.15", "0.07"),
        (Money(amount_minor=10, currency="USD"), "7.15", "0.72"),
        (Money(amount_minor=1000, currency="JPY"), "0.047855", "47.86"),
    ],
)
def test_half_a_fen_is_rounded_up(amount: Money, rate: str, expected: str):
    assert in_yuan(amount, a_rate(rate), TODAY) == yuan(expected)


def test_yuan_need_no_rate():
    assert in_yuan(yuan("5.00"), None, TODAY) == yuan("5.00")


@pytest.mark.rule("PLC-014")
def test_a_rate_serves_for_ten_days():
    dollar = Money(amount_minor=100, currency="USD")
    assert in_yuan(dollar, a_rate("7.0", date(2026, 3, 2)), TODAY) == yuan("7.00")
    for rate in (None, a_rate("7.0", date(2026, 3, 1))):
        with pytest.raises(RateMissing):
            in_yuan(dollar, rate, TODAY)


@pytest.mark.rule("PLC-014")
def test_a_rate_is_more_than_zero():
    check_rate(a_rate("0.000001"))
    with pytest.raises(RateZero):
        check_rate(a_rate("0.0"))
