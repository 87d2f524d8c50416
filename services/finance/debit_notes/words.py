"""Amounts in Chinese capital numerals (大写金额), as the People's Bank's rules for vouchers write them.

Where those rules leave a 零 open, it is written only before 角 when the yuan end in 0:
1,680.32 is 壹仟陆佰捌拾元零叁角贰分, and 107,000.53 is 壹拾万柒仟元零伍角叁分.
"""

from contracts.money import Money

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ((1000, "仟"), (100, "佰"), (10, "拾"), (1, ""))
GROUPS = ((10**8, "亿"), (10**4, "万"))


def amount_in_words(money: Money) -> str:
    """The amount in words, without 人民币 in front: 1409.50 gives 壹仟肆佰零玖元伍角. Whole yuan end in 整.

    Refuses (ValueError) another currency than CNY, and negative amounts.

    Rule: FIN-009 (docs/rules/finance.md).
    """
    if money.currency != "CNY" or money.amount_minor < 0:
        raise ValueError("words are written for CNY amounts that are not negative")
    yuan, cents = divmod(money.amount_minor, 100)
    jiao, fen = divmod(cents, 10)
    if not cents:
        return f"{_whole(yuan) or DIGITS[0]}元整"
    words = f"{_whole(yuan)}元" if yuan else ""
    if words and (not jiao or yuan % 10 == 0):
        words += DIGITS[0]
    return words + (f"{DIGITS[jiao]}角" if jiao else "") + (f"{DIGITS[fen]}分" if fen else "")


def _whole(number: int) -> str:
    """A whole number in words; empty for 0."""
    for size, name in GROUPS:
        if number >= size:
            high, rest = divmod(number, size)
            gap = DIGITS[0] if 0 < rest < size // 10 else ""
            return f"{_whole(high)}{name}{gap}{_whole(rest)}"
    return _group(number)


def _group(number: int) -> str:
    """1 to 9999 in words; empty for 0."""
    words, gap = "", False
    for size, name in PLACES:
        digit, number = divmod(number, size)
        if digit:
            words += (DIGITS[0] if gap else "") + DIGITS[digit] + name
            gap = False
        elif words:
            gap = True
    return words
