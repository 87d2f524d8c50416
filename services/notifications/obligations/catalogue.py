"""The clocks of the diary, read from clocks.toml once and checked against the contracts."""

import tomllib
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import contracts.clients
import contracts.finance
import contracts.placement  # noqa: F401 - the facts that clocks name have to be declared
from chassis.model import Value
from contracts.facts import FACTS, Fact
from services.notifications.calendars.deadlines import Unit

FILE = Path(__file__).with_name("clocks.toml")
HAPPENED = "time"
"""The anchor of a clock that counts from when the fact happened."""


class OwnerOf(StrEnum):
    """Who must do it: the owner that the fact names, that of the policy, the client's team, or who did it."""

    FACT = "fact"
    POLICY = "policy"
    TEAM = "team"
    ACTOR = "actor"


class End(Value):
    """A fact that ends an obligation; `by` is the field that both facts share.

    `covering` are fields of both of which the ending fact must hold all that the starting one did.
    """

    fact: str
    by: str = ""
    covering: tuple[str, ...] = ()


def keys_of(fact: Fact, fields: Iterable[str]) -> tuple[str, ...]:
    """A fact's values in some fields, as obligations keep them to be matched by: "client_id=…", one for each value."""
    told = ((field, getattr(fact, field, None) or []) for field in fields)
    return tuple(f"{field}={one}" for field, value in told for one in (value if isinstance(value, list) else [value]))


class Trigger(Value):
    """The fact that starts a clock; see clocks.toml for the fields."""

    fact: str
    about: str
    anchor: str
    owner: tuple[OwnerOf, ...]
    given: str = ""
    given_amount: str = ""
    each: str = ""
    details: tuple[str, ...] = ()
    repeats: bool = False
    met_by: tuple[End, ...] = ()
    cancelled_by: tuple[End, ...] = ()

    def fields(self) -> set[str]:
        """The fields of the triggering fact by which an end may be matched."""
        ends = (*self.met_by, *self.cancelled_by)
        return {end.by or self.about for end in ends} | {name for end in ends for name in end.covering} | {self.about}


class Clock(Value):
    """One kind of obligation; see clocks.toml for the fields."""

    name: str
    rule: str
    about_kind: str
    zh: str
    en: str
    unit: Unit
    amount: int
    remind_days: tuple[int, ...] = ()
    at_once: bool = False
    urgent: bool = False
    manager_after: int = 3
    by_hand: bool = False
    choices: tuple[int, ...] = ()
    trigger: Trigger | None = None


@cache
def clocks() -> dict[str, Clock]:
    """All clocks by name; raises ValueError for one that names a fact or field that the contracts do not have."""
    found = [Clock(**told) for told in tomllib.loads(FILE.read_text(encoding="utf-8"))["clock"]]
    for clock in found:
        if clock.trigger is not None:
            _check(clock.trigger)
    return {clock.name: clock for clock in found}


def clock(name: str) -> Clock:
    """The clock of this name."""
    return clocks()[name]


@cache
def started_by() -> dict[type[Fact], tuple[Clock, ...]]:
    """The clocks that each fact starts."""
    return _grouped((facts_by_name()[clock.trigger.fact], clock) for clock in clocks().values() if clock.trigger)


@cache
def met_by() -> dict[type[Fact], tuple[tuple[Clock, End], ...]]:
    """By fact: the clocks whose obligations it meets, and what matches them."""
    return _grouped(_ends("met_by"))


@cache
def cancelled_by() -> dict[type[Fact], tuple[tuple[Clock, End], ...]]:
    """By fact: the clocks whose obligations it cancels, and what matches them."""
    return _grouped(_ends("cancelled_by"))


@cache
def facts_by_name() -> dict[str, type[Fact]]:
    """The contracts' facts by class name."""
    return {fact.__name__: fact for fact in FACTS.values()}


def _ends(which: str) -> Iterable[tuple[type[Fact], tuple[Clock, End]]]:
    for clock in clocks().values():
        if clock.trigger is not None:
            for end in getattr(clock.trigger, which):
                yield facts_by_name()[end.fact], (clock, end.but(by=end.by or clock.trigger.about))


def _grouped(pairs: Iterable[tuple[type[Fact], Any]]) -> dict[type[Fact], tuple[Any, ...]]:
    found: dict[type[Fact], tuple[Any, ...]] = {}
    for fact, value in pairs:
        found[fact] = (*found.get(fact, ()), value)
    return found


def _check(trigger: Trigger) -> None:
    named = {trigger.fact: {trigger.about, trigger.given, trigger.given_amount, trigger.each, *trigger.fields()}}
    if not trigger.each and trigger.anchor != HAPPENED:
        named[trigger.fact].add(trigger.anchor)
    for end in (*trigger.met_by, *trigger.cancelled_by):
        named.setdefault(end.fact, set()).update({end.by or trigger.about, *end.covering})
    for fact, fields in named.items():
        known = facts_by_name().get(fact)
        unknown = fields - {""} - set(known.model_fields if known else ())
        if unknown:
            raise ValueError(f"{FILE.name}: {fact} has no {', '.join(sorted(unknown))}")
