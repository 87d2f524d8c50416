"""Whom a paper can go to."""

from collections.abc import Sequence

from chassis.refusals import Conflict
from contracts.shared import Recipient


class NoContact(Conflict):
    """Nobody at the client can be written to."""

    rule = "PLC-073"
    zh = "客户没有登记可收取文件的联系邮箱"
    en = "The client has no contact with an e-mail address"
    todo_zh = "请先在客户资料中登记联系人及邮箱"
    todo_en = "Record a contact with an e-mail address for the client first"


def check_recipients(recipients: Sequence[Recipient]) -> None:
    """Refuse a paper that would go to nobody. Rule: PLC-073."""
    if not recipients:
        raise NoContact
