"""Authority matrices over HTTP, and the tier that they name."""

import pytest

from contracts.money import Money, yuan
from contracts.shared import LineFamily
from services.placement.authority.actions import tier_for
from services.placement.authority.model import Tier
from services.placement.authority.rules import MatrixMissing
from services.placement.exchange_rates.rules import RateMissing
from tests.support.placement import SEED_ROWS, has_matrix, yuan_row
from tests.support.service import RunningService

PROPERTY = LineFamily.PROPERTY


@pytest.mark.rule("PLC-010")
async def test_without_a_matrix_in_force_nothing_is_decided(placement: RunningService):
    await has_matrix(placement, from_on="2026-03-03")
    with pytest.raises(MatrixMissing):
        await tier_for("premium", PROPERTY, yuan("1.00"), placement.host.system_work())
    placement.clock.move(days=1)
    assert await tier_for("premium", PROPERTY, yuan("1.00"), placement.host.system_work()) is Tier.STAFF
    with pytest.raises(MatrixMissing):
        await tier_for("claim", PROPERTY, yuan("1.00"), placement.host.system_work())


@pytest.mark.rule("PLC-010")
async def test_a_later_matrix_takes_over_on_its_first_day_and_the_past_stays(placement: RunningService):
    first = await has_matrix(placement, from_on="2026-01-01")
    second = await has_matrix(placement, [yuan_row(None, None, "general_manager", "*")], from_on="2026-03-10")
    assert await tier_for("premium", PROPERTY, yuan("1.00"), placement.host.system_work()) is Tier.STAFF
    ann = placement.user("ann")
    for on, matrix_id in (("2026-03-09", first), ("2026-03-10", second)):
        shown = await ann.get("/authority_matrices/in_force", params={"kind": "premium", "on": on})
        assert shown.json()["id"] == matrix_id
    missing = await ann.get("/authority_matrices/in_force", params={"kind": "premium", "on": "2025-12-31"})
    assert (missing.status_code, missing.json()["rule"]["id"]) == (409, "PLC-010")


@pytest.mark.rule("PLC-009")
async def test_a_hole_is_shown_in_the_draft_and_refused_at_activation(placement: RunningService):
    seed_with_gap = [*SEED_ROWS[:2], yuan_row("100000.00", None, "general_manager")]
    body = {"kind": "premium", "rows": seed_with_gap, "note": "5万至10万待定"}
    drafted = (await placement.user("ann").post("/authority_matrices", body)).json()
    assert [fault["pointer"] for fault in drafted["faults"]] == ["/rows/2"]
    path = f"/authority_matrices/{drafted['id']}"
    refused = await placement.user("bob").post(f"{path}/activation", {"from_on": "2026-04-01"}, match=1)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (422, "PLC-009")
    assert refused.json()["errors"][0]["pointer"] == "/rows/2"
    fixed = await placement.user("ann").patch(path, {"rows": SEED_ROWS}, match=1)
    assert (fixed.json()["faults"], fixed.json()["note"]) == ([], "5万至10万待定")
    active = await placement.user("bob").post(f"{path}/activation", {"from_on": "2026-04-01"}, match=2)
    assert (active.status_code, active.json()["status"], active.json()["checker_id"]) == (200, "active", "bob")
    events = await placement.events("authority_matrices", drafted["id"])
    assert [event["type"].rsplit(".", 2)[1] for event in events][-1] == "authority_matrix_activated"
    assert len(events[-1]["data"]["rows"]) == 3


@pytest.mark.rule("SYS-011")
async def test_the_maker_does_not_activate_his_own_matrix(placement: RunningService):
    drafted = (await placement.user("ann").post("/authority_matrices", {"kind": "claim", "rows": SEED_ROWS})).json()
    path = f"/authority_matrices/{drafted['id']}/activation"
    refused = await placement.user("ann").post(path, {"from_on": "2026-04-01"}, match=1)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (403, "SYS-011")


@pytest.mark.rule("PLC-010")
async def test_two_matrices_of_a_kind_do_not_begin_on_one_day(placement: RunningService):
    await has_matrix(placement, from_on="2026-04-01")
    drafted = (await placement.user("ann").post("/authority_matrices", {"kind": "premium", "rows": SEED_ROWS})).json()
    path = f"/authority_matrices/{drafted['id']}/activation"
    refused = await placement.user("bob").post(path, {"from_on": "2026-04-01"}, match=1)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:baoqiao:problem:matrix-date-taken")


@pytest.mark.rule("PLC-014")
async def test_foreign_amounts_count_at_the_days_recorded_rate(placement: RunningService):
    await has_matrix(placement)
    dollars = Money(amount_minor=700_000, currency="USD")
    with pytest.raises(RateMissing):
        await tier_for("premium", PROPERTY, dollars, placement.host.system_work())
    rate = {"currency": "USD", "on": "2026-03-02", "rate": "7.1429", "source": "中国外汇交易中心中间价"}
    assert (await placement.user("fin").post("/exchange_rates", rate)).status_code == 201
    assert (await placement.user("fin").post("/exchange_rates", rate)).status_code == 409
    assert await tier_for("premium", PROPERTY, dollars, placement.host.system_work()) is Tier.GENERAL_MANAGER
    placement.clock.move(days=11)
    with pytest.raises(RateMissing):
        await tier_for("premium", PROPERTY, dollars, placement.host.system_work())
    [listed] = (await placement.user("fin").get("/exchange_rates", params={"currency": "USD"})).json()["items"]
    assert listed["rate"] == "7.1429"
