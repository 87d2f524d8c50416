"""What HTTP sends and receives of client money accounts."""

from typing import Annotated, Literal

from pydantic import Field

from chassis.http import Body, View
from contracts.personal import BankAccount
from services.finance.client_accounts.model import Status


class ProposeAccount(Body):
    """A bank account for client money."""

    branch: Annotated[str, Field(max_length=64)]
    holder: Annotated[str, Field(min_length=1, max_length=100, description="As the bank has it")]
    bank: Annotated[str, Field(min_length=1, max_length=100, description="Bank and its branch")]
    number: BankAccount
    currency: Literal["CNY", "USD", "EUR", "GBP", "HKD", "JPY"] = "CNY"


class CloseAccount(Body):
    """Why an account is no longer used."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class ClientAccountView(View):
    """A client money account; its number is masked."""

    id: str
    version: int
    branch: str
    holder: str
    bank: str
    number: BankAccount
    currency: str
    status: Status
    proposed_by: str
    confirmed_by: str
    closed_because: str
