import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.money import Money, yuan
from services.finance.debit_notes.words import DIGITS, amount_in_words

VALUES = {"拾": 10, "佰": 100, "仟": 1000}


def read_back(words: str) -> int:
    """The minor units that the words say, by a plain reading from left to right."""
    whole, _, cents = words.partition("元") if "元" in words else ("", "", words)
    total = group = digit = 0
    for char in whole:
        if char in DIGITS:
            digit = DIGITS.index(char)
        elif char in VALUES:
            group, digit = group + digit * VALUES[char], 0
        else:
            size = {"万": 10**4, "亿": 10**8}[char]
            group, digit = group + digit, 0
            total = (total + group) * size if size == 10**8 else total + group * size
            group = 0
    minor = (total + group + digit) * 100
    for name, size in (("角", 10), ("分", 1)):
        if name in cents:
            minor += DIGITS.index(cents[cents.index(name) - 1]) * size
    return minor


@pytest.mark.rule("FIN-009")
@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1409.50", "壹仟肆佰零玖元伍角"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元零叁角贰分"),
        ("107000.53", "壹拾万柒仟元零伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
    ],
)
def test_amounts_are_written_as_the_peoples_bank_writes_them(amount: str, words: str):
    assert amount_in_words(yuan(amount)) == words


@pytest.mark.rule("FIN-009")
@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0.00", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角"),
        ("10.00", "壹拾元整"),
        ("100.01", "壹佰元零壹分"),
        ("1001.00", "壹仟零壹元整"),
        ("10001.00", "壹万零壹元整"),
        ("100000.00", "壹拾万元整"),
        ("1029200.00", "壹佰零贰万玖仟贰佰元整"),
        ("100000000.00", "壹亿元整"),
        ("100010000.00", "壹亿零壹万元整"),
        ("1286500000.00", "壹拾贰亿捌仟陆佰伍拾万元整"),
        ("1000000000000.00", "壹万亿元整"),
        ("123456789012345.67", "壹佰贰拾叁万肆仟伍佰陆拾柒亿捌仟玖佰零壹万贰仟叁佰肆拾伍元陆角柒分"),
    ],
)
def test_whole_yuan_end_in_zheng_and_gaps_are_bridged_by_one_ling(amount: str, words: str):
    assert amount_in_words(yuan(amount)) == words


@pytest.mark.rule("FIN-009")
@given(st.integers(min_value=0, max_value=10**17))
def test_words_read_back_as_the_amount(minor: int):
    words = amount_in_words(Money(amount_minor=minor))
    assert read_back(words) == minor
    assert "零零" not in words
    assert words.endswith(("整", "角", "分"))


@pytest.mark.parametrize("money", [Money(amount_minor=-1), Money(amount_minor=100, currency="USD")])
def test_only_amounts_in_yuan_that_are_not_negative_have_words(money: Money):
    with pytest.raises(ValueError, match="CNY"):
        amount_in_words(money)
