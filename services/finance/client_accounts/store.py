"""Client money accounts in MongoDB."""

from pymongo import IndexModel

from chassis.database import Document
from chassis.refusals import Missing
from chassis.store import Store
from services.finance.client_accounts.model import ClientAccount, Status
from services.finance.client_accounts.rules import AccountInUse


class ClientAccountMissing(Missing):
    """No such account."""

    rule = "FIN-006"
    zh = "没有客户资金专用账户 {id}"
    en = "There is no client money account {id}"


class ClientAccounts(Store[ClientAccount]):
    """Everybody may know where clients pay to; one account in use for each branch and currency."""

    collection = "client_accounts"
    model = ClientAccount
    missing = ClientAccountMissing
    company_wide = True
    indexes = [IndexModel([("x.in_use", 1)], name="in_use", unique=True, sparse=True)]
    duplicates = {"in_use": AccountInUse}

    def extras(self, state: ClientAccount) -> Document:
        """What is in use, by branch and currency."""
        return {"in_use": f"{state.branch} {state.currency}"} if state.status is Status.IN_USE else {}

    async def in_use(self, branches: list[str], currency: str) -> ClientAccount | None:
        """The account of the first of these branches that has one."""
        found = await self.some({"x.in_use": {"$in": [f"{branch} {currency}" for branch in branches]}}, len(branches))
        by_branch = {account.branch: account for account in found}
        return next((by_branch[branch] for branch in branches if branch in by_branch), None)
