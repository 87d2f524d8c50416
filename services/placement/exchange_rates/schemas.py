"""Exchange rates over HTTP."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from chassis.http import Body, View

Foreign = Literal["USD", "EUR", "GBP", "HKD", "JPY"]


class RecordRate(Body):
    """What one unit of a currency is worth in yuan on a date, with where the figure comes from."""

    currency: Foreign
    on: date
    rate: Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,3})\.[0-9]{1,6}$", examples=["7.1234"])]
    source: Annotated[str, Field(min_length=1, max_length=200)]


class ExchangeRateView(View):
    """A recorded rate: yuan for one unit of the currency."""

    id: str
    version: int
    currency: str
    on: date
    rate: str
    source: str
    recorded_by: str
