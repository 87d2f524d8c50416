from typing import Any

import pytest

from chassis.moves import IllegalMove
from contracts.finance import ClientAccountClosed, ClientAccountConfirmed
from contracts.personal import BankAccount
from services.finance.client_accounts import rules
from services.finance.client_accounts.model import MOVES, ClientAccount, Status

ACTS = {
    Status.IN_USE: lambda account: rules.confirm(account, "frank"),
    Status.CLOSED: lambda account: rules.close(account, "bank changed"),
}


def an_account(**changes: Any) -> ClientAccount:
    """An account of headquarters, entered by `cash`."""
    told: dict[str, Any] = {
        "id": "acc-1",
        "branch": "hq",
        "holder": "保桥",
        "bank": "中国银行",
        "number": BankAccount("6543210012345678"),
        "currency": "CNY",
        "proposed_by": "cash",
    }
    return ClientAccount(**told | changes)


@pytest.mark.rule("SYS-011")
def test_nobody_confirms_the_account_that_he_entered():
    with pytest.raises(rules.OwnAccount):
        rules.confirm(an_account(), "cash")


@pytest.mark.rule("FIN-006")
def test_a_second_person_takes_an_account_into_use_and_out_of_it():
    confirmed, taken = rules.confirm(an_account(), "frank")
    closed, given_up = rules.close(confirmed, "bank changed")
    assert taken == ClientAccountConfirmed(account_id="acc-1", currency="CNY", approver_id="frank")
    assert (closed.status, given_up) == (
        Status.CLOSED,
        ClientAccountClosed(account_id="acc-1", reason="bank changed"),
    )


@pytest.mark.parametrize("target", ACTS)
@pytest.mark.parametrize("status", Status)
def test_every_pair_of_states_moves_only_as_tabled(status: Status, target: Status):
    act: Any = ACTS[target]
    if target in MOVES[status]:
        assert act(an_account(status=status))[0].status is target
    else:
        with pytest.raises(IllegalMove):
            act(an_account(status=status))
