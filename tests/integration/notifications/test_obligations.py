"""The diary, from events alone, on a movable clock."""

from datetime import date
from typing import Any

import pytest

from contracts.clients import MandateActivated, MandateExpiring, ProjectLost
from contracts.identity import UserDisabled
from contracts.placement import (
    InsuranceManualDelivered,
    PolicyDiscrepancyFound,
    PolicyReceived,
    PolicyVoided,
    ProposalAccepted,
    ProposalSent,
    ProposalSuperseded,
    QuestionnaireReturned,
    QuestionnaireSent,
    QuestionnaireWithdrawn,
    RenewalNoticeSent,
)
from contracts.shared import LineFamily
from services.notifications.subjects.store import ClientUnknown
from tests.support.notifications import Notifications, a_debit_note, a_policy, facts_named, last_of
from tests.support.service import HQ


@pytest.fixture
async def office(notifications: Notifications) -> Notifications:
    """Ann, who reports to sue; gus, the general manager; a client."""
    await notifications.has_user("ann", "AE", branch="gd")
    await notifications.has_user("sue", "SUP", branch="gd")
    await notifications.has_user("gus", "GM")
    await notifications.has_employee("sue", branch="gd")
    await notifications.has_employee("ann", "sue", branch="gd")
    await notifications.has_client(team={"broker": "bob", "manager": "ann", "executive": "ed"})
    return notifications


async def by_rule(office: Notifications) -> dict[str, dict[str, Any]]:
    """The obligations about the first policy."""
    return {item["rule"]["id"]: item for item in await office.diary(about_id="pol-1")}


@pytest.mark.rule("NTF-010")
@pytest.mark.rule("NTF-012")
@pytest.mark.rule("NTF-013")
@pytest.mark.rule("NTF-014")
async def test_a_bound_policy_puts_four_things_into_its_owner_s_diary(office: Notifications):
    await office.service.receives(a_policy(), "pol-1", branch="gd")
    found = await by_rule(office)
    assert {rule: item["due_on"] for rule, item in found.items()} == {
        "NTF-010": "2026-03-16",
        "NTF-012": "2026-05-01",
        "NTF-013": "2026-12-31",
        "NTF-014": "2027-01-30",
    }
    assert {item["owner_id"] for item in found.values()} == {"ann"}
    assert {rule: item["clock"]["unit"] for rule, item in found.items()} == {
        "NTF-010": "working_days",
        "NTF-012": "months",
        "NTF-013": "months",
        "NTF-014": "natural_days",
    }
    assert found["NTF-012"]["rule"]["source"] == "SD-04"
    assert found["NTF-012"]["what"] == {
        "zh": "向客户交付保险手册:华宇精密",
        "en": "Deliver the insurance manual to the client: 华宇精密",
    }


@pytest.mark.rule("NTF-010")
async def test_a_date_or_period_agreed_with_the_insurer_goes_before_the_default(office: Notifications):
    await office.service.receives(a_policy(policy_due_on=date(2026, 3, 20)), "pol-1")
    await office.service.receives(a_policy("pol-2", issue_days=3), "pol-2")
    chases = {item["about_id"]: item["due_on"] for item in await office.diary(rule_id="NTF-010")}
    assert chases == {"pol-1": "2026-03-20", "pol-2": "2026-03-05"}


async def test_an_event_delivered_twice_makes_each_obligation_once(office: Notifications):
    event_id = await office.service.receives(a_policy(), "pol-1")
    await office.service.receives(a_policy(), "pol-1", event_id=event_id)
    await office.service.receives(a_policy(), "pol-1", event_id="replayed under another id")
    assert len(await office.diary()) == 4
    assert facts_named(await office.service.events("obligations")) == ["ObligationTriggered"] * 4


