"""A mail server that answers every step in time, and never comes to an end."""

import asyncio
from collections.abc import AsyncIterator
from email.message import EmailMessage

import pytest

from deploy.local import HOST
from services.notifications.messages import mail, store
from services.notifications.messages.mail import MailServer, MailSettings, NotDelivered, ServerAway

STEP_SECONDS = 0.2
STEPS = 4  # MAIL, RCPT, DATA and the mail itself


@pytest.fixture
async def slow_port() -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 slow\r\n")
        while line := await reader.readline():
            if line.startswith(b"EHLO"):
                writer.write(b"250 slow\r\n")
                continue
            await asyncio.sleep(STEP_SECONDS)
            writer.write(b"354 go on\r\n" if line == b"DATA\r\n" else b"250 taken\r\n")
        writer.close()

    server = await asyncio.start_server(answer, HOST, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def a_mail() -> EmailMessage:
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = "b@baoqiao.example", "c@client.example", "保单"
    return written


async def test_a_mail_that_takes_too_long_as_a_whole_is_not_delivered(slow_port: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mail, "SEND_SECONDS", STEP_SECONDS * STEPS / 2)
    async with MailServer(MailSettings(smtp_port=slow_port)) as server:
        with pytest.raises(NotDelivered, match="TimeoutError") as refused:
            await server.take(a_mail(), "c@client.example")
    assert not isinstance(refused.value, ServerAway)
    assert not refused.value.for_good


async def test_a_server_that_does_not_greet_is_away(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mail, "CONNECT_SECONDS", STEP_SECONDS)
    silent = await asyncio.start_server(lambda _, __: None, HOST, 0)
    async with silent, MailServer(MailSettings(smtp_port=silent.sockets[0].getsockname()[1])) as server:
        with pytest.raises(ServerAway):
            await server.take(a_mail(), "c@client.example")


def test_a_claim_lasts_longer_than_a_mail_can_be_in_hand():
    assert store.CLAIM_SECONDS > mail.CONNECT_SECONDS + mail.SEND_SECONDS + 20
