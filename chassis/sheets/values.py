"""What one cell means: text, code, date, money, share, figure, yes or no.

None for blank; Unreadable for what has no one meaning.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from contracts.money import MINOR_DIGITS, Money

BLANK = {"", "-", "--", "---", "—", "——", "/", "\\", "n/a"}
ABSENT = BLANK | {"无", "暂无", "没有", "未知", "不详", "待补", "空", "null", "none"}
"""What stands in a column of numbers, dates or amounts where there is none."""

_ERRORS = {"#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!"}
_UNSEEN = {"Cc", "Cf"}
_WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_ANY_WIDE = re.compile(r"[０-９Ａ-Ｚａ-ｚ]")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E[+-]?\d+", re.IGNORECASE)
_FLOATED = re.compile(r"(\d{1,15})\.0+")
_EXACT = 10**15
"""Spreadsheets keep 15 digits; what is longer has lost its end."""

_SERIALS = range(18264, 73051)
"""Days since 1899-12-30 that a spreadsheet shows as dates from 1950 to 2099."""

_YMD = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?(?:[\sT]+\d{1,2}[:时]\d{1,2}.*)?")
_SOLID = re.compile(r"(\d{4})(\d{2})(\d{2})")
_HAN = re.compile(r"([〇零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]")
_HAN_DIGITS = "〇一二三四五六七八九"
_MONEY = re.compile(
    r"(?P<sign>[-+−(]?)(?:(?P<mark>RMB|CNY|人民币|USD|US\$|EUR|GBP|HKD|HK\$|JPY|[¥$€£]))?(?P<inner>[-−]?)"
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?P<times>亿|千万|百万|十万|万|千)?(?P<unit>元整|元|圆|人民币|RMB|CNY)?\)?"
)
_FIGURE = re.compile(
    r"(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(亿|千万|百万|十万|万|千)?(?:[^\W\d_a-zA-Z]{0,4}|[a-zA-Z]{1,3}[2³²]?)"
)
_CURRENCIES = {
    "USD": "USD",
    "US$": "USD",
    "$": "USD",
    "EUR": "EUR",
    "€": "EUR",
    "GBP": "GBP",
    "£": "GBP",
    "HKD": "HKD",
    "HK$": "HKD",
    "JPY": "JPY",
}
TIMES = {"亿": 10**8, "千万": 10**7, "百万": 10**6, "十万": 10**5, "万": 10**4, "千": 10**3}
_YES = {"是", "有", "y", "yes", "√", "✓", "✔", "√是", "1", "true", "对", "需要"}
_NO = {"否", "无", "没有", "n", "no", "×", "✗", "✘", "x", "0", "false", "不", "不需要"}


class Unreadable(Exception):
    """A cell that has no one meaning. `lost`: what stood there cannot be recovered. `field` is set by the row."""

    def __init__(self, zh: str, en: str, *, lost: bool = False) -> None:
        self.zh, self.en, self.lost, self.field = zh, en, lost, ""
        super().__init__(en)


def text(raw: object) -> str | None:
    """Text without stray spaces and invisible characters; wide letters and digits made narrow, punctuation as it is."""
    if raw is None:
        return None
    if isinstance(raw, bool):
        return "1" if raw else "0"
    if isinstance(raw, float):
        raw = int(raw) if raw.is_integer() else raw
    if isinstance(raw, datetime) and not (raw.hour or raw.minute or raw.second):
        raw = raw.date()
    shown = str(raw)
    if _ANY_WIDE.search(shown):
        shown = shown.translate(_WIDE)
    if not shown.isprintable():
        shown = "".join(char for char in shown if char.isspace() or unicodedata.category(char) not in _UNSEEN)
    shown = " ".join(shown.split())
    if shown.lower() in BLANK:
        return None
    if shown.startswith("#") and shown.lower() in _ERRORS:
        raise Unreadable(f"公式错误 {shown}", f"the formula failed: {shown}")
    return shown


def _narrow(raw: object) -> str | None:
    """Text with brackets and signs made narrow too; None for blank and for words that say there is none."""
    shown = text(raw)
    if shown is None or shown.lower() in ABSENT:
        return None
    return shown if shown.isascii() else unicodedata.normalize("NFKC", shown).strip()


def code(raw: object, drop: str = " -") -> str | None:
    """A number that is a name (identity number, plate, account): narrow, capital, without the characters of `drop`.

    Refuses, as lost, what a spreadsheet turned into a figure of more than 15 digits, or shows as 4.40301E+17.
    """
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        if abs(raw) >= _EXACT:
            raise Unreadable(
                "号码被表格转成数值,后几位已丢失",
                "a spreadsheet turned the number into a figure; its end is lost",
                lost=True,
            )
        if raw != int(raw):
            raise Unreadable("号码不能含小数", "a number of this kind has no decimals")
        return str(int(raw))
    shown = _narrow(raw)
    if shown is None:
        return None
    if _SCIENTIFIC.fullmatch(shown):
        raise Unreadable(
            "号码被表格转成科学计数法,已丢失",
            "a spreadsheet turned the number into scientific notation; it is lost",
            lost=True,
        )
    if floated := _FLOATED.fullmatch(shown):
        return floated[1]
    return "".join(char for char in shown.upper() if char not in drop) or None


def day(raw: object) -> date | None:
    """A calendar date, in any form that has one meaning; a time of day is dropped.

    2022-09-24, 2022.9.24, 2022/9/24, 20220924, 2022年9月24日, 二〇二二年九月二十四日, a spreadsheet's serial number.
    Refuses years of two digits, forms such as 03/04/2022, and dates that do not exist.
    """
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        if int(raw) in _SERIALS:
            return date(1899, 12, 30) + timedelta(days=int(raw))
        raw = str(int(raw))
    shown = _narrow(raw)
    if shown is None:
        return None
    if shown.isdigit() and len(shown) == 5 and int(shown) in _SERIALS:
        return date(1899, 12, 30) + timedelta(days=int(shown))
    parts = _parts(shown)
    if parts is None:
        raise Unreadable(f"日期“{shown}”无法唯一识别", f'"{shown}" is not a date of one meaning')
    try:
        return date(*parts)
    except ValueError as error:
        raise Unreadable(f"日期“{shown}”不存在", f'there is no date "{shown}"') from error


def _parts(shown: str) -> tuple[int, int, int] | None:
    if found := _YMD.fullmatch(shown) or _SOLID.fullmatch(shown):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _HAN.fullmatch(shown):
        year = int("".join(str(_HAN_DIGITS.index("〇" if char == "零" else char)) for char in found[1]))
        return year, _han_number(found[2]), _han_number(found[3])
    return None


def _han_number(han: str) -> int:
    tens, ten, ones = han.rpartition("十")
    value = _HAN_DIGITS.find(ones) if ones else 0
    if not ten:
        return value if len(han) == 1 else 0
    return (_HAN_DIGITS.find(tens) if tens else 1) * 10 + value


def money(raw: object, times: int = 1, currency: str = "CNY") -> Money | None:
    """An amount of `currency`; `times` is the unit of the column (10000 for 万元) where the cell names none of its own.

    1,234.50, ￥1234.5, RMB 1,234.50, 123.45万, (1,234.50) for minus.
    Refuses another currency, and fractions of the smallest unit.
    """
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return _amount(_decimal(raw) * times, currency, str(raw))
    shown = _narrow(raw)
    if shown is None:
        return None
    found = _MONEY.fullmatch(shown.replace(" ", "").upper())
    if found is None or (found["sign"] == "(") != shown.endswith(")"):
        raise Unreadable(f"金额“{shown}”无法识别", f'"{shown}" is not an amount')
    told = _CURRENCIES.get(found["mark"] or "", "CNY" if found["mark"] not in (None, "¥") else currency)
    if told != currency:
        raise Unreadable(f"币种 {told} 与 {currency} 不符", f"the currency is {told}, not {currency}")
    value = Decimal(found["number"].replace(",", ""))
    value *= TIMES.get(found["times"] or "", 1) if found["times"] or found["unit"] else times
    minus = (found["sign"] in ("-", "−", "(")) != bool(found["inner"])
    return _amount(-value if minus else value, currency, shown)


def _decimal(raw: float) -> Decimal:
    """The figure that a spreadsheet shows: 15 digits, without the noise of its binary form."""
    if abs(raw) >= _EXACT:
        raise Unreadable("数值过大,后几位已丢失", "the figure is too large; its end is lost", lost=True)
    return Decimal(format(raw, ".15g"))


def _amount(value: Decimal, currency: str, shown: str) -> Money:
    minor = value.scaleb(MINOR_DIGITS[currency])
    if minor != minor.to_integral_value():
        raise Unreadable(f"金额“{shown}”的小数位过多", f'"{shown}" has fractions of the smallest unit')
    if abs(minor) > 10**17:
        raise Unreadable(f"金额“{shown}”过大", f'"{shown}" is too large')
    return Money(amount_minor=int(minor), currency=currency)


def share(raw: object) -> Decimal | None:
    """A share or rate as a fraction: 0.15, 15%, 15 and 150‰ are Decimal("0.15").

    A figure without a sign is a fraction up to 1, and per cent above it.
    """
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        value = _decimal(raw)
        return value if abs(value) <= 1 else value / 100
    shown = _narrow(raw)
    if shown is None:
        return None
    number, sign = (shown[:-1], shown[-1]) if shown[-1] in "%‰" else (shown, "")
    try:
        value = Decimal(number.replace(" ", ""))
    except InvalidOperation as error:
        raise Unreadable(f"比例“{shown}”无法识别", f'"{shown}" is not a share') from error
    if not value.is_finite():
        raise Unreadable(f"比例“{shown}”无法识别", f'"{shown}" is not a share')
    if sign:
        return value / (100 if sign == "%" else 1000)
    return value if abs(value) <= 1 else value / 100


def figure(raw: object) -> Decimal | None:
    """A figure; a unit behind it is dropped: 40吨, 3座, 2019年, 1,234 are 40, 3, 2019, 1234; 15万 is 150000."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return _decimal(raw)
    shown = _narrow(raw)
    if shown is None:
        return None
    found = _FIGURE.fullmatch(shown.replace(" ", ""))
    if found is None:
        raise Unreadable(f"“{shown}”不是数字", f'"{shown}" is not a figure')
    return Decimal(found[1].replace(",", "")) * TIMES.get(found[2] or "", 1)


def flag(raw: object) -> bool | None:
    """Yes or no: 是, 有, Y, √, 1 or 否, 无, N, ×, 0."""
    shown = text(raw)
    if shown is None:
        return None
    word = unicodedata.normalize("NFKC", shown).lower().strip()
    if word in _YES or word in _NO:
        return word in _YES
    raise Unreadable(f"“{shown}”不是“是”或“否”", f'"{shown}" is neither yes nor no')
