"""What messages say, from templates.toml, in Chinese or English."""

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from babel.dates import format_datetime

from chassis.clock import COMPANY_ZONE
from chassis.rulebook import rule
from services.notifications.wording import filled

FILE = Path(__file__).with_name("templates.toml")
LANGUAGES = ("zh", "en")
ADDRESSEE = "addressee"


class Text(NamedTuple):
    """The subject, which is one line, and the body."""

    subject: str
    body: str


@cache
def templates() -> dict[str, dict[str, dict[str, str]]]:
    """All templates by kind and language."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def written(kind: str, language: str, **values: str) -> Text:
    """A template filled in; raises KeyError for a name without a value. Chinese for a language that is not ours."""
    told = templates()[kind][language if language in LANGUAGES else LANGUAGES[0]]
    return Text(filled(told["subject"], values), filled(told["body"].strip("\n"), values))


def addressed_as(party: str, language: str) -> str:
    """How somebody without a known name is addressed: client, insurer or user."""
    names = templates()[ADDRESSEE][language if language in LANGUAGES else LANGUAGES[0]]
    return names.get(party, names["client"])


def when(instant: datetime, language: str) -> str:
    """An instant in the company's zone: "2026年3月16日 23:59"."""
    pattern, locale = ("y年M月d日 HH:mm", "zh_CN") if language == "zh" else ("d MMMM y, HH:mm", "en")
    return format_datetime(instant.astimezone(COMPANY_ZONE), pattern, locale=locale)


def because(rule_id: str, language: str) -> str:
    """A rule with its source."""
    found = rule(rule_id)
    sentence = found.zh if language == "zh" else found.en
    return f"{found.id} {sentence}({found.source})"
