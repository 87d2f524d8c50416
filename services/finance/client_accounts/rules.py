"""Decisions on client money accounts."""

from chassis.moves import move
from chassis.refusals import Conflict, Forbidden
from contracts.finance import ClientAccountClosed, ClientAccountConfirmed, ClientAccountProposed
from services.finance.client_accounts.model import MOVES, ClientAccount, Status


class OwnAccount(Forbidden):
    """Who entered an account may not confirm it."""

    rule = "SYS-011"
    zh = "账户由您录入,不能由您复核"
    en = "You entered this account, so you may not confirm it"
    todo_zh = "请由另一位有权人员复核"
    todo_en = "Ask somebody else who may confirm accounts"


class AccountInUse(Conflict):
    """The branch has another account in use in this currency."""

    rule = "FIN-006"
    zh = "该机构已有同币种的客户资金专用账户在用"
    en = "The branch has a client money account in this currency in use"
    todo_zh = "请先停用原账户"
    todo_en = "Close the other account first"


class NoClientAccount(Conflict):
    """There is nowhere to pay to."""

    rule = "FIN-006"
    zh = "机构 {branch} 及其上级没有在用的 {currency} 客户资金专用账户"
    en = "Neither branch {branch} nor any above it has a client money account in {currency} in use"
    todo_zh = "请先录入客户资金专用账户(POST /client_accounts)并由他人复核"
    todo_en = "Enter one (POST /client_accounts) and have somebody else confirm it"


def propose(account: ClientAccount) -> tuple[ClientAccount, ClientAccountProposed]:
    """Enter an account."""
    return account, ClientAccountProposed(account_id=account.id, currency=account.currency)


def confirm(account: ClientAccount, by: str) -> tuple[ClientAccount, ClientAccountConfirmed]:
    """Take an account into use, by the user `by`.

    Raises:
        IllegalMove: it is not proposed.
        OwnAccount: `by` entered it.

    Rule: SYS-011, FIN-006 (docs/rules/finance.md).
    """
    confirmed = move(account, MOVES, Status.IN_USE, confirmed_by=by)
    if by == account.proposed_by:
        raise OwnAccount
    return confirmed, ClientAccountConfirmed(account_id=account.id, currency=account.currency, approver_id=by)


def close(account: ClientAccount, reason: str) -> tuple[ClientAccount, ClientAccountClosed]:
    """Take an account out of use; papers that name it stay as they are.

    Raises:
        IllegalMove: it is closed.
    """
    closed = move(account, MOVES, Status.CLOSED, closed_because=reason)
    return closed, ClientAccountClosed(account_id=account.id, reason=reason)