@pytest.mark.rule("NTF-007")
async def test_what_is_done_elsewhere_meets_its_obligation_and_nothing_else(office: Notifications):
    receives = office.service.receives
    await receives(a_policy(), "pol-1")
    await receives(a_policy("pol-2"), "pol-2")
    await receives(PolicyReceived(policy_id="pol-1", client_id="cli-1", number="PZAA2026"), "pol-1", 2, actor="ann")
    on = date(2026, 3, 2)
    await receives(InsuranceManualDelivered(policy_id="pol-1", client_id="cli-1", delivered_on=on), "pol-1", 3)
    await receives(RenewalNoticeSent(policy_id="pol-1", client_id="cli-1", sent_on=on), "pol-1", 4)
    found = await by_rule(office)
    assert {rule: item["status"] for rule, item in found.items()} == {
        "NTF-010": "met",
        "NTF-012": "met",
        "NTF-013": "met",
        "NTF-014": "triggered",
    }
    assert found["NTF-010"]["met_by"] == "ann"
    assert found["NTF-014"]["what"]["zh"].endswith("华宇精密 PZAA2026")
    assert {item["status"] for item in await office.diary(about_id="pol-2")} == {"triggered"}


async def test_a_policy_that_is_void_takes_its_open_obligations_with_it(office: Notifications):
    await office.service.receives(a_policy(), "pol-1")
    await office.service.receives(PolicyReceived(policy_id="pol-1", client_id="cli-1", number="P"), "pol-1", 2)
    await office.service.receives(
        PolicyVoided(policy_id="pol-1", client_id="cli-1", reason="never on risk"), "pol-1", 3
    )
    found = await by_rule(office)
    assert {rule: item["status"] for rule, item in found.items()} == {
        "NTF-010": "met",
        "NTF-012": "cancelled",
        "NTF-013": "cancelled",
        "NTF-014": "cancelled",
    }
    assert await office.diary(about_id="pol-1", open=True) == []


@pytest.mark.rule("NTF-011")
async def test_each_policy_that_was_sent_back_is_chased_anew(office: Notifications):
    receives = office.service.receives
    await receives(a_policy(), "pol-1")
    for version in (2, 4):
        await receives(PolicyReceived(policy_id="pol-1", client_id="cli-1", number="P"), "pol-1", version)
        wrong = PolicyDiscrepancyFound(policy_id="pol-1", client_id="cli-1", items=["premium"])
        await receives(wrong, "pol-1", version + 1)
    await receives(PolicyReceived(policy_id="pol-1", client_id="cli-1", number="P"), "pol-1", 4, event_id="replayed")
    chases = await office.diary(rule_id="NTF-011")
    assert sorted(item["status"] for item in chases) == ["met", "triggered"]
    assert {item["owner_id"] for item in chases} == {"ann"}


@pytest.mark.rule("NTF-023")
async def test_a_short_policy_fires_at_once_and_is_late_by_nature(office: Notifications):
    await office.service.receives(a_policy(starts_on=date(2026, 3, 10), ends_on=date(2026, 4, 9)), "pol-1", branch="gd")
    found = await by_rule(office)
    assert {rule: item["late_by_nature"] for rule, item in found.items()} == {
        "NTF-010": False,
        "NTF-012": False,
        "NTF-013": True,
        "NTF-014": True,
    }
    assert found["NTF-013"]["due_on"] == "2026-03-02"
    await office.move_to("2026-03-02 09:01")
    subjects = [message["subject"] for message in await office.inbox("ann")]
    assert "请立即办理:向客户递交续保通知:华宇精密" in subjects
    assert len(subjects) == 2


@pytest.mark.rule("NTF-008")
async def test_an_overdue_policy_goes_to_the_supervisor_and_then_to_the_general_manager(office: Notifications):
    await office.service.receives(a_policy(), "pol-1", branch="gd")
    await office.move_to("2026-03-13 07:00")
    [reminder] = await office.inbox("ann")
    assert reminder["subject"] == "待办提醒:催保险公司出具保单:华宇精密"
    assert "请于 2026年3月16日 23:59 前办理" in reminder["text"]
    assert "NTF-010" in reminder["text"]
    assert "SD-20; G-08" in reminder["text"]

    await office.move_to("2026-03-16 23:59:59.999")
    assert (await by_rule(office))["NTF-010"]["status"] == "reminded"
    assert await office.inbox("sue") == []

    await office.move_to("2026-03-17 00:00")
    [told] = await office.inbox("sue")
    assert told["subject"] == "逾期升级:催保险公司出具保单:华宇精密"
    assert "ann先生 负责的事项" in told["text"]
    assert (await office.inbox("ann"))[0]["subject"].startswith("已逾期")
    assert await office.inbox("gus") == []

    await office.move_to("2026-03-19 23:59")
    assert await office.inbox("gus") == []
    await office.move_to("2026-03-20 00:00")
    assert len(await office.inbox("gus")) == 1
    chase = (await by_rule(office))["NTF-010"]
    assert [(step["level"], step["to_user_id"]) for step in chase["escalations"]] == [(1, "sue"), (2, "gus")]
    assert chase["overdue"]

    await office.move_to("2026-04-20 10:00")
    assert len(await office.inbox("gus")) == 1
    await office.service.receives(PolicyReceived(policy_id="pol-1", client_id="cli-1", number="P"), "pol-1", 2)
    assert (await by_rule(office))["NTF-010"]["status"] == "met"


