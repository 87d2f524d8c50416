"""Papers: what every PDF that leaves the house has in common, as values and as a look (look.typ).

A paper is a frozen value of typed fields (Money, dates, texts): nothing in it is formatted, the template does that by
language. Texts are printed as they are, never read as markup. A paper lives in memory only: names in it are in clear.
"""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from chassis.clock import COMPANY_ZONE
from chassis.model import Value
from contracts.money import Money

Shown = Money | datetime | date | bool | int | str | tuple[str, ...] | None
"""What an entry or a cell may hold; the template shows each kind in the paper's language, None as a dash."""


class Correspondent(Value):
    """Somebody to turn to."""

    name: str
    phone: str = ""
    email: str = ""


class Head(Value):
    """The head of every paper. `edition` is printed only where a thing has several."""

    broker: str
    """The company's name (that of headquarters)."""
    branch: str
    """The name of the branch that issues the paper."""
    language: Literal["zh", "en"]
    number: str
    edition: int | None = None
    dated_on: date
    client: str
    contact: Correspondent | None = None
    """Who answers for the broker."""


class Entry(Value):
    """A labelled value; the label is in the paper's language."""

    label: str
    value: Shown


class Table(Value):
    """A schedule. Every row, and the total if there is one, has as many cells as there are columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Shown, ...], ...]
    total: tuple[Shown, ...] | None = None


def data(paper: BaseModel) -> dict[str, Any]:
    """The paper as JSON-able data for its template. Kinds that JSON has not are tagged: {"on": "2026-03-01"} is a date,
    {"at": "2026-03-01T17:00"} an instant on Shanghai's clock, {"amount": "1234.50", "currency": "CNY"} money."""
    return {name: _plain(getattr(paper, name)) for name in type(paper).model_fields}


def _plain(value: Any) -> Any:
    match value:
        case Money():
            return {"amount": value.amount, "currency": value.currency}
        case BaseModel():
            return data(value)
        case datetime():
            return {"at": value.astimezone(COMPANY_ZONE).strftime("%Y-%m-%dT%H:%M")}
        case date():
            return {"on": value.isoformat()}
        case tuple() | list():
            return [_plain(item) for item in value]
    return value
