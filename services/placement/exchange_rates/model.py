"""Exchange rates, recorded by hand from a named source."""

from datetime import date
from decimal import Decimal

from chassis.model import Aggregate


class ExchangeRate(Aggregate):
    """What one unit of a currency was worth in yuan on a date. `rate` is decimal text, as the source gave it."""

    currency: str
    on: date
    rate: str
    source: str
    recorded_by: str

    def factor(self) -> Decimal:
        """The rate as a number."""
        return Decimal(self.rate)
