"""Identity numbers by their standards, and provinces by their codes. Pure; nothing is ever guessed."""

import re
import unicodedata
from datetime import date

from stdnum.cn import ric

from services.clients.clients.model import NumberKind

_USCC = re.compile(r"[1-9ANY][1-9][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
_PASSPORT = re.compile(r"(?=.*[0-9])[A-Z0-9]{6,12}")
_STRAY = re.compile(r"[\s\-‐‑‒–—―−]")
_USCC_WORTH = {char: worth for worth, char in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_USCC_WEIGHTS = [pow(3, place, 31) for place in range(17)]
OLDEST_YEARS = 130

PROVINCES = {
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古", "21": "辽宁", "22": "吉林", "23": "黑龙江",
    "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽", "35": "福建", "36": "江西", "37": "山东", "41": "河南",
    "42": "湖北", "43": "湖南", "44": "广东", "45": "广西", "46": "海南", "50": "重庆", "51": "四川", "52": "贵州",
    "53": "云南", "54": "西藏", "61": "陕西", "62": "甘肃", "63": "青海", "64": "宁夏", "65": "新疆", "71": "台湾",
    "81": "香港", "82": "澳门",
}  # fmt: skip
RESIDENCE_PERMITS = {"83"}
"""Holders from Taiwan have 83 in front, those from Hong Kong and Macao 81 and 82; the structure is the same."""


class NotThatNumber(Exception):
    """A text is not a number of the kind asked for; `zh` and `en` say why."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


def compact(text: str) -> str:
    """Narrow, capital, without spaces and hyphens: those are not guesses."""
    narrow = text if text.isascii() else unicodedata.normalize("NFKC", text)
    seen = narrow if narrow.isascii() else "".join(char for char in narrow if unicodedata.category(char) != "Cf")
    return _STRAY.sub("", seen).upper()


def number_of(kind: NumberKind, text: str, today: date) -> str:
    """The number as it is kept; raises NotThatNumber. Rules: CLI-001, CLI-002."""
    number = compact(text)
    match kind:
        case NumberKind.USCC:
            _check_uscc(number)
        case NumberKind.RESIDENT_ID:
            _check_resident(number, today)
        case NumberKind.PASSPORT:
            if not _PASSPORT.fullmatch(number):
                raise NotThatNumber("护照号码应为 6 至 12 位字母和数字", "a passport has 6 to 12 letters and digits")
    return number


def _check_uscc(number: str) -> None:
    if len(number) != 18:
        zh, en = f"统一社会信用代码应为 18 位,现为 {len(number)} 位", f"a USCC has 18 characters, not {len(number)}"
        raise NotThatNumber(zh, en)
    if not _USCC.fullmatch(number):
        raise NotThatNumber("含有统一社会信用代码不使用的字符", "it has characters that a USCC does not use")
    if _USCC_WORTH[number[-1]] != -sum(_USCC_WORTH[c] * w for c, w in zip(number, _USCC_WEIGHTS, strict=False)) % 31:
        raise NotThatNumber("统一社会信用代码校验码不符(GB 32100)", "its check character does not fit (GB 32100)")


def _check_resident(number: str, today: date) -> None:
    if len(number) != 18:
        zh, en = (
            f"居民身份证号码应为 18 位,现为 {len(number)} 位",
            f"a resident ID has 18 characters, not {len(number)}",
        )
        raise NotThatNumber(zh, en)
    if not _RESIDENT.fullmatch(number):
        raise NotThatNumber("居民身份证号码应为 17 位数字加数字或 X", "a resident ID is 17 digits and a digit or X")
    if number[:2] not in PROVINCES.keys() | RESIDENCE_PERMITS:
        raise NotThatNumber("居民身份证号码的地区码不存在", "the resident ID names no region")
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        born_on = None
    if born_on is None or born_on > today or born_on.year < today.year - OLDEST_YEARS:
        raise NotThatNumber("居民身份证号码中的出生日期不可能", "the date of birth in the resident ID is impossible")
    if number[-1] != ric.calc_check_digit(number):
        raise NotThatNumber("居民身份证号码校验码不符(GB 11643)", "its check character does not fit (GB 11643)")


def looks_like_uscc(text: str) -> bool:
    """Whether a text has the form of a USCC, right or wrong, and not that of a resident identity number."""
    number = compact(text)
    return bool(_USCC.fullmatch(number)) and not (_RESIDENT.fullmatch(number) and number[:2] in PROVINCES)


def province_of(text: str) -> tuple[str, str]:
    """The two-digit code of the province that a text begins with, and the rest: 云南省昆明市 → ("53", "昆明市").

    ("", text) when it begins with none.
    """
    for code, name in PROVINCES.items():
        if text.startswith(name):
            rest = re.sub(r"^(特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|省|市)", "", text[len(name) :])
            return code, rest
    return "", text
