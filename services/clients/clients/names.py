"""Names: cleaned, compared and searched by Chinese text, full pinyin and initials. Pure."""

import os
import re
import unicodedata
from functools import cache, lru_cache

# The library's dictionary of phrases takes 45 MB of memory; the few that occur in company names are given here instead.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")

from pypinyin import lazy_pinyin

PHRASES = {
    "重庆": ["chong", "qing"],
    "银行": ["yin", "hang"],
    "商行": ["shang", "hang"],
    "长沙": ["chang", "sha"],
    "长春": ["chang", "chun"],
    "长江": ["chang", "jiang"],
    "厦门": ["xia", "men"],
    "音乐": ["yin", "yue"],
    "会计": ["kuai", "ji"],
}
_CJK = r"[㐀-鿿豈-﫿\U00020000-\U000323af]"
_SPACE_AT_CJK = re.compile(rf"(?<={_CJK})\s+|\s+(?={_CJK})|(?<=[()（）])\s+|\s+(?=[()（）])")
_DOT = re.compile(r"[•‧∙⋅・･]")
_LEGAL_FORM = re.compile(r"(集团)?(股份)?有限公司$")
_BRACKETS = re.compile(r"[()（）·.,\s]")
_PHRASE = re.compile(f"({'|'.join(PHRASES)})")
SHORTEST_PART = 2


def cleaned(name: str) -> str:
    """The name as it is kept: no stray spaces, full-width letters and digits made narrow; brackets stay as typed.

    Spaces between Chinese characters are stray ("花  禾"); between Latin words one stays. The dot within a person's
    name, of which keyboards know several, is the middle dot.
    """
    name = _DOT.sub("·", name)
    if name.isprintable() and " " not in name and unicodedata.is_normalized("NFKC", re.sub("[（）]", "", name)):
        return name
    text = "".join(
        char if char in "（）" else unicodedata.normalize("NFKC", char)
        for char in name
        if unicodedata.category(char) != "Cf"
    )
    return _SPACE_AT_CJK.sub("", " ".join(text.split()))


@lru_cache(maxsize=64)  # one request asks several times for the same name
def name_key(name: str) -> str:
    """Equal for two writings of one name: brackets of both widths and 有限公司 / 有限责任公司 make no difference."""
    text = unicodedata.normalize("NFKC", cleaned(name)).upper()
    return text.replace("有限责任公司", "有限公司")


def core(name: str) -> str:
    """What distinguishes a company: its name without brackets and legal form; the whole name when nothing is left."""
    return _core(_solid(name))


def _solid(name: str) -> str:
    return _BRACKETS.sub("", name_key(name))


def _core(solid: str) -> str:
    return _LEGAL_FORM.sub("", solid) or solid


def pinyin(name: str) -> str:
    """The full pinyin of a name, without tones and spaces: 启朗 → qilang."""
    return "".join(_syllables(core(name)))


def initials(name: str) -> str:
    """The first letter of each syllable: 启朗 → ql."""
    return "".join(syllable[:1] for syllable in _syllables(core(name)))


def _syllables(text: str) -> list[str]:
    syllables: list[str] = []
    for part in _PHRASE.split(text):
        syllables += PHRASES.get(part) or [_syllable(char) for char in part]
    return syllables


@cache
def _syllable(char: str) -> str:
    return lazy_pinyin(char)[0].lower()


def company_keys(name: str) -> list[str]:
    """What a company is found by, each as a beginning: any part of its name, initials of any part, full pinyin."""
    solid = _solid(name)
    text = _core(solid)
    syllables = _syllables(text)
    first = "".join([syllable[:1] for syllable in syllables])
    return sorted({*_endings(text), *_endings(first), "".join(syllables), solid})


def person_keys(name: str) -> list[str]:
    """What a person is found by, each only as a whole (they are kept as keyed hashes): name, full pinyin, initials."""
    return sorted({_solid(name), pinyin(name), initials(name)})


def question(text: str) -> str:
    """What somebody typed into a search box, in the form of the keys."""
    return _solid(text) if re.search(_CJK, text) else re.sub(r"[\s'·.-]", "", text).lower()


def pairs(name: str) -> list[str]:
    """Each two neighbouring characters of the core: alike names share at least one."""
    text = core(name)
    return sorted({text[start : start + 2] for start in range(max(1, len(text) - 1))})


def _endings(text: str) -> list[str]:
    return [text[start:] for start in range(max(1, len(text) - SHORTEST_PART + 1))]
