"""A message as an e-mail, and its hand-over to the mail server by SMTP.

Promises: a mail's Message-ID is derived from the message, so that a receiver can drop a second copy; what the server
answered is kept as proof with the state. Does not promise: exactly one copy. When the process dies after the server
took a mail and before that is written down, the mail is sent once more after the claim has lapsed: at most one in doubt
for each crash.
"""

import asyncio
import re
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from types import TracebackType
from typing import Annotated, Literal, Self

import aiosmtplib
from pydantic import Field, FilePath
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.clock import COMPANY_ZONE
from chassis.settings import Secret, Unit
from contracts.personal import EmailAddress
from services.notifications.messages.model import Message
from services.notifications.wording import one_line

CONNECT_SECONDS = 15.0
SEND_SECONDS = 30.0
"""Of all steps together, so that a mail is sent or not long before its claim lapses."""
PERMANENT = range(500, 600)
PROOF_LENGTH = 500
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")


class MailSettings(BaseSettings):
    """How notifications reaches the mail server."""

    model_config = SettingsConfigDict(env_prefix="BAOQIAO_", frozen=True, use_attribute_docstrings=True)

    smtp_host: Annotated[str, Field(min_length=1), Unit("host")] = "127.0.0.1"
    """The mail server."""
    smtp_port: Annotated[int, Field(ge=1, le=65535), Unit("port")] = 2525
    """Its port."""
    smtp_user: Annotated[str, Unit("text")] = ""
    """Who signs in at it; empty: nobody."""
    smtp_password_file: Annotated[FilePath | None, Unit("file"), Secret()] = None
    """Where the password of `BAOQIAO_SMTP_USER` stands; read anew for each connection."""
    smtp_tls: Annotated[Literal["when_offered", "starttls", "from_start", "never"], Unit("one of these")] = (
        "when_offered"
    )
    """When the connection is encrypted: if the server offers it, always by STARTTLS, from the first byte, never."""
    mail_from: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$"), Unit("e-mail address")] = "baoqiao@localhost"
    """The sender of all mail; its domain names us to the server and stands in Message-IDs."""

    @property
    def domain(self) -> str:
        """The sender's domain, which names us to the server and in Message-IDs."""
        return self.mail_from.partition("@")[2]


class NotDelivered(Exception):
    """The server did not take a mail. `for_good`: it never will."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.for_good = reason, for_good


class ServerAway(NotDelivered):
    """The mail server cannot be reached."""


def without_addresses(answer: str, address: EmailAddress) -> str:
    """A server's words as they may be kept and shown: short, and with the addresses that it repeats masked."""
    masked = _ADDRESS.sub(lambda found: EmailAddress.mask(found[0]), one_line(answer))
    name = address.reveal().partition("@")[0]
    repeated = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    return repeated.sub(lambda found: f"{found[0][:1]}***", masked)[:PROOF_LENGTH]


def built(message: Message, files: list[tuple[str, str, bytes]], settings: MailSettings, now: datetime) -> EmailMessage:
    """The mail of a message, with its attachments as (name, media type, bytes).

    Raises NotDelivered for an address that no mail can carry.
    """
    assert message.to.address is not None
    mail = EmailMessage(policy=WIRE)
    mail["Message-ID"] = f"<{message.id}@{settings.domain}>"
    mail["Date"] = format_datetime(now.astimezone(COMPANY_ZONE))
    mail["From"] = settings.mail_from
    name = one_line(message.to.name.reveal()) if message.to.name else ""
    try:
        mail["To"] = Address(display_name=name, addr_spec=message.to.address.reveal())
    except (ValueError, MessageError) as error:
        raise NotDelivered("not an e-mail address", for_good=True) from error
    mail["Subject"] = one_line(message.subject)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text.reveal(), cte="base64")
    mail["Content-Language"] = "zh-CN" if message.language == "zh" else message.language
    for file_name, media_type, content in files:
        main, _, sub = media_type.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=one_line(file_name))
    return mail


class MailServer:
    """One connection, opened by the first mail and closed at the end of the `async with`."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._client: aiosmtplib.SMTP | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close()

    async def take(self, mail: EmailMessage, address: str) -> str:
        """Hand a mail over; gives the server's answer. Raises NotDelivered, ServerAway when it is out of reach."""
        client = await self._connected()
        try:
            async with asyncio.timeout(SEND_SECONDS):
                _, answer = await client.send_message(mail, sender=self._settings.mail_from, recipients=[address])
        except aiosmtplib.SMTPRecipientsRefused as refused:
            first = refused.recipients[0]
            raise NotDelivered(f"{first.code} {first.message}", for_good=first.code in PERMANENT) from refused
        except aiosmtplib.SMTPDataError as refused:
            raise NotDelivered(f"{refused.code} {refused.message}", for_good=refused.code in PERMANENT) from refused
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            raise NotDelivered(f"{type(error).__name__}: {error}") from error
        return f"{self._settings.smtp_host}: 250 {answer}"

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        told = self._settings
        secret = told.smtp_password_file.read_text().strip() if told.smtp_password_file else None
        client = aiosmtplib.SMTP(
            hostname=told.smtp_host,
            port=told.smtp_port,
            username=told.smtp_user or None,
            password=secret,
            local_hostname=told.domain,
            timeout=SEND_SECONDS,
            use_tls=told.smtp_tls == "from_start",
            start_tls={"starttls": True, "never": False}.get(told.smtp_tls),
        )
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise ServerAway(f"{type(error).__name__}: {error}") from error
        self._client = client
        return client
