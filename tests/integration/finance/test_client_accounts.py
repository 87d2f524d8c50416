"""Client money accounts: entered by one, confirmed by another, found from below."""

import pytest

from services.finance.client_accounts.actions import the_account_for
from services.finance.client_accounts.rules import NoClientAccount
from tests.support.finance import ACCOUNT, Finance


@pytest.mark.rule("SYS-011")
async def test_an_account_is_confirmed_by_somebody_else_and_shown_masked(finance: Finance):
    made = await finance.mary.post("/client_accounts", ACCOUNT)
    assert (made.status_code, made.json()["number"], made.json()["status"]) == (201, "****5678", "proposed")
    path = f"/client_accounts/{made.json()['id']}"
    refused = await finance.mary.post(f"{path}/confirmation", match=1)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (403, "SYS-011")
    assert (await finance.frank.post(f"{path}/confirmation", match=1)).json()["status"] == "in_use"
    assert (await finance.frank.get(path)).json()["confirmed_by"] == "frank"


@pytest.mark.rule("FIN-006")
async def test_a_branch_has_one_account_in_use_for_each_currency(finance: Finance):
    first = await finance.has_account()
    dollars = await finance.has_account(currency="USD")
    second = (await finance.mary.post("/client_accounts", ACCOUNT)).json()["id"]
    refused = await finance.frank.post(f"/client_accounts/{second}/confirmation", match=1)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "FIN-006")
    closed = await finance.frank.post(f"/client_accounts/{first}/closure", {"reason": "开户行变更"}, match=2)
    assert closed.json()["status"] == "closed"
    assert (await finance.frank.post(f"/client_accounts/{second}/confirmation", match=1)).status_code == 200
    listed = (await finance.frank.get("/client_accounts")).json()["items"]
    assert {account["id"]: account["status"] for account in listed} == {
        first: "closed",
        dollars: "in_use",
        second: "in_use",
    }


@pytest.mark.rule("FIN-006")
async def test_a_branch_without_an_account_uses_the_nearest_one_above(finance: Finance):
    await finance.service.knows_branch("gd", code="GD")
    await finance.service.knows_branch("sz", parent="gd", code="SZ")
    work = finance.service.host.system_work()
    with pytest.raises(NoClientAccount):
        await the_account_for("sz", "CNY", work)
    at_headquarters = await finance.has_account()
    assert (await the_account_for("sz", "CNY", work)).id == at_headquarters
    at_guangdong = await finance.has_account("gd")
    assert (await the_account_for("sz", "CNY", work)).id == at_guangdong
    assert (await the_account_for("hq", "CNY", work)).id == at_headquarters


async def test_only_a_user_of_the_branch_may_enter_its_account(finance: Finance):
    await finance.service.knows_branch("gd", code="GD")
    refused = await finance.user("x", "gd").post("/client_accounts", ACCOUNT)
    assert refused.status_code == 404
