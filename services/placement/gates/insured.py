"""The names of the insured: a company's stands in clear, a natural person's is sealed. Pure.

What is typed in does not say which of both it is, and people write both into the same field. In doubt a name is a
person's: a company without any word for one in its name is masked in lists (papers print it all the same), which is
better than a person in clear. Other free text (notes, answers in words) is not looked into.
"""

import re
from collections.abc import Iterable
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from contracts.personal import Personal, PersonName

T = TypeVar("T")
MOST_CHARACTERS = 200
_ORGANISATION = re.compile(
    "(公司|集团|企业|合伙|中心|协会|学会|商会|工会|基金|基金会|委员会|居委会|村委会|管委会|合作社|联合社|旅行社|出版社|事务所|研究所|"
    "研究院|设计院|医院|法院|学院|大学|中学|小学|学校|幼儿园|银行|信用社|政府|总局|分局|管理局|支队|大队|车队|船队|工厂|总厂|分厂|"
    "酒店|饭店|商店|商行|车行|经营部|门市部|工作室|办事处|代表处|博物馆|图书馆|体育馆|产业园|支行|分行|代理人|个体工商户"
    r"|\b(?:ltd|limited|inc|incorporated|llc|llp|plc|corp|corporation|co|company|gmbh|ag|bv|nv|sa|pte|pty|group|holdings?"
    r"|bank|university|hospital|school|foundation|association|trust|authority|partners|partnership)\.?)$",
    re.IGNORECASE,
)
_BRACKETS_AT_END = re.compile(r"[((][^()()]{1,30}[))]$")
_BETWEEN = re.compile(r"[、,,;;/\n]+")
_MARKS = re.compile(r"[\s,.;:、,。;:()()“”\"']")


class InsuredName(Personal):
    """A natural person's name, or several, as the insured; the mask keeps the first character."""

    max_length = MOST_CHARACTERS

    @staticmethod
    def mask(plain: str) -> str:
        return PersonName.mask(plain)


def _known(value: object) -> object:
    """Text stays text: whether it is a person's name is decided where it comes in, once."""
    if not isinstance(value, Personal):
        raise ValueError("must be text")
    return value


Sealed = Annotated[InsuredName, BeforeValidator(_known)]
Insured = Annotated[
    Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)] | Sealed,
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": MOST_CHARACTERS,
            "description": "A company's name, or a natural person's: sealed, and shown masked",
        }
    ),
]


def named(name: str | InsuredName, company: str | None = None) -> str | InsuredName:
    """How a name is kept: in clear if it is the company's own or says that it is an organisation's, else sealed."""
    text = name.reveal() if isinstance(name, InsuredName) else name.strip()
    if company is not None and _MARKS.sub("", text) == _MARKS.sub("", company):
        return text
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    return text if parts and all(map(_is_organisation, parts)) else InsuredName(text)


def as_kept(name: T, before: Iterable[object]) -> T | InsuredName:
    """A name that comes back masked, as it was shown, stays what it was."""
    if isinstance(name, InsuredName):
        return next((kept for kept in before if isinstance(kept, InsuredName) and str(kept) == name.reveal()), name)
    return name


def in_clear(insured: Iterable[str | InsuredName]) -> tuple[str, ...]:
    """The names in full, for papers: those go to the client and to its insurers."""
    return tuple(name.reveal() if isinstance(name, InsuredName) else name for name in insured)


def _is_organisation(part: str) -> bool:
    return _ORGANISATION.search(_BRACKETS_AT_END.sub("", part).strip()) is not None
