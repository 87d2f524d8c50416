"""Figures in pairs: ours and the floor in turns, so that what else the machine does falls on both."""

import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

ROUNDS = 7
T = TypeVar("T")

Run = Callable[[], Awaitable[float]]
"""Does the thing once, for a few seconds, and gives its figure in the benchmark's unit."""


@dataclass(frozen=True)
class Goal:
    """What the ratio ours / floor must be: at least `bound` (throughput), or at most (time)."""

    sign: str
    bound: float

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g}"

    def met(self, ratio: float) -> bool:
        """Whether a ratio reaches it."""
        return ratio >= self.bound if self.sign == "≥" else ratio <= self.bound


def at_least(bound: float) -> Goal:
    """For figures of which more is better."""
    return Goal("≥", bound)


def at_most(bound: float) -> Goal:
    """For figures of which less is better."""
    return Goal("≤", bound)


@dataclass(frozen=True)
class Result:
    """One line of the table. `ours`, `floor` and `ratio` are medians over the rounds; `ratio` is the median of the
    rounds' own ratios ours / floor, `spread` the least and the greatest of them.
    """

    id: str
    what: str
    ours: float
    floor: float
    ratio: float
    spread: tuple[float, float]
    goal: Goal
    unit: str
    rounds: int

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.goal.met(self.ratio)


async def paired(id: str, what: str, unit: str, goal: Goal, ours: Run, floor: Run, rounds: int = ROUNDS) -> Result:
    """Measure one figure of ours and the floor, in turns."""
    return result(id, what, unit, goal, await in_turns(ours, floor, rounds))


async def in_turns(
    ours: Callable[[], Awaitable[T]], floor: Callable[[], Awaitable[T]], rounds: int = ROUNDS
) -> list[tuple[T, T]]:
    """What ours and the floor give, who begins changing each round, after one round that does not count."""
    for run in (ours, floor):
        await run()
    given: list[tuple[T, T]] = []
    for number in range(rounds):
        if number % 2:
            bare = await floor()
            given.append((await ours(), bare))
        else:
            mine = await ours()
            given.append((mine, await floor()))
    return given


def result(id: str, what: str, unit: str, goal: Goal, figures: Sequence[tuple[float, float]]) -> Result:
    """The line for the (ours, floor) figures of all rounds."""
    ratios = [ours / floor for ours, floor in figures]
    return Result(
        id=id,
        what=what,
        ours=statistics.median(ours for ours, _ in figures),
        floor=statistics.median(floor for _, floor in figures),
        ratio=statistics.median(ratios),
        spread=(min(ratios), max(ratios)),
        goal=goal,
        unit=unit,
        rounds=len(figures),
    )
