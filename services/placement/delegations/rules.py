"""When authority may be lent. Pure."""

from datetime import date

from chassis.refusals import Conflict, Fault, Forbidden, Invalid
from contracts.placement import AuthorityDelegated, AuthorityDelegationEnded
from services.placement.delegations.model import Delegation


class DelegationFaulty(Invalid):
    """Dates or persons of a delegation make no sense."""

    rule = "PLC-015"
    zh = "授权委托的内容有误"
    en = "The delegation makes no sense"


class NotTheGiver(Forbidden):
    """Only the one who lends authority ends it."""

    rule = "PLC-015"
    zh = "只有授权人可以终止代理授权"
    en = "Only the one who gave a delegation ends it"


class DelegationEnded(Conflict):
    """It has ended already."""

    rule = "PLC-015"
    zh = "该代理授权已终止"
    en = "The delegation has ended"


def give(delegation: Delegation, today: date) -> tuple[Delegation, AuthorityDelegated]:
    """Lend authority from today or later, never to oneself; all faults are told at once.

    Raises:
        DelegationFaulty.

    Rule: PLC-015.
    """
    faults: list[Fault] = []
    if delegation.giver_id == delegation.taker_id:
        faults.append(Fault("/taker_id", "不能委托给本人", "nobody lends authority to himself"))
    if delegation.from_on < today:
        faults.append(Fault("/from_on", "不能早于今天", "cannot begin before today"))
    if delegation.until_on < delegation.from_on:
        faults.append(Fault("/until_on", "不能早于开始日期", "cannot end before it begins"))
    if faults:
        raise DelegationFaulty(faults)
    return delegation, AuthorityDelegated(
        delegation_id=delegation.id,
        giver_id=delegation.giver_id,
        taker_id=delegation.taker_id,
        branch_id=delegation.branch,
        from_on=delegation.from_on,
        until_on=delegation.until_on,
    )


def end(delegation: Delegation, by: str, today: date) -> tuple[Delegation, AuthorityDelegationEnded]:
    """Take authority back, from today on.

    Raises:
        NotTheGiver, DelegationEnded.

    Rule: PLC-015.
    """
    if by != delegation.giver_id:
        raise NotTheGiver
    if delegation.ended_on is not None or delegation.until_on < today:
        raise DelegationEnded
    return delegation.but(ended_on=today), AuthorityDelegationEnded(delegation_id=delegation.id, ended_on=today)
