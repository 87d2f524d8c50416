"""Messages: in the application, and by e-mail to a real mail server."""

import asyncio
from email.message import EmailMessage

import pytest

from chassis.ids import new_id
from contracts.identity import UserDisabled
from contracts.personal import EmailAddress
from contracts.shared import Recipient
from services.notifications.messages.rules import DocumentChanged
from services.notifications.people.store import UserUnknown
from tests.support.notifications import PDF, Notifications, a_document, a_policy, a_recipient, facts_named, shanghai
from tests.support.numbers import Since
from tests.support.service import HQ


def an_address(name: str = "wang.fang") -> str:
    """An address of its own, for the mail sink is shared."""
    return f"{name}.{new_id()[-12:]}@huayu.example"


def body_of(mail: EmailMessage) -> str:
    part = mail.get_body()
    assert part is not None
    return part.get_content()


@pytest.mark.rule("NTF-031")
async def test_an_issued_document_arrives_in_chinese_with_its_pdf_and_leaves_proof(notifications: Notifications):
    address = an_address()
    await notifications.service.receives(a_document(a_recipient(address)), "doc-1", actor="ann")
    await notifications.send()
    [mail] = notifications.mails_to(address)
    assert mail["Subject"] == "保险建议书 第1版"
    assert mail["X-MailFrom"] == "noreply@baoqiao.example"
    assert "尊敬的王芳:" in body_of(mail)
    [attachment] = mail.iter_attachments()
    assert isinstance(attachment, EmailMessage)
    assert (attachment.get_filename(), attachment.get_content_type()) == ("保险建议书 第1版.pdf", "application/pdf")
    assert attachment.get_content() == PDF
    [traced] = await notifications.traced(about_id="pro-1")
    assert (traced["status"], traced["proof"]) == ("sent", "127.0.0.1: 250 kept")
    assert traced["handed_over_at"] == "2026-03-02T01:00:00Z"
    assert mail["Message-ID"] == f"<{traced['id']}@baoqiao.example>"
    assert traced["to"]["address"].startswith("w***@")
    assert traced["to"]["name"] == "王**"
    assert facts_named(await notifications.service.events("messages")) == ["MessageQueued", "MessageSent"]


async def test_an_english_document_comes_with_an_english_mail(notifications: Notifications):
    address = an_address()
    document = a_document(a_recipient(address, "Jane Doe"), title="Proposal, edition 1", language="en")
    await notifications.service.receives(document, "doc-1")
    await notifications.send()
    [mail] = notifications.mails_to(address)
    assert body_of(mail).startswith("Dear Jane Doe,")


@pytest.mark.rule("NTF-030")
async def test_an_event_that_comes_twice_sends_one_mail_to_each_recipient(notifications: Notifications):
    one, two = an_address("one"), an_address("two")
    document = a_document(a_recipient(one), a_recipient(two, "刘强"), a_recipient(one.upper().lower()))
    event_id = await notifications.service.receives(document, "doc-1")
    await notifications.service.receives(document, "doc-1", event_id=event_id)
    await notifications.send()
    await notifications.service.receives(document, "doc-1", event_id="replayed")
    await notifications.send()
    assert [len(notifications.mails_to(address)) for address in (one, two)] == [1, 1]


@pytest.mark.rule("NTF-030")
async def test_two_senders_at_once_send_one_mail(notifications: Notifications):
    addresses = [an_address(f"r{number}") for number in range(5)]
    await notifications.service.receives(a_document(*(a_recipient(address) for address in addresses)), "doc-1")
    await asyncio.gather(*(notifications.service.run_job("send_due_mails") for _ in range(4)))
    assert [len(notifications.mails_to(address)) for address in addresses] == [1] * 5


