"""Delegations: somebody decides for an absent approver, for a time."""

from datetime import date

from chassis.model import Aggregate


class Delegation(Aggregate):
    """The authority of `giver_id` in a branch and all below it, lent to `taker_id`; both dates are inclusive."""

    giver_id: str
    taker_id: str
    from_on: date
    until_on: date
    reason: str
    ended_on: date | None = None

    def holds(self, on: date) -> bool:
        """Whether it has effect on a business date; the day on which it was ended has none."""
        return self.from_on <= on <= self.until_on and (self.ended_on is None or on < self.ended_on)
