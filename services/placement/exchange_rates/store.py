"""Exchange rates in MongoDB."""

from pymongo import IndexModel

from chassis.refusals import Conflict, Missing
from chassis.store import Store
from services.placement.exchange_rates.model import ExchangeRate


class ExchangeRateNotFound(Missing):
    """No such rate."""

    rule = "PLC-006"
    zh = "没有汇率记录 {id}"
    en = "There is no exchange rate {id}"


class RateRecorded(Conflict):
    """The day's rate of this currency stands already."""

    rule = "PLC-014"
    zh = "该币种当日的汇率已登记"
    en = "The rate of this currency is already recorded for this day"
    todo_zh = "已登记的汇率不可更改;请核对日期"
    todo_en = "A recorded rate is not changed; check the date"


class ExchangeRates(Store[ExchangeRate]):
    """The recorded rates, one for each currency and day."""

    collection = "exchange_rates"
    model = ExchangeRate
    missing = ExchangeRateNotFound
    indexes = [IndexModel([("currency", 1), ("on", -1)], name="day", unique=True)]
    duplicates = {"day": RateRecorded}
    company_wide = True
