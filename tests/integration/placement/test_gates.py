"""The gates over copies that events feed."""

from datetime import date

import pytest

from contracts.clients import ClientMerged, MandateEnded
from contracts.hr import EmployeeChanged, PractitionerScopeChanged, PractitionerSuspended
from contracts.identity import Assignment, UserAssigned, UserDisabled
from contracts.shared import KindOfWork, LineFamily
from services.placement.authority import actions as authority
from services.placement.authority.model import Tier
from services.placement.authority.rules import DelegateBelowRequester, OwnWork, TierTooLow
from services.placement.gates.actions import (
    check_client_ready,
    check_practitioner,
    client_recipients,
    known_ids,
    the_client,
    the_project,
)
from services.placement.gates.rules import LetterOnly, MandateMissing, NoticeMissing, PractitionerOutOfScope
from services.placement.gates.rules import PractitionerUnregistered as Unregistered
from services.placement.gates.store import ClientUnknown, ProjectUnknown
from tests.support.placement import (
    knows_client,
    knows_mandate,
    knows_notice,
    knows_practitioner,
    knows_project,
    knows_ready_client,
    knows_user,
)
from tests.support.service import RunningService

PROPERTY = LineFamily.PROPERTY


@pytest.mark.rule("PLC-001")
@pytest.mark.rule("PLC-002")
async def test_a_client_becomes_ready_step_by_step(placement: RunningService):
    work = placement.host.system_work()
    await knows_client(placement)
    with pytest.raises(NoticeMissing):
        await check_client_ready("cli-1", PROPERTY, work)
    await knows_notice(placement)
    with pytest.raises(MandateMissing):
        await check_client_ready("cli-1", PROPERTY, work)
    await knows_mandate(placement, kind="letter")
    with pytest.raises(LetterOnly):
        await check_client_ready("cli-1", PROPERTY, work)
    await check_client_ready("cli-1", PROPERTY, work, fact_finding=True)
    mandate_id = await knows_mandate(placement)
    assert (await check_client_ready("cli-1", PROPERTY, work)).code == "C-cli-1"
    ended = MandateEnded(mandate_id=mandate_id, client_id="cli-1", ended_on=date(2026, 3, 1), reason="到期")
    await placement.receives(ended, mandate_id, 3)
    with pytest.raises(LetterOnly):
        await check_client_ready("cli-1", PROPERTY, work)


@pytest.mark.rule("PLC-006")
async def test_a_merged_client_is_found_under_its_old_id_with_its_old_mandate(placement: RunningService):
    work = placement.host.system_work()
    await knows_ready_client(placement, "old")
    await knows_client(placement, "stays")
    await placement.receives(ClientMerged(client_id="old", into_id="stays"), "old", 2)
    assert (await the_client("old", work)).id == "stays"
    assert (await check_client_ready("stays", PROPERTY, work)).id == "stays"
    assert await known_ids(await the_client("stays", work), work) == {"old", "stays"}


@pytest.mark.rule("PLC-006")
async def test_another_branchs_client_is_not_found(placement: RunningService):
    await placement.knows_branch("gd")
    await placement.knows_branch("zj")
    await knows_client(placement, branch="gd")
    with pytest.raises(ClientUnknown):
        await the_client("cli-1", placement.host.system_work(reach=frozenset({"zj"})))


@pytest.mark.rule("PLC-034")
async def test_a_project_is_taken_only_for_its_own_client(placement: RunningService):
    work = placement.host.system_work()
    await knows_client(placement, "cli-1")
    await knows_client(placement, "cli-2")
    await knows_project(placement, "prj-1", "cli-1")
    assert (await the_project("prj-1", await the_client("cli-1", work), work)).client_id == "cli-1"
    with pytest.raises(ProjectUnknown):
        await the_project("prj-1", await the_client("cli-2", work), work)


@pytest.mark.rule("PLC-004")
@pytest.mark.rule("PLC-005")
async def test_a_practitioner_is_known_by_the_sign_in_of_the_employee(placement: RunningService):
    work = placement.host.system_work()
    await knows_user(placement, "ann", "AB")
    with pytest.raises(Unregistered):
        await check_practitioner("ann", KindOfWork.SCHEME, PROPERTY, work)
    await knows_practitioner(placement, "ann")
    assert (await check_practitioner("ann", KindOfWork.SCHEME, PROPERTY, work)).id == "ann"
    narrowed = PractitionerScopeChanged(
        registration_id="reg-ann",
        employee_id="emp-ann",
        user_id=None,
        kinds_of_work=[KindOfWork.CLAIMS],
        line_families=[PROPERTY],
    )
    await placement.receives(narrowed, "reg-ann", 2)
    with pytest.raises(PractitionerOutOfScope):
        await check_practitioner("ann", KindOfWork.SCHEME, PROPERTY, work)
    suspended = PractitionerSuspended(registration_id="reg-ann", employee_id="emp-ann", reason="培训未完成")
    await placement.receives(suspended, "reg-ann", 3)
    with pytest.raises(Unregistered):
        await check_practitioner("ann", KindOfWork.CLAIMS, PROPERTY, work)