@pytest.mark.rule("NTF-030")
async def test_a_mail_that_another_worker_has_in_hand_is_left_to_it_until_its_claim_lapses(
    notifications: Notifications,
):
    address = an_address()
    await notifications.service.receives(a_document(a_recipient(address)), "doc-1")
    messages = notifications.service.host.db["messages"]
    claim = {"$dateAdd": {"startDate": "$$NOW", "unit": "second", "amount": 60}}
    await messages.update_many({}, [{"$set": {"claimed_until": claim}}])
    await notifications.send()
    assert notifications.mails_to(address) == []
    lapsed = {"$dateAdd": {"startDate": "$$NOW", "unit": "second", "amount": -1}}
    await messages.update_many({}, [{"$set": {"claimed_until": lapsed}}])
    await notifications.send()
    assert len(notifications.mails_to(address)) == 1


@pytest.mark.rule("NTF-036")
async def test_a_document_that_is_not_what_its_hash_says_is_not_sent(notifications: Notifications):
    document = a_document(a_recipient(an_address()), sha256="0" * 64)
    with pytest.raises(DocumentChanged):
        await notifications.service.receives(document, "doc-1")
    assert await notifications.traced() == []


@pytest.mark.rule("NTF-031")
async def test_who_issued_a_document_hears_of_a_recipient_without_an_address(notifications: Notifications):
    await notifications.has_user("ann", "AE")
    await notifications.service.receives(a_document(a_recipient(None)), "doc-1", actor="ann")
    [notice] = await notifications.inbox("ann")
    assert notice["subject"] == "没有邮箱地址,文件未发送:保险建议书 第1版"
    assert "王**" in notice["text"]


@pytest.mark.rule("NTF-024")
async def test_a_notice_to_a_user_who_is_unknown_yet_waits_and_the_others_get_their_mail(
    notifications: Notifications,
):
    document = a_document(a_recipient(None), a_recipient(None, "李强"), a_recipient(an_address()))
    with pytest.raises(UserUnknown):
        await notifications.service.receives(document, "doc-1", actor="ann", event_id="e")
    await notifications.has_user("ann", "AE")
    await notifications.service.receives(document, "doc-1", actor="ann", event_id="e")
    shown = [notice["text"] for notice in await notifications.inbox("ann")]
    assert sorted(name for text in shown for name in ("王**", "李**") if name in text) == ["李**", "王**"]
    assert len(await notifications.traced(kind="document")) == 1


async def test_a_user_who_may_not_sign_in_gets_no_mail(notifications: Notifications):
    await notifications.has_user("ann", "AE")
    await notifications.service.receives(UserDisabled(user_id="ann"), "ann", 2)
    await notifications.service.receives(a_policy(), "pol-1")
    await notifications.move_to("2026-03-13 07:00")
    await notifications.move_to("2026-03-17 00:00")
    assert await notifications.traced(channel="email") == []


@pytest.mark.rule("NTF-035")
async def test_a_mail_that_no_server_takes_is_tried_again_and_then_its_owner_is_told(
    notifications: Notifications, monkeypatch: pytest.MonkeyPatch, smtp_port: int
):
    await notifications.has_user("ann", "AE")
    address = an_address()
    await notifications.service.receives(a_document(a_recipient(address)), "doc-1", actor="ann")
    outcomes = ({"outcome": outcome} for outcome in ("retried", "given up", "sent"))
    counted = Since("baoqiao_mails_total", *outcomes, service="notifications")
    monkeypatch.setenv("BAOQIAO_SMTP_PORT", "9")
    await notifications.send()
    [message] = await notifications.traced(kind="document")
    assert (message["status"], message["tries"], message["send_after"]) == ("queued", 1, "2026-03-02T01:01:00Z")
    for _ in range(6):
        notifications.service.clock.move(hours=13)
        await notifications.send()
    [message] = await notifications.traced(kind="document")
    assert (message["status"], message["tries"]) == ("failed", 7)
    assert message["failure"]
    [notice] = await notifications.inbox("ann")
    assert notice["subject"] == "邮件未能送达:保险建议书 第1版"
    assert "NTF-035" in notice["text"]
    assert address not in notice["text"]

    monkeypatch.setenv("BAOQIAO_SMTP_PORT", str(smtp_port))
    again = await notifications.service.user("boss").post(
        f"/messages/{message['id']}/resending", match=message["version"]
    )
    assert (again.status_code, again.json()["status"]) == (200, "queued")
    await notifications.send()
    assert len(notifications.mails_to(address)) == 1
    assert counted.grown() == [6, 1, 1], "what operators watch"


