"""Messages: their life, their texts, and how they look as e-mail."""

from datetime import timedelta
from email import message_from_bytes, policy
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.moves import IllegalMove, move
from contracts.notifications import MessageDeferred
from contracts.personal import EmailAddress, PersonName
from services.notifications.messages import rules
from services.notifications.messages.mail import MailSettings, NotDelivered, built, without_addresses
from services.notifications.messages.model import MOVES, Addressee, Channel, Kind, MessageText, Status
from services.notifications.messages.texts import ADDRESSEE, LANGUAGES, templates, when, written
from services.notifications.preferences.model import Preferences
from services.notifications.wording import filled, names_in, one_line
from tests.support.notifications import MONDAY, PDF, a_message, shanghai

SETTINGS = MailSettings(mail_from="noreply@baoqiao.example")
PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60)
TOP = ["auto-submitted", "date", "from", "message-id", "mime-version", "subject", "to"]
CONTENT = ["content-language", "content-transfer-encoding", "content-type"]
ALLOWED = {
    (Status.QUEUED, Status.QUEUED),
    (Status.QUEUED, Status.SENT),
    (Status.QUEUED, Status.FAILED),
    (Status.SENT, Status.READ),
    (Status.FAILED, Status.QUEUED),
}


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)))
def test_only_the_tabled_moves_are_made(before: Status, after: Status):
    message = a_message(status=before)
    if (before, after) in ALLOWED:
        assert move(message, MOVES, after).status == after
    else:
        with pytest.raises(IllegalMove):
            move(message, MOVES, after)


@pytest.mark.rule("NTF-031")
def test_what_was_handed_over_carries_the_server_s_answer():
    sent, told = rules.hand_over(a_message(), "mail: 250 kept", MONDAY)
    assert (sent.status, sent.proof, sent.handed_over_at) == (Status.SENT, "mail: 250 kept", MONDAY)
    assert told.proof == "mail: 250 kept"


@pytest.mark.rule("NTF-035")
def test_each_failed_try_waits_longer_and_the_seventh_is_the_last():
    message, pauses = a_message(), []
    while message.status == Status.QUEUED:
        message, _ = rules.fail(message, "451 later", MONDAY, for_good=False)
        pauses.append(message.send_after - MONDAY)
    assert message.tries == 7
    assert pauses[:6] == [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720)]


@pytest.mark.rule("NTF-032")
def test_a_try_that_would_fall_into_the_quiet_hours_waits_for_their_end():
    late = a_message(tries=4)
    preferences = Preferences(id="ann", branch="")
    deferred, told = rules.fail(late, "451 later", shanghai("2026-03-02 19:21"), preferences, for_good=False)
    assert deferred.send_after == shanghai("2026-03-03 08:00")
    assert isinstance(told, MessageDeferred)
    assert told.again_at == deferred.send_after


@pytest.mark.rule("NTF-035")
def test_what_is_refused_for_good_is_given_up_at_once_and_may_be_sent_again():
    failed, _ = rules.fail(a_message(), "550 no such user", MONDAY, for_good=True)
    assert (failed.status, failed.failure) == (Status.FAILED, "550 no such user")
    again, _ = rules.resend(failed, MONDAY)
    assert (again.status, again.tries) == (Status.QUEUED, 0)
    with pytest.raises(rules.NotFailed):
        rules.resend(a_message(), MONDAY)


@pytest.mark.rule("NTF-034")
def test_only_the_addressee_reads_a_message_and_once_is_enough():
    to = Addressee(kind="user", id="ann")
    message = a_message(channel=Channel.IN_APP, status=Status.SENT, to=to)
    decided = rules.read(message, "ann", MONDAY)
    assert decided is not None
    assert rules.read(decided[0], "ann", MONDAY) is None
    with pytest.raises(rules.MessageMissing):
        rules.read(message, "bob", MONDAY)


@pytest.mark.rule("NTF-033")
def test_a_digest_takes_items_until_it_is_sent():
    digest = a_message(kind=Kind.DIGEST, text=MessageText("您好"))
    shown = a_message(id="shown-2", channel=Channel.IN_APP, status=Status.SENT)
    decided = rules.extend(digest, shown, "2 项", "· 催保单")
    assert decided is not None
    longer, _ = decided
    assert (longer.items, longer.subject, longer.text.reveal()) == (2, "2 项", "您好\n\n· 催保单")
    assert rules.extend(longer.but(status=Status.SENT), shown, "3", "x") is None, "it stands there already"
    with pytest.raises(IllegalMove):
        rules.extend(digest.but(status=Status.SENT), shown, "2", "x")


def test_every_kind_of_message_has_a_text_in_both_languages_with_the_same_names():
    assert set(templates()) == {str(kind) for kind in Kind} | {"digest_item", ADDRESSEE}
    for kind, told in templates().items():
        assert set(told) == set(LANGUAGES), kind
        if kind != ADDRESSEE:
            assert names_in(told["zh"]["body"]) == names_in(told["en"]["body"]), kind
            assert names_in(told["zh"]["subject"]) == names_in(told["en"]["subject"]), kind