@pytest.mark.rule("NTF-008")
async def test_without_a_named_superior_a_supervisor_or_head_of_a_branch_above_hears_of_it(
    notifications: Notifications,
):
    await notifications.has_user("ann", "AE", branch="gd")
    await notifications.has_user("sue", "SUP", branch="gd")
    await notifications.has_user("ben", "BM")
    await notifications.service.receives(UserDisabled(user_id="sue"), "sue", 2)
    await notifications.service.receives(a_policy(), "pol-1", branch="gd")
    await notifications.move_to("2026-03-17 00:00")
    assert len(await notifications.inbox("ben")) == 1
    await notifications.move_to("2026-03-20 00:00")
    [chase] = await notifications.diary(rule_id="NTF-010")
    assert [step["to_user_id"] for step in chase["escalations"]] == ["ben", ""]


@pytest.mark.rule("NTF-015")
async def test_a_questionnaire_is_followed_up_by_who_sent_it(office: Notifications):
    def sent(questionnaire_id: str) -> QuestionnaireSent:
        return QuestionnaireSent(
            questionnaire_id=questionnaire_id,
            client_id="cli-1",
            project_id="prj-1",
            line="property",
            question_set_id="set-1",
            edition=1,
        )

    for questionnaire_id in ("q-1", "q-2", "q-3"):
        await office.service.receives(sent(questionnaire_id), questionnaire_id, actor="ann")
    withdrawn = QuestionnaireWithdrawn(questionnaire_id="q-3", client_id="cli-1", reason="asked by telephone")
    await office.service.receives(withdrawn, "q-3", 2)
    [given_up] = [item for item in await office.diary() if item["about_id"] == "q-3"]
    assert given_up["status"] == "cancelled"
    returned = QuestionnaireReturned(
        questionnaire_id="q-1",
        client_id="cli-1",
        project_id="prj-1",
        line="property",
        disclosed_at=last_of("2026-03-03"),
    )
    await office.service.receives(returned, "q-1", 2)
    lost = ProjectLost(project_id="prj-1", client_id="cli-1", reason="price")
    await office.service.receives(lost, "prj-1", 5)
    found = {item["about_id"]: (item["owner_id"], item["due_on"], item["status"]) for item in await office.diary()}
    assert found["q-1"] == ("ann", "2026-03-09", "met")
    assert found["q-2"] == ("ann", "2026-03-09", "cancelled")


@pytest.mark.rule("NTF-016")
async def test_an_accepted_proposal_is_met_and_a_superseded_one_is_cancelled(office: Notifications):
    for number in (1, 2):
        fact = ProposalSent(
            proposal_id=f"pro-{number}",
            client_id="cli-1",
            edition=number,
            answer_until_on=date(2026, 3, 20),
            document_id="doc-1",
        )
        await office.service.receives(fact, fact.proposal_id, actor="system:placement")
    await office.service.receives(ProposalSuperseded(proposal_id="pro-1", by_id="pro-2"), "pro-1", 2)
    accepted = ProposalAccepted(
        proposal_id="pro-2", client_id="cli-1", edition=2, quote_ids=["q"], accepted_at=last_of("2026-03-02")
    )
    await office.service.receives(accepted, "pro-2", 2)
    found = {item["about_id"]: (item["owner_id"], item["due_on"], item["status"]) for item in await office.diary()}
    assert found == {"pro-1": ("ann", "2026-03-20", "cancelled"), "pro-2": ("ann", "2026-03-20", "met")}


def activated(mandate_id: str, client_id: str, kind: str = "contract", *families: LineFamily) -> MandateActivated:
    return MandateActivated(
        mandate_id=mandate_id,
        client_id=client_id,
        kind=kind,
        line_families=list(families or [LineFamily.PROPERTY]),
        from_on=date(2026, 4, 1),
        until_on=date(2027, 3, 31),
    )