@pytest.mark.rule("NTF-035")
async def test_a_mail_that_cannot_be_written_holds_up_no_other(notifications: Notifications):
    await notifications.has_user("ann", "AE")
    address = an_address()
    mistyped = Recipient(kind="client", party_id="cli-1", name=None, email=EmailAddress("li.ming@huayu..example"))
    await notifications.service.receives(a_document(mistyped, a_recipient(address)), "doc-1", actor="ann")
    await notifications.send()
    assert len(notifications.mails_to(address)) == 1
    states = {message["status"]: message["failure"] for message in await notifications.traced(kind="document")}
    assert states == {"sent": "", "failed": "not an e-mail address"}
    assert [notice["subject"] for notice in await notifications.inbox("ann")] == ["邮件未能送达:保险建议书 第1版"]


async def test_what_was_mailed_is_behind_no_door_of_notifications(notifications: Notifications):
    await notifications.service.receives(a_document(a_recipient(an_address())), "doc-1")
    [mail] = await notifications.traced(kind="document")
    [attachment] = mail["attachments"]
    for path in ("", "/content"):
        answer = await notifications.service.user("boss").get(f"/files/{attachment['file_id']}{path}")
        assert answer.status_code == 404


@pytest.mark.rule("NTF-033")
async def test_reminders_of_a_day_come_in_one_mail_at_half_past_eight(notifications: Notifications):
    address = await notifications.has_user("ann", "AE", address=an_address("ann"))
    await notifications.service.receives(a_policy(), "pol-1")
    await notifications.service.receives(a_policy("pol-2"), "pol-2")
    await notifications.move_to("2026-03-13 07:00")
    assert len(await notifications.inbox("ann")) == 2
    await notifications.send()
    assert notifications.mails_to(address) == []
    notifications.service.clock.at = shanghai("2026-03-13 08:30")
    await notifications.send()
    [mail] = notifications.mails_to(address)
    assert mail["Subject"] == "今日待办提醒(2 项)"
    text = body_of(mail)
    assert text.count("· 催保险公司出具保单") == 2
    assert "依据:NTF-010" in text
    await notifications.move_to("2026-03-15 07:00")
    notifications.service.clock.at = shanghai("2026-03-15 08:30")
    await notifications.send()
    assert len(notifications.mails_to(address)) == 2


@pytest.mark.rule("NTF-033")
async def test_a_reminder_that_is_delivered_twice_stands_in_the_digest_once(notifications: Notifications):
    await notifications.has_user("ann", "AE")
    await notifications.service.receives(a_policy(), "pol-1")
    await notifications.move_to("2026-03-13 07:00")
    notifications._seen.clear()  # pyright: ignore[reportPrivateUsage] - the bus delivers everything again
    await notifications.settle()
    notifications.service.clock.at = shanghai("2026-03-13 09:00")
    notifications._seen.clear()  # pyright: ignore[reportPrivateUsage]
    await notifications.settle()
    [digest] = await notifications.traced(kind="digest")
    assert digest["subject"] == "今日待办提醒(1 项)"
    assert len(await notifications.inbox("ann")) == 1


@pytest.mark.rule("NTF-032")
async def test_an_escalation_at_midnight_waits_for_the_end_of_the_quiet_hours(notifications: Notifications):
    await notifications.has_user("ann", "AE")
    address = await notifications.has_user("sue", "SUP", address=an_address("sue"), language="en")
    await notifications.service.receives(a_policy(), "pol-1")
    await notifications.move_to("2026-03-17 00:00")
    await notifications.send()
    assert notifications.mails_to(address) == []
    notifications.service.clock.at = shanghai("2026-03-17 08:00")
    await notifications.send()
    [mail] = notifications.mails_to(address)
    assert mail["Subject"] == "Escalated, overdue: Chase the insurer for the policy"
    assert "was to see to this by 16 March 2026, 23:59" in body_of(mail)