def test_a_template_reaches_into_no_value():
    assert filled("{name}", {"name": "{secret} {0.__class__}"}) == "{secret} {0.__class__}"
    assert filled("{name.sealed} {0}", {"name": "x"}) == "{name.sealed} {0}"
    with pytest.raises(KeyError):
        written("document", "zh", title="x")


@given(st.text(max_size=200))
def test_a_filled_in_value_is_one_line(text: str):
    line = one_line(text)
    assert line.splitlines() in ([], [line])


def test_instants_are_told_in_the_company_s_zone():
    assert when(shanghai("2026-03-16 23:59:59.999"), "zh") == "2026年3月16日 23:59"
    assert when(shanghai("2026-03-16 23:59:59.999"), "en") == "16 March 2026, 23:59"


@pytest.mark.parametrize("address", ["li.ming@example.com.", "zhang..san@qq.com", "张三@example.cn", "a[b@x.com"])
def test_an_address_that_no_mail_can_carry_is_given_up_at_once(address: str):
    to = Addressee(kind="client", id="cli-1", address=EmailAddress(address))
    with pytest.raises(NotDelivered) as refused:
        built(a_message(to=to), [], SETTINGS, MONDAY)
    assert refused.value.for_good
    assert address not in refused.value.reason


def test_a_server_s_words_are_kept_without_the_addresses_that_it_repeats():
    address = EmailAddress("zhang.san@client.cn")
    postfix = "550 5.1.1 <zhang.san@client.cn>: Recipient address rejected: User unknown in table"
    assert without_addresses(postfix, address) == postfix.replace("zhang.san@", "z***@")
    assert without_addresses("550 No such user Zhang.San here", address) == "550 No such user Z*** here"
    assert without_addresses("451 4.7.1 <list-owner@other.cn> is greylisted", address).endswith(
        "<l***@other.cn> is greylisted"
    )
    assert len(without_addresses("x" * 2000, address)) == 500


def test_a_mail_carries_chinese_subject_name_text_and_attachment():
    raw = bytes(built(a_message(), [("保险建议书 第1版.pdf", "application/pdf", PDF)], SETTINGS, MONDAY))
    assert raw.isascii()
    assert b"filename*0*=utf-8''%E4%BF%9D" in raw
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Subject"] == "保险建议书"
    assert mail["To"].addresses[0].display_name == "王芳"
    assert mail["Message-ID"] == "<msg-1@baoqiao.example>"
    assert mail["Date"].datetime == MONDAY
    body, attachment = mail.iter_parts()
    assert body.get_content().strip() == "尊敬的王芳:"
    assert (attachment.get_filename(), attachment.get_content()) == ("保险建议书 第1版.pdf", PDF)


def test_a_long_subject_in_two_scripts_arrives_as_it_was():
    subject = "保险建议书 第2版 Property All Risks 深圳市南山华宇精密电子制造有限公司 Shenzhen Huayu Ltd. 财产一切险"
    mail = message_from_bytes(bytes(built(a_message(subject=subject), [], SETTINGS, MONDAY)), policy=policy.default)
    assert mail["Subject"] == subject


@given(st.text(min_size=1, max_size=60), PRINTABLE.filter(str.strip))
def test_no_text_adds_a_header_or_a_recipient(subject: str, name: str):
    to = Addressee(kind="client", id="c", name=PersonName(name), address=EmailAddress("a@b.example"))
    raw = bytes(built(a_message(subject=subject, to=to), [], SETTINGS, MONDAY))
    mail = message_from_bytes(raw, policy=policy.default)
    assert sorted(key.lower() for key in mail) == sorted(TOP + CONTENT)
    assert [address.addr_spec for address in mail["To"].addresses] == ["a@b.example"]


@pytest.mark.parametrize("subject", ["x\r\nBcc: evil@b.example", "x\nBcc: evil@b.example", "x\u2028Bcc: e@b.example"])
def test_a_line_break_in_a_subject_stays_within_it(subject: str):
    mail = message_from_bytes(bytes(built(a_message(subject=subject), [], SETTINGS, MONDAY)), policy=policy.default)
    assert mail["Bcc"] is None
    assert "Bcc:" in mail["Subject"]


@pytest.mark.parametrize(
    "name", ["x\r\nBcc: evil@b.example", "x\n\n<html>", 'x"; filename="y.exe', "报价\u2028Bcc: e@b.example"]
)
def test_a_file_s_name_adds_nothing_to_its_mail(name: str):
    raw = bytes(built(a_message(), [(name, "application/pdf", PDF)], SETTINGS, MONDAY))
    mail = message_from_bytes(raw, policy=policy.default)
    [attachment] = mail.iter_attachments()
    assert mail["Bcc"] is None
    assert sorted(attachment) == ["Content-Disposition", "Content-Transfer-Encoding", "Content-Type", "MIME-Version"]
    assert attachment.get_content_disposition() == "attachment"


def test_markup_in_a_mail_is_plain_text():
    text = MessageText("<a href='http://evil.example'>续保</a>\n.\nQUIT")
    mail = message_from_bytes(bytes(built(a_message(text=text), [], SETTINGS, MONDAY)), policy=policy.default)
    assert [part.get_content_type() for part in mail.walk()] == ["text/plain"]
    assert mail.get_content().splitlines() == text.reveal().splitlines()
