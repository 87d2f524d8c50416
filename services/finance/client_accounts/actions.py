"""Work on client money accounts."""

from chassis.branches import BranchTree
from chassis.work import Work
from services.finance.client_accounts import rules
from services.finance.client_accounts.model import ClientAccount
from services.finance.client_accounts.store import ClientAccounts


async def propose_account(account: ClientAccount, work: Work) -> ClientAccount:
    """Enter an account, to be confirmed by somebody else."""
    return await ClientAccounts(work).add(*rules.propose(account))


async def confirm_account(account_id: str, work: Work) -> ClientAccount:
    """Take an account into use. Rule: SYS-011, FIN-006."""
    return await ClientAccounts(work).change(account_id, lambda account: rules.confirm(account, work.actor.id))


async def close_account(account_id: str, reason: str, work: Work) -> ClientAccount:
    """Take an account out of use."""
    return await ClientAccounts(work).change(account_id, lambda account: rules.close(account, reason))


async def the_account_for(branch: str, currency: str, work: Work) -> ClientAccount:
    """The account in use of the branch, or of the nearest branch above it; raises NoClientAccount.

    Rule: FIN-006 (docs/rules/finance.md).
    """
    known = await BranchTree(work.db).known()
    chain: list[str] = []
    above: str | None = branch
    while above in known and above not in chain:
        chain.append(above)
        above = known[above].parent(work.today)
    account = await ClientAccounts(work).in_use(chain, currency)
    if account is None:
        raise rules.NoClientAccount(branch=branch, currency=currency)
    return account