@pytest.mark.rule("NTF-032")
@pytest.mark.rule("NTF-033")
async def test_a_user_sets_his_own_quiet_hours_and_digest(notifications: Notifications):
    await notifications.has_user("ann", "AE")
    ann = notifications.service.user("ann", HQ, "preferences:write")
    defaults = await ann.get("/preferences/mine")
    assert (defaults.headers["etag"], defaults.json()["digest_at"]) == ('"0"', "08:30")
    assert (await ann.patch("/preferences/mine", {"digest": False})).status_code == 428
    assert (await ann.patch("/preferences/mine", {"digest_at": "25:00"}, match=0)).status_code == 422
    made = await ann.patch("/preferences/mine", {"digest": False}, match=0)
    assert (made.status_code, made.headers["etag"], made.json()["digest"]) == (200, '"1"', False)
    assert (await ann.patch("/preferences/mine", {"digest": True}, match=0)).status_code == 412
    changed = await ann.patch("/preferences/mine", {"quiet_until": "07:30"}, match=1)
    assert (changed.json()["quiet_until"], changed.json()["digest"], changed.json()["version"]) == ("07:30", False, 2)
    await notifications.service.receives(a_policy(), "pol-1")
    await notifications.move_to("2026-03-13 07:00")
    [mail] = await notifications.traced(channel="email")
    assert (mail["kind"], mail["send_after"]) == ("reminder", "2026-03-12T23:30:00Z")


@pytest.mark.rule("NTF-032")
async def test_a_digest_waits_for_the_end_of_the_quiet_hours(notifications: Notifications):
    await notifications.has_user("ann", "AE")
    ann = notifications.service.user("ann", HQ, "preferences:write")
    assert (await ann.patch("/preferences/mine", {"quiet_until": "09:30"}, match=0)).status_code == 200
    await notifications.service.receives(a_policy(), "pol-1")
    await notifications.move_to("2026-03-13 07:00")
    [mail] = await notifications.traced(channel="email")
    assert (mail["kind"], mail["send_after"]) == ("digest", "2026-03-13T01:30:00Z")


@pytest.mark.rule("NTF-034")
async def test_the_list_shows_unread_messages_first_and_only_one_s_own(notifications: Notifications):
    await notifications.has_user("ann", "AE", branch="gd")
    await notifications.has_user("bob", "AE", branch="gd")
    for number in (1, 2, 3):
        await notifications.service.receives(a_policy(f"pol-{number}"), f"pol-{number}", branch="gd")
        notifications.service.clock.move(days=1)
    await notifications.move_to("2026-03-14 07:00")
    await notifications.move_to("2026-03-15 07:00")
    ann = notifications.service.user("ann", HQ, "messages:read")
    first = (await notifications.inbox("ann"))[0]
    read = await ann.post(f"/messages/{first['id']}/reading", match=first["version"])
    assert (read.status_code, read.json()["read_at"]) == (200, "2026-03-14T23:00:00Z")
    listed = await notifications.inbox("ann")
    assert listed[-1]["id"] == first["id"]
    times = [message["created_at"] for message in listed[:-1]]
    assert times == sorted(times, reverse=True)
    unread = (await ann.get("/messages/mine", params={"unread": True})).json()["items"]
    assert len(unread) == len(listed) - 1
    bob = notifications.service.user("bob", HQ, "messages:read")
    for match in (None, 1, 2):
        assert (await bob.post(f"/messages/{unread[0]['id']}/reading", match=match)).status_code == 404
    assert await notifications.inbox("bob") == []
    assert (await ann.get(f"/messages/{first['id']}")).status_code == 403


async def test_the_text_of_a_message_is_sealed_where_it_is_kept(notifications: Notifications):
    await notifications.service.receives(a_document(a_recipient(an_address())), "doc-1")
    raw = notifications.service.host.db.client[notifications.service.host.db.name]["messages"]
    document = str(await raw.find_one({}, {"outbox": 0}))
    assert "王芳" not in document
    assert "huayu.example" not in document
