"""The statement of disclosure that a client signs, in editions with their first day."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Statement:
    """One edition of the statement, in force from a business date until the next edition begins."""

    edition: str
    from_on: date
    zh: str
    en: str


@cache
def statements() -> tuple[Statement, ...]:
    """All editions, the oldest first."""
    told = tomllib.loads((Path(__file__).parent / "disclosure.toml").read_text(encoding="utf-8"))["statement"]
    return tuple(sorted((Statement(**each) for each in told), key=lambda statement: statement.from_on))


def in_force(on: date) -> Statement:
    """The edition to be signed on a business date; before the first one, the first one."""
    begun = [statement for statement in statements() if statement.from_on <= on]
    return begun[-1] if begun else statements()[0]
