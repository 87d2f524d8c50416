"""Branches: a tree whose every move is kept with its date.

open ──close──▶ closed
"""

from datetime import date
from enum import StrEnum

from chassis.ids import derived_id
from chassis.model import Aggregate, Value

HEADQUARTERS_ID = derived_id("identity.branches", "headquarters")

REGIONS = frozenset(
    str(code)
    for zone in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
    for code in range(zone[0], zone[1] + 1)
)
"""Provinces, municipalities, autonomous and special regions by the first two digits of GB/T 2260."""


class Kind(StrEnum):
    """What a branch is; a branch lies below one of a higher kind."""

    HEADQUARTERS = "headquarters"
    PROVINCIAL = "provincial"
    BRANCH = "branch"
    SUB_BRANCH = "sub_branch"
    OFFICE = "office"

    @property
    def rank(self) -> int:
        """0 for headquarters, growing downwards."""
        return list(Kind).index(self)


class Status(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


MOVES = {Status.OPEN: frozenset({Status.CLOSED}), Status.CLOSED: frozenset[Status]()}


class Place(Value):
    """Below this parent from a date on; headquarters has none."""

    parent: str | None
    from_on: date


class Branch(Aggregate):
    """One branch. It belongs to itself: whoever sees its parent sees it too."""

    code: str
    name: str
    kind: Kind
    region: str
    parents: tuple[Place, ...]
    status: Status = Status.OPEN
    closed_on: date | None = None

    def parent(self, on: date) -> str | None:
        """The parent on a date; before the first known one, the first known."""
        known = [place.parent for place in self.parents if place.from_on <= on]
        return known[-1] if known else self.parents[0].parent
