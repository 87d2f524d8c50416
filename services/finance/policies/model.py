"""What finance knows of a policy: a copy fed by placement's events."""

from datetime import date
from enum import StrEnum

from chassis.model import Value
from contracts.money import Money


class Collection(StrEnum):
    """Who collects the premium: the broker into its client money account, or the insurers themselves (F4)."""

    BROKER = "broker"
    INSURER = "insurer"


class Share(Value):
    """An insurer's share, in basis points of 100 %, and its part of the premium."""

    insurer_id: str
    insurer_name: str
    share_bp: int
    lead: bool
    premium: Money


class Plan(Value):
    """When the premium is due: equal parts, or parts by weight."""

    due_on: tuple[date, ...]
    weights: tuple[int, ...]


class Policy(Value):
    """A bound policy. `number` is empty until the insurer has issued it; `ends_on` is the last day of cover."""

    id: str
    branch: str
    client_id: str
    line: str
    insured_name: str | None
    lines: tuple[Share, ...]
    premium: Money
    collection: Collection
    instalments: Plan
    starts_on: date
    ends_on: date
    owner_id: str
    number: str = ""
    voided: bool = False
