"""Delegations in MongoDB."""

from pymongo import IndexModel

from chassis.refusals import Missing
from chassis.store import Store
from services.placement.delegations.model import Delegation


class DelegationNotFound(Missing):
    """No such delegation, or not in the caller's branches."""

    rule = "PLC-006"
    zh = "没有代理授权 {id}"
    en = "There is no delegation {id}"


class Delegations(Store[Delegation]):
    """The delegations."""

    collection = "delegations"
    model = Delegation
    missing = DelegationNotFound
    company_wide = True
    indexes = [IndexModel([("taker_id", 1), ("until_on", -1)], name="taker")]
