"""What needs days to pass, shown by moving the clock. The tests share one stack and its clock, which never goes back:
they stand in the order of their days."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest

from deploy.local.company import Company
from deploy.local.demo import advice, client, cover, market, risk
from deploy.local.demo.story import Story
from tests.journeys.telling import CoverInThreeWeeks, ShortMandate, a_story, come, diary, telling
from tests.support.servers import Addresses
from tests.support.stack import MailBox, Stack

TO_THE_QUOTES = (
    client.take_on_client,
    client.register_project,
    risk.ask_client,
    market.enquire,
    market.quotes_come_in,
)
PLACED_ON = date(2026, 9, 16)
"""A Wednesday. The Sunday after it is worked, to make up for Friday 25 September, which is off (中秋节)."""
BEGINS_ON = date(2026, 9, 30)
ENDS_ON = date(2027, 9, 29)
DAY = timedelta(days=1)


async def tell(story: Story, *chapters: Callable[[Any], Awaitable[None]]) -> None:
    """Tell these chapters."""
    for chapter in chapters:
        await chapter(story)


async def refresh(story: Story, name: str, path: str) -> Any:
    """A thing of the story as it is now."""
    return await (await story.who("ae.gd")).get(f"{path}/{story.made[name]['id']}")


@pytest.mark.usefixtures("company")
async def test_what_counts_is_when_the_client_decided_not_when_it_is_recorded(stack: Stack, mail: MailBox):
    story = a_story(stack, mail)
    await tell(story, *TO_THE_QUOTES)
    broker, executive = await story.who("ab.gd"), await story.who("ae.gd")
    quote_id = story.made["quotes"][0]
    quote = await broker.get(f"/placement/quotes/{quote_id}")
    last_day = date.fromisoformat(quote["terms"]["valid_until_on"])
    proposal = await broker.post("/placement/proposals", {"enquiry_id": story.made["enquiry"]["id"]})
    path = f"/placement/proposals/{proposal['id']}"
    wanted = [{"quote_id": quote_id, "share_bp": 10_000, "lead": True}]
    proposal = await broker.patch(path, advice.ADVICE | {"recommendation": wanted}, match=proposal)
    proposal = await broker.post(f"{path}/submission", match=proposal)
    proposal = await (await story.who("gm.hq")).post(f"{path}/approval", match=proposal)
    late = {"answer_until_on": (last_day + DAY).isoformat()}
    refused = await executive.refused(409, "POST", f"{path}/sending", late, match=proposal)
    assert refused["rule"]["id"] == "PLC-066"  # nobody is asked for longer than the quotes are valid
    proposal = await executive.post(f"{path}/sending", {"answer_until_on": last_day.isoformat()}, match=proposal)

    come(stack, last_day, 23, 59)
    in_time = story.at()
    come(stack, last_day + DAY, 0, 1)
    too_late = story.at()
    come(stack, last_day + 2 * DAY)
    for job in ("expire_quotes", "expire_proposals"):
        await stack.run_job("placement", job)
    proposal = await executive.get(path)
    assert proposal["status"] == "expired"
    assert (await broker.get(f"/placement/quotes/{quote_id}"))["status"] == "expired"
    word = {
        "edition": proposal["edition"],
        "quote_ids": [quote_id],
        "contact_id": story.made["signer"],
        "decided_at": too_late,
        "disclosure_statement": "我司已完全了解并严格、全面履行了保险的告知义务",
        "exclusions_explained": True,
        "evidence_id": await story.evidence(executive, "placement", "保险建议书客户确认函"),
    }
    refused = await executive.refused(409, "POST", f"{path}/acceptance", word, match=proposal)
    assert refused["rule"]["id"] == "PLC-068"
    accepted = await executive.post(f"{path}/acceptance", word | {"decided_at": in_time}, match=proposal)
    assert accepted["status"] == "accepted"

    async def selected() -> bool:
        return (await broker.get(f"/placement/quotes/{quote_id}"))["status"] == "selected"

    assert await story.until(selected)


@pytest.fixture(scope="module")
async def bound(stack: Stack, company: Company, addresses: Addresses) -> Story:
    """A policy bound on the Wednesday, its cover to begin two weeks later, its document still to come."""
    story = telling(CoverInThreeWeeks, stack, MailBox(addresses.mail_dir))
    come(stack, PLACED_ON - 7 * DAY)
    await tell(story, *TO_THE_QUOTES, advice.advise, cover.place)
    return story


async def test_an_overdue_policy_goes_to_the_supervisor_and_then_to_the_general_manager(
    bound: Story, stack: Stack, mail: MailBox
):
    chase = await diary(bound, bound.made["policy_id"], "NTF-010")
    assert chase["due_on"] == "2026-09-22"  # five working days: the Sunday is one, the Saturday is not
    executive = await bound.who("ae.gd")
    subject = f"逾期升级:{chase['what']['zh']}"

    async def told(login: str) -> bool:
        await stack.run_job("notifications", "send_due_mails")
        found = [one for one in mail.about(f"{login}@mudu.example") if str(one["subject"]) == subject]
        return [str(one["to"]).count(login) for one in found] == [1]

    async def passed_on_to() -> list[str]:
        await stack.run_job("notifications", "advance_obligations")
        entry = await executive.get(f"/notifications/obligations/{chase['id']}")
        return [step["to_user_id"] for step in entry["escalations"]]

    supervisor, general_manager = (await bound.who("sup.gd")).id, (await bound.who("gm.hq")).id
    come(stack, date(2026, 9, 22), 23, 59)
    assert await passed_on_to() == []
    come(stack, date(2026, 9, 23))
    assert await passed_on_to() == [supervisor]
    assert await bound.until(lambda: told("sup.gd"))
    come(stack, date(2026, 9, 28), 23, 59)  # the third working day after it was due, for Friday is off
    assert await passed_on_to() == [supervisor]
    come(stack, date(2026, 9, 29))
    assert await passed_on_to() == [supervisor, general_manager]
    assert await bound.until(lambda: told("gm.hq"))


@pytest.fixture(scope="module")
async def verified(bound: Story, stack: Stack) -> Story:
    """The policy has come and agrees with what was accepted; its cover has not begun."""
    if stack.clock.at.date() < BEGINS_ON - 2 * DAY:
        come(stack, BEGINS_ON - 2 * DAY)
    await cover.check_policy(bound)
    assert bound.made["policy"]["status"] == "verified"
    return bound


async def test_a_verified_policy_comes_into_force_on_its_first_day_once(verified: Story, stack: Stack):
    policy = await refresh(verified, "policy", "/placement/policies")
    come(stack, BEGINS_ON - DAY, 23, 59)
    await stack.run_job("placement", "begin_policies")
    assert await refresh(verified, "policy", "/placement/policies") == policy
    come(stack, BEGINS_ON, 0, 1)
    for _ in range(2):
        await stack.run_job("placement", "begin_policies")
    begun = await refresh(verified, "policy", "/placement/policies")
    assert (begun["status"], begun["version"]) == ("in_force", policy["version"] + 1)
    assert await events(stack, policy["id"], "policy_in_force") == 1


async def events(stack: Stack, policy_id: str, fact: str) -> int:
    """How many events of this kind placement has told about the policy, sent or about to be."""
    db, kind = stack.hosts["placement"].db, f"baoqiao.placement.policies.{fact}.v1"
    document = await db["policies"].find_one({"_id": policy_id}, {"outbox": 1})
    assert document is not None
    pending = {event["id"] for event in document.get("outbox", ()) if event["type"] == kind}
    sent = db["event_log"].find({"key": policy_id, "headers": ["ce_type", kind]})
    return len(pending | {entry["_id"] async for entry in sent})


@pytest.mark.usefixtures("company")
async def test_a_mandate_is_told_to_end_and_placement_stops_on_the_day_after(stack: Stack, mail: MailBox):
    story = telling(ShortMandate, stack, mail)
    if stack.clock.at.date() < BEGINS_ON + DAY:
        come(stack, BEGINS_ON + DAY)
    last_day, executive = story.today + 45 * DAY, await story.who("ae.gd")
    await tell(story, client.take_on_client, client.register_project)
    client_id = story.made["client"]["id"]
    [mandate] = (await executive.get("/clients/mandates", client_id=client_id))["items"]
    assert mandate["terms"]["until_on"] == last_day.isoformat()

    async def asked_to_renew() -> Any:
        told = {"client_id": client_id, "rule_id": "NTF-017"}
        return (await executive.get("/notifications/obligations", **told))["items"]

    come(stack, last_day - 31 * DAY)
    await stack.run_job("clients", "end_mandates")
    assert (await executive.get(f"/clients/mandates/{mandate['id']}"))["warned_on"] is None
    come(stack, last_day - 30 * DAY)
    await stack.run_job("clients", "end_mandates")
    [entry] = await story.until(asked_to_renew)
    assert entry["due_on"] == last_day.isoformat()

    come(stack, last_day, 23, 59)
    await stack.run_job("clients", "end_mandates")
    asked = {"client_id": client_id, "question_set_id": story.made["question_set"]["id"]}
    await executive.post("/placement/questionnaires", asked)
    come(stack, last_day + DAY, 0, 1)  # before any job ran
    refused = await executive.refused(409, "POST", "/placement/questionnaires", asked)
    assert refused["rule"]["id"] == "PLC-002"
    await stack.run_job("clients", "end_mandates")
    assert (await executive.get(f"/clients/mandates/{mandate['id']}"))["status"] == "expired"

    protected = date.fromisoformat(story.made["project"]["protected_until_on"])
    come(stack, protected, 23, 59)
    await stack.run_job("clients", "lapse_projects")
    assert (await refresh(story, "project", "/clients/projects"))["status"] == "active"
    come(stack, protected + DAY, 0, 1)
    await stack.run_job("clients", "lapse_projects")
    assert (await refresh(story, "project", "/clients/projects"))["status"] == "lapsed"


async def test_renewal_notice_and_year_report_are_asked_for_at_their_dates(verified: Story, stack: Stack):
    policy_id, executive = verified.made["policy_id"], await verified.who("ae.gd")
    notice = await diary(verified, policy_id, "NTF-013")
    report = await diary(verified, policy_id, "NTF-014")
    assert (notice["due_on"], report["due_on"]) == ("2027-06-29", "2027-07-31")  # 3 months and 60 days before it ends

    async def status(entry: dict[str, Any]) -> str:
        await stack.run_job("notifications", "advance_obligations")
        return (await executive.get(f"/notifications/obligations/{entry['id']}"))["status"]

    come(stack, date(2027, 5, 30), 6, 59)
    assert await status(notice) == "triggered"
    come(stack, date(2027, 5, 30), 7)  # 30 days before it is due
    assert (await status(notice), await status(report)) == ("reminded", "triggered")
    given = {"on": verified.on(0), "evidence_id": await verified.evidence(executive, "placement", "续保通知签收回执")}
    path = f"/placement/policies/{policy_id}"
    await executive.post(f"{path}/renewal_notice", given, match=await executive.get(path))

    async def met() -> bool:
        return await status(notice) == "met"

    assert await verified.until(met)
    come(stack, date(2027, 8, 1))  # nobody wrote the report
    assert await status(report) == "escalated"
    overdue = await executive.get(f"/notifications/obligations/{report['id']}")
    assert overdue["gap"]["year"] == 2027  # when the general manager hears of it waits for that year's calendar


async def test_a_policy_expires_after_its_last_day_once(verified: Story, stack: Stack):
    if stack.clock.at.date() < BEGINS_ON:
        come(stack, BEGINS_ON)
    await stack.run_job("placement", "begin_policies")
    come(stack, ENDS_ON, 23, 59)
    await stack.run_job("placement", "expire_policies")
    policy = await refresh(verified, "policy", "/placement/policies")
    assert (policy["status"], policy["on_risk"]) == ("in_force", True)
    come(stack, ENDS_ON + DAY, 0, 1)
    for _ in range(2):
        await stack.run_job("placement", "expire_policies")
    expired = await refresh(verified, "policy", "/placement/policies")
    assert (expired["status"], expired["version"], expired["on_risk"]) == ("expired", policy["version"] + 1, False)
    assert await events(stack, policy["id"], "policy_expired") == 1
