"""Exchange rates: recorded once a day from a named source."""

from typing import Annotated

from fastapi import APIRouter

from chassis.http import Listing, Page, Work, paged, refusals, requires
from services.placement.exchange_rates import actions
from services.placement.exchange_rates.rules import RateZero
from services.placement.exchange_rates.schemas import ExchangeRateView, Foreign, RecordRate
from services.placement.exchange_rates.store import ExchangeRates, RateRecorded

router = APIRouter(prefix="/exchange_rates", tags=["exchange_rates"])
paging = Annotated[Listing, paged("on", default="-on")]


@router.post(
    "", status_code=201, dependencies=[requires("exchange_rates:write")], responses=refusals(RateZero, RateRecorded)
)
async def record_rate(body: RecordRate, work: Work) -> ExchangeRateView:
    """Record the day's rate of a currency, so that amounts in it can be put before the right tier.

    Rule: PLC-014 (docs/rules/placement.md).
    """
    return ExchangeRateView.of(await actions.record_rate(body.currency, body.on, body.rate, body.source, work))


@router.get("", dependencies=[requires("exchange_rates:read")])
async def list_rates(
    work: Work,
    listing: paging,
    currency: Foreign | None = None,
) -> Page[ExchangeRateView]:
    """Recorded rates by page, newest first."""
    found = await ExchangeRates(work).page(listing, {"currency": currency} if currency else None)
    return Page(items=[ExchangeRateView.of(rate) for rate in found.items], next=found.next)
