"""Separation of duties: which roles one person may not hold together (S5). Pure, and read from separation.toml once."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.identity.roles.model import Role


@dataclass(frozen=True)
class Pair:
    """Two default roles that are kept apart, and why."""

    one: str
    other: str
    zh: str
    en: str


@cache
def pairs() -> tuple[Pair, ...]:
    """The configured pairs."""
    told = tomllib.loads((Path(__file__).parent / "separation.toml").read_text(encoding="utf-8"))
    return tuple(Pair(*entry["roles"], zh=entry["zh"], en=entry["en"]) for entry in told["pair"])


def broken(held: Iterable[str], roles: Mapping[str, Role]) -> list[Pair]:
    """The pairs that these roles, held by one person at one time, would bring together.

    A role of the company's own counts as one side of a pair when it carries something that this side may do and the
    other may not; reading never counts.
    """
    codes = [code for code in held if code in roles]
    own = frozenset(scope for code in codes if not roles[code].default for scope in roles[code].scopes)
    return [
        pair for pair in pairs() if all(_stands_for(side, other, codes, own, roles) for side, other in _sides(pair))
    ]


def _sides(pair: Pair) -> tuple[tuple[str, str], tuple[str, str]]:
    return (pair.one, pair.other), (pair.other, pair.one)


def _stands_for(side: str, other: str, codes: list[str], own: frozenset[str], roles: Mapping[str, Role]) -> bool:
    if side in codes:
        return True
    if side not in roles or other not in roles:
        return False
    only_here = set(roles[side].scopes) - set(roles[other].scopes)
    return any(not scope.endswith(":read") for scope in only_here & own)