@pytest.mark.rule("NTF-017")
async def test_a_letter_and_a_mandate_for_other_lines_renew_no_contract(office: Notifications):
    expiring = MandateExpiring(
        mandate_id="man-1",
        client_id="cli-1",
        until_on=date(2026, 3, 31),
        kind="contract",
        line_families=[LineFamily.PROPERTY, LineFamily.LIABILITY],
    )
    await office.service.receives(expiring, "man-1", 5)
    office.service.clock.move(minutes=1)
    both = LineFamily.PROPERTY, LineFamily.LIABILITY
    await office.service.receives(activated("man-2", "cli-1", "letter", *both), "man-2")
    await office.service.receives(activated("man-3", "cli-1", "contract", LineFamily.PROPERTY), "man-3")
    assert [item["status"] for item in await office.diary()] == ["triggered"]
    wider = activated("man-4", "cli-1", "contract", LineFamily.MOTOR, *both)
    await office.service.receives(wider, "man-4")
    assert [item["status"] for item in await office.diary()] == ["met"]


@pytest.mark.rule("NTF-017")
async def test_a_mandate_that_expires_is_met_by_the_next_one_of_the_client(office: Notifications):
    expiring = MandateExpiring(mandate_id="man-1", client_id="cli-1", until_on=date(2026, 3, 31))
    await office.service.receives(activated("man-0", "cli-1"), "man-0")
    office.service.clock.move(minutes=1)
    await office.service.receives(expiring, "man-1", 5)
    office.service.clock.move(minutes=1)
    await office.service.receives(activated("man-9", "cli-2"), "man-9")
    [item] = await office.diary()
    assert (item["owner_id"], item["due_on"], item["status"]) == ("ann", "2026-03-31", "triggered")
    await office.service.receives(activated("man-2", "cli-1"), "man-2")
    [item] = await office.diary()
    assert item["status"] == "met"


@pytest.mark.rule("NTF-018")
async def test_each_instalment_of_a_debit_note_stands_in_the_diary_of_the_policy_s_owner(office: Notifications):
    await office.service.receives(a_policy(), "pol-1")
    await office.service.receives(a_debit_note(), "deb-1", 3)
    found = await office.diary(about_kind="debit_note")
    assert [(item["due_on"], item["owner_id"], item["by_hand"]) for item in found] == [
        ("2026-04-01", "ann", True),
        ("2026-10-01", "ann", True),
    ]
    assert found[0]["what"]["zh"] == "第 1 期保费 CNY 50.00 到期收取:华宇精密"


async def test_the_diary_is_found_by_owner_range_status_and_branch(office: Notifications):
    await office.service.receives(a_policy(), "pol-1", branch="gd")
    await office.service.receives(a_policy("pol-2", owner_id="bob"), "pol-2", branch=HQ)
    early = await office.diary(owner_id="ann", due_from_on="2026-03-16", due_until_on="2026-05-01")
    assert [item["due_on"] for item in early] == ["2026-03-16", "2026-05-01"]
    gd = (await office.service.user("x", "gd").get("/obligations")).json()["items"]
    assert {item["branch"] for item in gd} == {"gd"}
    mine = (await office.service.user("bob", "gd").get("/obligations/mine")).json()["items"]
    assert {item["about_id"] for item in mine} == {"pol-2"}
    other = next(item["id"] for item in mine)
    assert (await office.service.user("x", "gd").get(f"/obligations/{other}")).status_code == 404
    first = (await office.service.user("boss").get("/obligations", params={"limit": 5})).json()
    rest = (await office.service.user("boss").get("/obligations", params={"limit": 5, "cursor": first["next"]})).json()
    assert len({item["id"] for item in first["items"] + rest["items"]}) == 8


@pytest.mark.rule("NTF-024")
async def test_an_obligation_about_an_unknown_client_waits_for_him(notifications: Notifications):
    expiring = MandateExpiring(mandate_id="man-1", client_id="cli-7", until_on=date(2026, 3, 31))
    with pytest.raises(ClientUnknown):
        await notifications.service.receives(expiring, "man-1", 5)
    await notifications.has_client("cli-7", team={"broker": "bob", "executive": "ann"})
    await notifications.service.receives(expiring, "man-1", 5)
    assert [item["owner_id"] for item in await notifications.diary()] == ["ann"]
