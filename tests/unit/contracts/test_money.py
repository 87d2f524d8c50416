"""Money keeps every fen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.money import Money, yuan


def test_money_travels_as_decimal_text():
    assert yuan("1234.50").model_dump(mode="json") == {"amount": "1234.50", "currency": "CNY"}
    assert Money.model_validate({"amount": "-0.05"}).amount_minor == -5
    assert Money.model_validate({"amount": "7", "currency": "JPY"}).amount == "7"


@pytest.mark.parametrize("amount", [1.5, 1, "1.234", "1,000", "", "１", "1e3", None, "NaN"])
def test_what_is_not_a_decimal_text_is_refused(amount: object):
    with pytest.raises(ValidationError):
        Money.model_validate({"amount": amount})


@pytest.mark.parametrize("currency", ["XYZ", "cny", "CNY\n", "", None, 7, ["CNY"], {}])
@pytest.mark.parametrize("amount", [{"amount": "1.00"}, {"amount_minor": 100}])
def test_what_is_not_a_currency_that_we_know_is_refused(amount: dict[str, object], currency: object):
    with pytest.raises(ValidationError):
        Money.model_validate({**amount, "currency": currency})


def test_a_hundred_over_three_loses_nothing():
    assert [part.amount for part in yuan("100.00").split([1, 1, 1])] == ["33.34", "33.33", "33.33"]


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any))
def test_any_split_adds_up_to_the_whole(minor: int, weights: list[int]):
    parts = Money(amount_minor=minor).split(weights)
    assert sum(part.amount_minor for part in parts) == minor
    assert all(part.amount_minor == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@given(st.integers(-(10**15), 10**15))
def test_the_text_of_an_amount_reads_back(minor: int):
    assert yuan(Money(amount_minor=minor).amount).amount_minor == minor


def test_two_currencies_are_never_added():
    with pytest.raises(ValueError, match="cannot be mixed"):
        _ = yuan("1.00") + Money(amount_minor=1, currency="USD")