async def test_an_employee_who_gives_up_his_sign_in_is_no_practitioner_under_it(placement: RunningService):
    work = placement.host.system_work()
    await knows_user(placement, "ann", "AB")
    await knows_practitioner(placement, "ann")
    moved = EmployeeChanged(employee_id="emp-ann", name="安", user_id="anna", supervisor_id=None, position="经纪人")
    await placement.receives(moved, "emp-ann", 2)
    with pytest.raises(Unregistered):
        await check_practitioner("ann", KindOfWork.SCHEME, PROPERTY, work)


@pytest.mark.rule("PLC-012")
async def test_a_tier_counts_in_its_branch_and_below_it_only(placement: RunningService):
    await placement.knows_branch("gd")
    await placement.knows_branch("sz", parent="gd")
    await placement.knows_branch("zj")
    work = placement.host.system_work()
    await knows_user(placement, "head", "BM", branch="gd")
    await authority.check_may_decide("head", "sz", Tier.BRANCH_HEAD, work)
    await authority.check_may_decide("head", "gd", Tier.STAFF, work)
    for branch, tier in (("zj", Tier.STAFF), ("hq", Tier.STAFF), ("sz", Tier.GENERAL_MANAGER)):
        with pytest.raises(TierTooLow):
            await authority.check_may_decide("head", branch, tier, work)


@pytest.mark.rule("PLC-012")
async def test_only_roles_of_today_count_and_none_of_a_disabled_user(placement: RunningService):
    work = placement.host.system_work()
    await knows_user(placement, "sue", "SUP", until_on=date(2026, 3, 1))
    with pytest.raises(TierTooLow):
        await authority.check_may_decide("sue", "hq", Tier.STAFF, work)
    again = [Assignment(branch_id="hq", roles=["SUP"], from_on=date(2026, 3, 2), until_on=date(2026, 3, 2))]
    await placement.receives(UserAssigned(user_id="sue", assignments=again), "sue", 2)
    await authority.check_may_decide("sue", "hq", Tier.SUPERVISOR, work)
    await placement.receives(UserDisabled(user_id="sue"), "sue", 3)
    with pytest.raises(TierTooLow):
        await authority.check_may_decide("sue", "hq", Tier.STAFF, work)


@pytest.mark.rule("SYS-011")
async def test_nobody_decides_on_his_own_request(placement: RunningService):
    await knows_user(placement, "gm", "GM")
    with pytest.raises(OwnWork):
        await authority.check_may_decide("gm", "hq", Tier.STAFF, placement.host.system_work(), requesters=["gm"])


@pytest.mark.rule("PLC-015")
async def test_lent_authority_serves_for_its_days_and_never_below_the_requester(placement: RunningService):
    for user_id, role in (("head", "BM"), ("sue", "SUP"), ("ann", "AB"), ("zoe", "AB")):
        await knows_user(placement, user_id, role)
    await knows_practitioner(placement, "sue")
    await knows_practitioner(placement, "ann", reports_to="sue")
    await knows_practitioner(placement, "zoe", reports_to="ann")
    lend = {"taker_id": "zoe", "branch": "hq", "from_on": "2026-03-02", "until_on": "2026-03-06", "reason": "出差"}
    lent = (await placement.user("head").post("/delegations", lend)).json()
    work = placement.host.system_work()
    await authority.check_may_decide("zoe", "hq", Tier.BRANCH_HEAD, work, requesters=["bob"])
    with pytest.raises(TierTooLow):
        await authority.check_may_decide("zoe", "hq", Tier.GENERAL_MANAGER, work)
    with pytest.raises(DelegateBelowRequester):
        await authority.check_may_decide("zoe", "hq", Tier.BRANCH_HEAD, work, requesters=["sue"])
    refused = await placement.user("sue").post(f"/delegations/{lent['id']}/end", match=1)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (403, "PLC-015")
    assert (await placement.user("head").post(f"/delegations/{lent['id']}/end", match=1)).status_code == 200
    with pytest.raises(TierTooLow):
        await authority.check_may_decide("zoe", "hq", Tier.BRANCH_HEAD, work)
    [listed] = (await placement.user("sue").get("/delegations", params={"taker_id": "zoe"})).json()["items"]
    assert listed["ended_on"] == "2026-03-02"


@pytest.mark.rule("PLC-015")
async def test_a_delegation_that_makes_no_sense_is_refused_with_all_faults(placement: RunningService):
    await knows_user(placement, "head", "BM")
    lend = {"taker_id": "head", "branch": "hq", "from_on": "2026-03-01", "until_on": "2026-02-01", "reason": "x"}
    answer = await placement.user("head").post("/delegations", lend)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/taker_id", "/from_on", "/until_on"}


async def test_letters_go_to_the_contacts_with_the_role_or_to_all_who_can_be_written_to(placement: RunningService):
    await knows_client(placement)
    client = await the_client("cli-1", placement.host.system_work())
    assert len(client_recipients(client, "insurance")) == 2
    assert len(client_recipients(client, "claims")) == 2
