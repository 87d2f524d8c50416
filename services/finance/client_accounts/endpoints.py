"""The HTTP door of client money accounts."""

from typing import Annotated

from fastapi import APIRouter

from chassis.http import Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from services.finance.client_accounts import actions
from services.finance.client_accounts.model import ClientAccount
from services.finance.client_accounts.rules import AccountInUse, OwnAccount
from services.finance.client_accounts.schemas import ClientAccountView, CloseAccount, ProposeAccount
from services.finance.client_accounts.store import ClientAccountMissing, ClientAccounts

router = APIRouter(prefix="/client_accounts", tags=["client_accounts"])
paging = Annotated[Listing, paged()]


@router.post(
    "", status_code=201, dependencies=[requires("client_accounts:write")], responses=refusals(ClientAccountMissing)
)
async def propose_client_account(body: ProposeAccount, work: Work) -> ClientAccountView:
    """Enter a client money account of a branch, to be confirmed by somebody else. Rule: FIN-006."""
    told = {name: getattr(body, name) for name in ProposeAccount.model_fields}
    account = ClientAccount(id=work.new_id("client_accounts"), proposed_by=work.actor.id, **told)
    return ClientAccountView.of(await actions.propose_account(account, work))


@router.post(
    "/{account_id}/confirmation",
    dependencies=[requires("client_accounts:confirm")],
    responses=refusals(ClientAccountMissing, OwnAccount, AccountInUse, IllegalMove),
)
async def confirm_client_account(account_id: str, work: Work) -> ClientAccountView:
    """Take an account into use: from now on debit notes name it. Rule: SYS-011, FIN-006."""
    return ClientAccountView.of(await actions.confirm_account(account_id, work))


@router.post(
    "/{account_id}/closure",
    dependencies=[requires("client_accounts:confirm")],
    responses=refusals(ClientAccountMissing, IllegalMove),
)
async def close_client_account(account_id: str, body: CloseAccount, work: Work) -> ClientAccountView:
    """Take an account out of use. Debit notes that name it stay as they are."""
    return ClientAccountView.of(await actions.close_account(account_id, body.reason, work))


@router.get("", dependencies=[requires("client_accounts:read")])
async def list_client_accounts(work: Work, listing: paging) -> Page[ClientAccountView]:
    """The client money accounts of the company."""
    found = await ClientAccounts(work).page(listing)
    return Page(items=[ClientAccountView.of(account) for account in found.items], next=found.next)


@router.get("/{account_id}", dependencies=[requires("client_accounts:read")], responses=refusals(ClientAccountMissing))
async def show_client_account(account_id: str, work: Work) -> ClientAccountView:
    """One client money account, its number masked."""
    return ClientAccountView.of(await ClientAccounts(work).get(account_id))
